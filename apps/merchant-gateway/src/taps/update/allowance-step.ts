import {
  decideUpdate,
  encodeAllowanceBody,
  encodeMailboxEntry,
  equalBytes,
  type MailboxEntry,
  type UpdateDecision,
  verifyAllowance,
} from "@tallystick/protocol";
import type { HeldCard } from "../../reader/card-session.ts";
import { stateProofOf } from "./state-proof.ts";
import { statusWordText } from "../../reader/status-words.ts";
import type { SelectOutcome } from "../../reader/select-card.ts";
import type { TapCard } from "../../reader/tap-card.ts";
import type { Chosen } from "../choose-instance.ts";
import { knowledgeOf } from "../decision.ts";
import type { TapEngineParts } from "../sale.ts";
import type { TapCode } from "../tap-result.ts";

/** The instance of a card that a sale may give a newer allowance. */
export interface AtHeldCard {
  readonly held: HeldCard;
  readonly chosen: Chosen;
}

/** The card after the step. */
export interface AllowanceStep {
  /** As SELECT shows it now. */
  readonly chosen: Chosen;
  /** Why the tap ends here: the card has gone. */
  readonly end: TapCode | null;
  /** Commands sent. */
  readonly apdus: number;
}

/**
 * Gives the card what the terminal carries for it, and selects it again (spec §5.10). Whatever becomes
 * of the update, the sale goes on with what SELECT then shows, durable under the tap's id; it ends only
 * where the card has gone.
 */
export async function allowanceStep(parts: TapEngineParts, at: AtHeldCard, tapId: string): Promise<AllowanceStep> {
  const unchanged: AllowanceStep = { chosen: at.chosen, end: null, apdus: 0 };
  const entry = entryFor(parts, at.chosen);
  if (entry === null) return unchanged;
  const decision = mayUpdate(parts, at.chosen);
  if (!decision.ok || !isOfCard(parts, at.chosen, entry, decision)) return unchanged;
  const { domainBytes } = at.chosen.policy.served;
  const { card } = at.held.session;
  const before = card.apdus;
  const sw = await card.updateAllowance({ body: encodeAllowanceBody(entry.body), signature: entry.signature });
  const again = await selectAgain(at);
  const { card: now } = at.held.session;
  const apdus = (): number => (now === card ? card.apdus - before : card.apdus - before + now.apdus);
  if ("end" in again) return { chosen: at.chosen, end: again.end, apdus: apdus() };
  const { select, bytes } = again.outcome;
  const proof = decision.suspended ? await stateProofOf(parts, now, { domain: decision.domain, select }) : null;
  const taken = select.allowanceBody.seq >= entry.body.seq;
  parts.journal.write(() => {
    const { allowanceUpdates, mailbox, stateProofs } = parts.journal;
    allowanceUpdates.keep(
      {
        ...{ tapId, domainBytes, cardKey: select.cardKey, entry: encodeMailboxEntry(entry) },
        ...{ sw: sw === null ? null : statusWordText(sw), before: at.chosen.bytes, after: bytes },
      },
      parts.clock.now(),
    );
    if (taken) mailbox.drop(domainBytes, entry);
    else if (sw !== null) mailbox.refuse(domainBytes, entry);
    if (proof !== null) stateProofs.keep({ domainBytes, cardKey: select.cardKey, entry: proof });
  });
  return { chosen: { ...at.chosen, select, bytes }, end: null, apdus: apdus() };
}

/** What is carried for a card and newer than what it shows. */
function entryFor({ journal }: TapEngineParts, { policy, select }: Chosen): MailboxEntry | null {
  const { domainBytes } = policy.served;
  const entry = journal.mailbox.of(domainBytes, select.cardTag);
  if (entry === null || entry.body.seq > select.allowanceBody.seq) return entry;
  forget(journal, domainBytes, entry);
  return null;
}

function mayUpdate(parts: TapEngineParts, { policy, select }: Chosen): UpdateDecision {
  if (policy.policy === null) return { ok: false, reason: "CERTIFICATE_NOT_VALID" };
  const known = knowledgeOf(parts, policy.served.domainBytes, select);
  return decideUpdate(policy.policy, known, select, parts.clock.now(), parts.signatures);
}

/** Whether the card's own issuer key signed it for this card; what it did not is forgotten. */
function isOfCard(
  { journal, policies, signatures }: TapEngineParts,
  { policy, select }: Chosen,
  entry: MailboxEntry,
  { domain }: UpdateDecision & { readonly ok: true },
): boolean {
  const { cardKey, allowanceBody } = select;
  const signed = { domain, cardKey, body: entry.body, signature: entry.signature };
  const isOwn =
    entry.body.issuerKeyId === allowanceBody.issuerKeyId && verifyAllowance(signed, policies.issuerKeys, signatures).ok;
  if (!isOwn) forget(journal, policy.served.domainBytes, entry);
  return isOwn;
}

function forget(journal: TapEngineParts["journal"], domainBytes: Uint8Array, entry: MailboxEntry): void {
  journal.write(() => {
    journal.mailbox.drop(domainBytes, entry);
  });
}

type Again = { readonly outcome: SelectOutcome & { readonly kind: "card" } } | { readonly end: TapCode };

/** SELECT of the same instance; over a new connection where the old one is torn. */
async function selectAgain({ held, chosen }: AtHeldCard): Promise<Again> {
  const outcome = (await selectOver(held.session.card, chosen)) ?? (await selectAnew(held, chosen));
  if (outcome === null) return { end: "TORN" };
  if (outcome.kind === "refused") return { end: outcome.code };
  return equalBytes(outcome.select.cardKey, chosen.select.cardKey) ? { outcome } : { end: "CARD_WRONG_CARD" };
}

async function selectOver(card: TapCard, { instance }: Chosen): Promise<SelectOutcome | null> {
  try {
    // The allowance may be another one now, which no memory has.
    return await card.select(instance, "long");
  } catch {
    return null;
  }
}

async function selectAnew(held: HeldCard, chosen: Chosen): Promise<SelectOutcome | null> {
  const session = await held.again();
  if (session === null) return null;
  return chosen.instance === 1 ? session.first : await selectOver(session.card, chosen);
}
