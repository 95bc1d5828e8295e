import type { TapIntent, TapRecord } from "../../journal/payments/tap-record.ts";
import { MAX_KNOWN_CARDS } from "../limits.ts";
import type { TapCard } from "../../reader/tap-card.ts";
import type { BeaconCarrier } from "../beacon-carrier.ts";
import { meetCardRequirements } from "../card-requirements.ts";
import type { Chosen } from "../choose-instance.ts";
import { decide, payRequestFor, requirementInput } from "../decision.ts";
import { payStep } from "../pay-step.ts";
import { refuse } from "../refusals.ts";
import type { Sale, TapEngineParts } from "../sale.ts";
import { type IntendedRecord, isIntended, writtenTap } from "../tap-journal.ts";
import { type TapCode, type TapView, viewOf } from "../tap-result.ts";
import { type AllowanceChange, changeOf } from "../../journal/payments/allowance-change.ts";
import { type AllowanceStep, allowanceStep, type AtHeldCard } from "./allowance-step.ts";

/** Refusals that a newer allowance may lift (spec §5.10). */
const atTheCap: ReadonlySet<string | null> = new Set([
  "CARD_SPENDING_CAP",
  "CARD_VALIDITY",
  "CARD_COUNTER_CAP",
  "ALLOWANCE_EXPIRED",
]);

/**
 * A new payment of the selected instance, its open intents resolved: what the terminal carries for the
 * card first, then the decision and PAY. A card that is at its cap is asked for at settlement, and the
 * payment begins anew, once (spec §5.10).
 */
export async function payWithUpdates(
  parts: TapEngineParts,
  beacons: BeaconCarrier,
  sale: Sale,
  at: AtHeldCard,
): Promise<TapView> {
  const first = await payOnce(parts, beacons, sale, { ...at, id: parts.newId() });
  const { select, policy } = first.chosen;
  if (first.view.outcome !== "refused" || !atTheCap.has(first.view.code)) return first.view;
  const asked = { cardTag: select.cardTag, shownSeq: select.allowanceBody.seq };
  if (!(await parts.askNewest(policy.served, asked))) return first.view;
  const chosen = { ...first.chosen, apdus: at.held.session.card.apdus };
  const id = parts.newId();
  const step = await allowanceStep(parts, { ...at, chosen }, id);
  // What settlement named is not this card's, or is not for it now: the refusal stands.
  if (step.apdus === 0) return first.view;
  const { view } = await payOnce(parts, beacons, sale, { ...at, chosen, id, step });
  return { ...view, update: together(first.view.update, view.update) };
}

/** What two updates of one sale changed: the cardholder is told once. */
function together(first: AllowanceChange | null, second: AllowanceChange | null): AllowanceChange | null {
  if (first === null || second === null) return second ?? first;
  const { suspended } = second;
  return { added: first.added + second.added, lowered: first.lowered || second.lowered, suspended };
}

/** One try of a payment, and what the card showed before its PAY. */
interface Tried {
  readonly view: TapView;
  readonly chosen: Chosen;
}

/** The card of one try. */
interface AtTry extends AtHeldCard {
  /** Of the tap. */
  readonly id: string;
  /** What the card was given already. */
  readonly step?: AllowanceStep;
}

async function payOnce(parts: TapEngineParts, beacons: BeaconCarrier, sale: Sale, at: AtTry): Promise<Tried> {
  const { journal, clock } = parts;
  const { id } = at;
  const step = at.step ?? (await allowanceStep(parts, at, id));
  const { chosen } = step;
  const { policy, select } = chosen;
  const { card } = at.held.session;
  const before = card.apdus;
  const sent = (): number => chosen.apdus + step.apdus + card.apdus - before;
  const tried = (tap: TapView): Tried => {
    const update = journal.allowanceUpdates.ofTap(id);
    return { view: { ...tap, update: update === null ? null : changeOf(update) }, chosen };
  };
  if (step.end !== null) return tried(refuse(parts, sale, step.end, { id, chosen, apdus: sent() }));
  const now = clock.now();
  const wish = { amount: sale.request.amount, now, again: null };
  let decision = decide(parts, policy, select, wish);
  // A card may carry a newer beacon of the list that the terminal holds; it is asked only where
  // the sale would end otherwise.
  if (!decision.ok && decision.reason === "STATUS_LIST_TOO_OLD" && (await beacons.takeFrom(card, chosen)))
    decision = decide(parts, policy, select, wish);
  if (!decision.ok) return tried(refuse(parts, sale, decision.reason, { id, chosen, apdus: sent() }));
  const request = payRequestFor(parts, sale, select, now);
  const requirements = await meetCardRequirements(card, chosen, requirementInput(parts, sale, request));
  const apdusBefore = sent();
  if (!requirements.ok)
    return tried(refuse(parts, sale, requirements.code, { id, chosen, sw: requirements.sw, apdus: apdusBefore }));
  sale.request.sale?.onPhase("paying");
  const { pinVerified } = requirements;
  const { shortForms } = at.held;
  const intended = intend(parts, sale, chosen, { id, request, now, pinVerified, shortForms });
  if ("reason" in intended) return tried(refuse(parts, sale, intended.reason, { id, chosen, apdus: apdusBefore }));
  if (!("intent" in intended)) return tried(viewOf(intended.paid));
  const { freshness } = parts.policies;
  const shown = { shownCounter: select.counter, apdusBefore, now, freshness };
  try {
    const form = shortForms === "has" ? "short" : "long";
    const paid = await payStep(parts, { card, tap: intended, instance: chosen.instance, form, ...shown });
    return tried(viewOf(paid));
  } finally {
    parts.work.letGo(id);
  }
}

/** A durable intent; or why there is none: another lane has taken what the limits allowed, or paid the sale. */
type Intended = IntendedRecord | { readonly reason: TapCode } | { readonly paid: TapRecord };

/**
 * Makes the intent durable, with the time (spec §5.1). Since the decision the card was asked, and other
 * lanes sold: in the transaction of the intent it is decided once more (spec §5.13).
 */
function intend(
  parts: TapEngineParts,
  sale: Sale,
  { select, policy, bytes }: Chosen,
  made: Pick<TapIntent, "request" | "pinVerified"> &
    Pick<TapCard, "shortForms"> & { readonly id: string; readonly now: number },
): Intended {
  const { journal, clock, lane, work } = parts;
  const { id, request, now, pinVerified, shortForms } = made;
  return journal.write(() => {
    const known = journal.taps.bySale(sale.saleId);
    if (known?.state === "accepted") return { paid: known };
    const decision = decide(parts, policy, select, { amount: sale.request.amount, now, again: null });
    if (!decision.ok) return { reason: decision.reason };
    clock.of(policy.served.domainBytes).raiseFloor();
    journal.taps.intend({
      ...{ id, saleId: sale.saleId, lane },
      domainBytes: policy.served.domainBytes,
      amount: sale.request.amount,
      cardKey: select.cardKey,
      intent: { selectAnswer: bytes, request, counter: select.counter + 1, requestTime: now, pinVerified },
      spentBefore: select.spent,
      now,
    });
    journal.knownCards.keep(policy.served.domainBytes, select, { shortForms, bound: MAX_KNOWN_CARDS });
    const tap = writtenTap(journal, id);
    if (!isIntended(tap)) throw new Error(`the intent of tap ${id} is not in the journal`);
    work.hold(id);
    return tap;
  });
}
