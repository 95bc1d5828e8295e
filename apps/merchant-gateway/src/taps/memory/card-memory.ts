import {
  cardTag,
  equalBytes,
  instanceAid,
  rebuildSelectAnswer,
  type SelectAnswer,
  type ShortSelectAnswer,
  toHex,
  verifyAllowance,
} from "@tallystick/protocol";
import { MAX_UNANSWERED_CARDS, MAX_UNANSWERED_TAPS, MAX_UNSERVED_CARDS } from "../limits.ts";
import type { KnownCard } from "../../journal/knowledge/known-card-store.ts";
import type { CardMemory, SelectedCard } from "../../reader/select-card.ts";
import type { TapEngineParts } from "../sale.ts";

type MemoryParts = Pick<TapEngineParts, "journal" | "policies" | "signatures">;

/**
 * What one lane asks cards by, and what the terminal's journal remembers of them (spec §5.16). What is
 * remembered may be lost, old or false: it is judged here like what a card shows, and forgotten where
 * it fails.
 */
export class LaneMemory implements CardMemory {
  private readonly parts: MemoryParts;
  /** Cards in a row that were asked in the short form, and that it did not serve. */
  private unserved = 0;
  /** By cardTag: taps in a row in which a card left the short SELECT without an answer. */
  private readonly unanswered = new Map<string, number>();

  constructor(parts: MemoryParts) {
    this.parts = parts;
  }

  asksShort(): boolean {
    return this.unserved < MAX_UNSERVED_CARDS && this.parts.journal.knownCards.anyHasShortForms();
  }

  recall(short: ShortSelectAnswer, instance: number): SelectAnswer | null {
    const known = this.parts.journal.knownCards.of(short.cardTag);
    if (known === null || known.inDoubt) return null;
    if (this.isTrue(known, short.cardTag)) return rebuildSelectAnswer(short, { ...known, aid: instanceAid(instance) });
    const { journal } = this.parts;
    journal.write(() => {
      journal.knownCards.forget(known.domainBytes, short.cardTag);
    });
    return null;
  }

  met(card: SelectedCard | null): void {
    const wasAsked = card?.short !== "unasked";
    if (card?.short === "served" || (card?.short === "unasked" && this.wouldServe(card.select))) this.unserved = 0;
    else if (wasAsked) this.unserved += 1;
    if (card?.short === "unanswered") this.leftUnanswered(card.select);
    else if (card !== null && wasAsked) this.unanswered.delete(toHex(card.select.cardTag));
  }

  /** A card that leaves the short SELECT without an answer again counts as one without the short forms. */
  private leftUnanswered({ cardTag: tag, cardKey }: SelectAnswer): void {
    const name = toHex(tag);
    const taps = (this.unanswered.get(name) ?? 0) + 1;
    this.unanswered.delete(name);
    const { journal } = this.parts;
    const known = journal.knownCards.of(tag);
    if (known === null || !equalBytes(known.cardKey, cardKey)) return;
    if (taps >= MAX_UNANSWERED_TAPS) {
      journal.write(() => {
        journal.knownCards.learn(known.domainBytes, tag, "lacks");
      });
      return;
    }
    const [oldest] = this.unanswered.keys();
    if (oldest !== undefined && this.unanswered.size >= MAX_UNANSWERED_CARDS) this.unanswered.delete(oldest);
    this.unanswered.set(name, taps);
  }

  private wouldServe({ cardTag: tag, cardKey, allowanceBody }: SelectAnswer): boolean {
    const known = this.parts.journal.knownCards.of(tag);
    if (known === null || known.inDoubt || known.shortForms !== "has") return false;
    return known.allowanceBody.seq === allowanceBody.seq && equalBytes(known.cardKey, cardKey);
  }

  /** Rules 1 and 2 of spec §5.4 on what is remembered; of a domain that is served no more, nothing is true. */
  private isTrue(known: KnownCard, tag: Uint8Array): boolean {
    const { policies, signatures } = this.parts;
    const { domainBytes, cardKey, allowanceBody: body, allowanceSignature: signature } = known;
    const policy = policies.all().find(({ served }) => equalBytes(served.domainBytes, domainBytes));
    if (policy === undefined) return false;
    const { domain } = policy.served;
    if (!equalBytes(cardTag(domain, cardKey), tag)) return false;
    return verifyAllowance({ domain, cardKey, body, signature }, policies.issuerKeys, signatures).ok;
  }
}
