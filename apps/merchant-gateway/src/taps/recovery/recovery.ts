import { READ_BACKS_PER_TAP } from "../../limits.ts";
import type { TapCard } from "../../reader/tap-card.ts";
import { meetCardRequirements, type RequirementsOutcome } from "../card-requirements.ts";
import type { Chosen } from "../choose-instance.ts";
import { decide, requirementInput } from "../decision.ts";
import { payStep } from "../pay-step.ts";
import { turnAway } from "../refusals.ts";
import type { Sale, TapEngineParts } from "../sale.ts";
import { readBack } from "../signed-voucher.ts";
import { type IntendedRecord, isIntended } from "../tap-journal.ts";
import type { TapMaintenance } from "../tap-maintenance.ts";
import { type TapCode, type TapView, viewOf } from "../tap-result.ts";

export type RecoveryParts = TapEngineParts & { readonly maintenance: TapMaintenance };

/**
 * What recovery brought: earlier taps as they are now, and the sale's own answer where that settles
 * it or the card has gone.
 */
export interface Recovery {
  readonly resolved: readonly TapView[];
  readonly end: TapView | null;
}

/** A tap ready to be sent again; or why it never is; or what its card still requires. */
type Renewal =
  | IntendedRecord
  | { readonly refusal: TapCode }
  | { readonly unmet: RequirementsOutcome & { readonly ok: false } };

/** The card, and the instance of it that is selected. */
export interface AtCard {
  readonly card: TapCard;
  readonly chosen: Chosen;
}

/**
 * Finds out what became of the open taps of the selected instance (spec §5.3), before it pays
 * anything new. The sale of another tap is closed first: its PAY is never sent below its counter
 * any more.
 */
export async function recover(parts: RecoveryParts, sale: Sale, at: AtCard): Promise<Recovery> {
  closeOther(parts, sale);
  const resolved: TapView[] = [];
  for (const tap of openTaps(parts, at)) {
    const { end, after } = await holding(parts, tap, () => recoverOne(parts, sale, at, tap));
    if (after !== null) resolved.push(after);
    if (end !== null) return { resolved, end };
  }
  return { resolved, end: await readBackAll(parts, sale, at) };
}

/** A copy whose first instance lies may be at another lane, which finds out by itself. */
function openTaps({ journal, work }: TapEngineParts, { chosen }: AtCard): readonly IntendedRecord[] {
  return journal.taps
    .unresolvedOf(chosen.policy.served.domainBytes, chosen.select.cardKey)
    .filter(isIntended)
    .filter(({ id }) => !work.holds(id));
}

/** While the card is asked about a tap, no other lane and no cashier closes it. */
async function holding<T>({ work }: TapEngineParts, { id }: IntendedRecord, ask: () => Promise<T>): Promise<T> {
  work.hold(id);
  try {
    return await ask();
  } finally {
    work.letGo(id);
  }
}

/**
 * One open tap: asked again, sent again, or reversed. `after` is the tap where it is resolved,
 * `end` the sale's answer.
 */
async function recoverOne(
  parts: RecoveryParts,
  sale: Sale,
  at: AtCard,
  found: IntendedRecord,
): Promise<{ readonly after: TapView | null; readonly end: TapView | null }> {
  const { clock, policies, maintenance } = parts;
  const { card, chosen } = at;
  const { select } = chosen;
  const own = sale.open !== null && found.id === sale.open.id;
  const reads = select.counter >= found.intent.counter;
  // Yesterday's torn tap must not debit today: it is never sent again, and the terminal reverses it
  // (spec §5.3).
  if (!reads && !own) return { after: maintenance.close(found, "TAP_CANCELLED"), end: null };
  const tap = reads ? found : await renew(parts, sale, found, at);
  if ("refusal" in tap) return { after: null, end: { ...maintenance.close(found, tap.refusal), apdus: card.apdus } };
  if ("unmet" in tap)
    return { after: null, end: turnAway(parts, sale, tap.unmet.code, { sw: tap.unmet.sw, apdus: card.apdus }) };
  const apdusBefore = own ? (reads ? chosen.apdus : card.apdus) : 0;
  const { freshness } = policies;
  const shown = { shownCounter: select.counter, apdusBefore, now: clock.now(), freshness };
  const after = await payStep(parts, { card, tap, instance: chosen.instance, form: "long", ...shown });
  const view = { ...viewOf(after), apdus: apdusBefore + 1 };
  if (own && after.code !== "NOTHING_HAPPENED") return { after: null, end: view };
  const resolved = after.state === "unresolved" ? null : view;
  // Another tap of this very sale, which the terminal had closed, turns out to be paid: that is the
  // answer.
  if (after.saleId === sale.saleId && after.state === "accepted") return { after: resolved, end: view };
  const gone = after.code === "TAP_TORN";
  return { after: resolved, end: gone ? turnAway(parts, sale, "TAP_TORN", { apdus: card.apdus }) : null };
}

/**
 * The SELECT below the intent's counter is journalled before PAY is sent again, and the decision is
 * made again.
 */
async function renew(parts: TapEngineParts, sale: Sale, tap: IntendedRecord, at: AtCard): Promise<Renewal> {
  const { journal, clock } = parts;
  const { policy, select, bytes } = at.chosen;
  const decision = decide(parts, policy, select, {
    amount: sale.request.amount,
    now: clock.now(),
    again: tap.id,
  });
  // A card's counter never goes back, so one that shows less than it showed at the intent lies.
  const code = select.counter < tap.intent.counter - 1 ? "COUNTER_MISMATCH" : decision.ok ? null : decision.reason;
  if (code !== null) return { refusal: code };
  const requirements = await meetCardRequirements(
    at.card,
    at.chosen,
    requirementInput(parts, sale, tap.intent.request),
  );
  if (!requirements.ok) return { unmet: requirements };
  const fresh = { selectAnswer: bytes, pinVerified: requirements.pinVerified };
  journal.write(() => {
    journal.taps.renew(tap, fresh, clock.now());
  });
  return { ...tap, intent: { ...tap.intent, ...fresh } };
}

/**
 * Asks the card about taps that were reversed before it could say whether it paid; answers the
 * sale's end where the card has gone.
 */
async function readBackAll(parts: TapEngineParts, sale: Sale, { card, chosen }: AtCard): Promise<TapView | null> {
  const { journal, clock } = parts;
  const { policy, select } = chosen;
  const { domainBytes } = policy.served;
  const { cardKey, counter } = select;
  for (const tap of journal.taps.toReadBack({ domainBytes, cardKey, counter }, READ_BACKS_PER_TAP).filter(isIntended)) {
    if (!(await readBack(parts, { card, tap, select, now: clock.now() })))
      return turnAway(parts, sale, "TAP_TORN", { apdus: card.apdus });
  }
  return null;
}

/** Another sale has begun, so the open one's PAY must not be sent below its counter any more. */
function closeOther({ journal, clock, lane }: TapEngineParts, sale: Sale): void {
  const open = journal.taps.openSale(lane);
  if (open === null || open.id === sale.open?.id) return;
  journal.write(() => {
    journal.taps.closeSale(open, clock.now());
  });
}
