import {
  cardTag,
  equalBytes,
  instanceAid,
  rebuildSelectAnswer,
  type SelectAnswer,
  type ShortSelectAnswer,
  verifyAllowance,
} from "@tallystick/protocol";
import { MAX_UNSERVED_CARDS } from "../limits.ts";
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

  constructor(parts: MemoryParts) {
    this.parts = parts;
  }

  asksShort(): boolean {
    return this.unserved < MAX_UNSERVED_CARDS && this.parts.journal.knownCards.anyHasShortForms();
  }

  recall(short: ShortSelectAnswer, instance: number): SelectAnswer | null {
    const known = this.parts.journal.knownCards.of(short.cardTag);
    if (known === null || known.inDoubt) return null;
    const select = rebuildSelectAnswer(short, { ...known, aid: instanceAid(instance) });
    if (select === null || this.isTrue(known.domainBytes, select)) return select;
    const { journal } = this.parts;
    journal.write(() => {
      journal.knownCards.forget(known.domainBytes, short.cardTag);
    });
    return null;
  }

  met({ short, select }: SelectedCard): void {
    const wasAsked = short !== "unasked";
    if (short === "served" || (!wasAsked && this.wouldServe(select))) this.unserved = 0;
    else if (wasAsked) this.unserved += 1;
  }

  private wouldServe({ cardTag: tag, cardKey, allowanceBody }: SelectAnswer): boolean {
    const known = this.parts.journal.knownCards.of(tag);
    if (known === null || known.inDoubt || known.shortForms !== "has") return false;
    return known.allowanceBody.seq === allowanceBody.seq && equalBytes(known.cardKey, cardKey);
  }

  /** Rules 1 and 2 of spec §5.4 on what is remembered; of a domain that is served no more, nothing is true. */
  private isTrue(domainBytes: Uint8Array, { cardTag: tag, ...select }: SelectAnswer): boolean {
    const { policies, signatures } = this.parts;
    const policy = policies.all().find(({ served }) => equalBytes(served.domainBytes, domainBytes));
    if (policy === undefined) return false;
    const { domain } = policy.served;
    const { cardKey, allowanceBody: body, allowanceSignature: signature } = select;
    if (!equalBytes(cardTag(domain, cardKey), tag)) return false;
    return verifyAllowance({ domain, cardKey, body, signature }, policies.issuerKeys, signatures).ok;
  }
}
