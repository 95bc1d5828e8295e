import { READ_BACKS_PER_TAP } from "../limits.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { Chosen } from "./choose-instance.ts";
import { decide, wishesOf } from "./decision.ts";
import { type IntendedRecord, isIntended, payStep, readBack } from "./pay-step.ts";
import { turnAway } from "./refusals.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import { type Satisfied, satisfyCard } from "./card-requirements.ts";
import { type TapCode, type TapView, viewOf } from "./tap-result.ts";
import type { TapUpkeep } from "./tap-maintenance.ts";

/** What came of clearing up: the taps that were, and the sale's own answer where that settles it or the card has gone. */
export interface ClearedUp {
  readonly resolved: readonly TapView[];
  readonly end: TapView | null;
}

/** A tap ready to be sent again; or why it never is; or what its card still wants. */
type Renewal = IntendedRecord | { readonly refusal: TapCode } | { readonly unmet: Satisfied & { readonly ok: false } };

/** Where a tap stands with the instance that is selected. */
export interface AtCard {
  readonly card: TapCard;
  readonly chosen: Chosen;
}

/**
 * Clears up what the selected instance of a card left open (spec §5.3), before it pays anything new. The sale of another tap is
 * closed first: its PAY is never sent below its counter any more.
 */
export async function clearUp(
  parts: TapEngineParts & { readonly upkeep: TapUpkeep },
  sale: Sale,
  at: AtCard,
): Promise<ClearedUp> {
  closeOther(parts, sale);
  const resolved: TapView[] = [];
  for (const tap of openTaps(parts, at)) {
    const { end, after } = await resolveOne(parts, sale, at, tap);
    if (after !== null) resolved.push(after);
    if (end !== null) return { resolved, end };
  }
  return { resolved, end: await readBackAll(parts, sale, at) };
}

function openTaps({ journal }: TapEngineParts, { chosen }: AtCard): readonly IntendedRecord[] {
  return journal.taps.unresolvedOf(chosen.policy.served.domainBytes, chosen.select.cardKey).filter(isIntended);
}

/** One open tap: asked again, sent again, or given up. `after` is the tap where it is cleared up, `end` the sale's answer. */
async function resolveOne(
  parts: TapEngineParts & { readonly upkeep: TapUpkeep },
  sale: Sale,
  at: AtCard,
  found: IntendedRecord,
): Promise<{ readonly after: TapView | null; readonly end: TapView | null }> {
  const { journal, clock, policies, upkeep } = parts;
  const { card, chosen } = at;
  const { select } = chosen;
  const own = sale.open !== null && found.id === sale.open.id;
  const reads = select.counter >= found.intent.counter;
  // Yesterday's torn tap must not debit today: it is never sent again, and the till gives its word on it (spec §5.3).
  if (!reads && !own) return { after: upkeep.giveUp(found, "TAP_CANCELLED"), end: null };
  const tap = reads ? found : await renew(parts, sale, found, at);
  if ("refusal" in tap) return { after: null, end: { ...upkeep.giveUp(found, tap.refusal), apdus: card.apdus } };
  if ("unmet" in tap)
    return { after: null, end: turnAway(parts, sale, tap.unmet.code, { sw: tap.unmet.sw, apdus: card.apdus }) };
  const apdusBefore = own ? (reads ? chosen.apdus : card.apdus) : 0;
  const { freshness } = policies;
  const shown = { shownCounter: select.counter, apdusBefore, now: clock.now(), freshness };
  const after = await payStep(journal, { card, tap, ...shown });
  const view = { ...viewOf(after), apdus: apdusBefore + 1 };
  if (own && after.code !== "NOTHING_HAPPENED") return { after: null, end: view };
  const cleared = after.state === "unresolved" ? null : view;
  // Another tap of this very sale, whose till had given it up, turns out to be paid: that is the answer.
  if (after.saleId === sale.saleId && after.state === "accepted") return { after: cleared, end: view };
  const gone = after.code === "TAP_TORN";
  return { after: cleared, end: gone ? turnAway(parts, sale, "TAP_TORN", { apdus: card.apdus }) : null };
}

/** The SELECT below the intent's counter is journalled before PAY is sent again, and the decision is made anew. */
async function renew(parts: TapEngineParts, sale: Sale, tap: IntendedRecord, at: AtCard): Promise<Renewal> {
  const { journal, clock } = parts;
  const { policy, select, bytes } = at.chosen;
  const decision = decide(parts, policy, select, sale.request.amount, clock.now());
  // A card's counter never goes back, so one that shows less than it showed at the intent lies.
  const code = select.counter < tap.intent.counter - 1 ? "COUNTER_MISMATCH" : decision.ok ? null : decision.reason;
  if (code !== null) return { refusal: code };
  const satisfied = await satisfyCard(at.card, at.chosen, wishesOf(parts, sale, tap.intent.request));
  if (!satisfied.ok) return { unmet: satisfied };
  const fresh = { selectAnswer: bytes, pinVerified: satisfied.pinVerified };
  journal.write(() => {
    journal.taps.renew(tap, fresh, clock.now());
  });
  return { ...tap, intent: { ...tap.intent, ...fresh } };
}

/** Asks the card about taps that were cancelled before it could say whether it paid; answers the sale's end where the card has gone. */
async function readBackAll(parts: TapEngineParts, sale: Sale, { card, chosen }: AtCard): Promise<TapView | null> {
  const { journal, clock } = parts;
  const { policy, select } = chosen;
  const { domainBytes } = policy.served;
  const { cardKey, counter } = select;
  for (const tap of journal.taps.toReadBack({ domainBytes, cardKey, counter }, READ_BACKS_PER_TAP).filter(isIntended)) {
    if (!(await readBack(journal, { card, tap, now: clock.now() })))
      return turnAway(parts, sale, "TAP_TORN", { apdus: card.apdus });
  }
  return null;
}

/** Another sale has begun, so the open one's PAY must not be sent below its counter any more. */
function closeOther({ journal, clock }: TapEngineParts, sale: Sale): void {
  const open = journal.taps.openSale();
  if (open === null || open.id === sale.open?.id) return;
  journal.write(() => {
    journal.taps.closeSale(open, clock.now());
  });
}
