import type { Domain } from "@tallystick/protocol";
import {
  type BatchVoucher,
  buildBatchPayload,
  estimateSettleGas,
  type RecoverSigner,
  type SimulatedItem,
  type SimulatedSettlement,
  simulateSettle,
  type SkipReason,
  type VaultState,
  WINDOW_COUNTERS,
} from "@tallystick/vault";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** A voucher that waits for a batch. An insisted one is taken whatever the simulation shows. */
export interface Candidate extends BatchVoucher {
  readonly insisted: boolean;
}

export interface PlanRequest {
  readonly state: VaultState;
  readonly domain: Domain;
  /** In the order in which they came; the first that fit are taken. */
  readonly candidates: readonly Candidate[];
  /** What settling the batch may use at most; one voucher is taken whatever it uses. */
  readonly maxGas: bigint;
  readonly recover: RecoverSigner;
}

/**
 * An `advance` that must come before the batch. `after` is the one that must come before it, by its
 * place in the list.
 */
export interface PlannedAdvance {
  readonly candidate: number;
  readonly words: number;
  readonly after: number | null;
}

/**
 * Every candidate is chosen, left out, or waits for the next batch because this one is full.
 * Numbers are places in `candidates`.
 */
export interface BatchPlan {
  readonly chosen: readonly number[];
  readonly leftOut: readonly { readonly candidate: number; readonly reason: SkipReason }[];
  readonly advances: readonly PlannedAdvance[];
  /** An upper bound of the gas that settling the chosen ones uses; 0n when there is none. */
  readonly gasEstimate: bigint;
}

/**
 * Simulates the candidates as one payload, leaves out what the vault would skip, plans an `advance`
 * where that is all that is missing, and takes as many as the gas allows. It decides only what is
 * sent; the vault decides what is paid.
 */
export function planBatch(request: PlanRequest): BatchPlan {
  const sorted = sortOut(request);
  const { state, leftOut } = sorted;
  let { chosen } = sorted;
  let gasEstimate = 0n;
  while (chosen.length > 0) {
    const { simulated, payload } = simulate(request, state, chosen);
    gasEstimate = estimateSettleGas(payload, simulated, state);
    if (gasEstimate <= request.maxGas || chosen.length === 1) break;
    const fitting = Math.floor((chosen.length * Number(request.maxGas)) / Number(gasEstimate));
    chosen = chosen.slice(0, Math.max(1, Math.min(fitting, chosen.length - 1)));
  }
  return { chosen, leftOut, advances: advancesFor(request, sorted.advances, chosen), gasEstimate };
}

interface Sorted {
  /** With the advances done. */
  readonly state: VaultState;
  readonly chosen: readonly number[];
  readonly leftOut: readonly { readonly candidate: number; readonly reason: SkipReason }[];
  readonly advances: readonly PlannedAdvance[];
}

/**
 * Simulates again after each advance: what it lets through may let others through, or use up what
 * they needed.
 */
function sortOut(request: PlanRequest): Sorted {
  const state = request.state.fork();
  const advances: PlannedAdvance[] = [];
  const leftOut: { candidate: number; reason: SkipReason }[] = [];
  let chosen = request.candidates.map((_, candidate) => candidate);
  for (;;) {
    const { simulated, order } = simulate(request, state, chosen);
    const skipped = simulated.items.flatMap((item, place) => {
      const candidate = chosen[order[place] ?? 0] ?? 0;
      const insisted = request.candidates[candidate]?.insisted === true;
      return item.skipped === null || insisted ? [] : [{ candidate, reason: item.skipped, item }];
    });
    if (skipped.length === 0) {
      leftOut.sort((left, right) => left.candidate - right.candidate);
      return { state, chosen, leftOut, advances };
    }
    const out = skipped.filter(({ reason, item }) => {
      if (reason !== "ADVANCE_NEEDED" || advances.length >= LIMITS.batchAdvances) return true;
      return wordsBefore(state, item) > LIMITS.advanceWords;
    });
    leftOut.push(...out.map(({ candidate, reason }) => ({ candidate, reason })));
    const gone = new Set(out.map(({ candidate }) => candidate));
    const first = skipped.find(({ candidate }) => !gone.has(candidate));
    if (first !== undefined) advances.push(advance(state, first, { request, advances }));
    chosen = chosen.filter((candidate) => !gone.has(candidate));
  }
}

/** Slides the card's window as `advance` will, and returns the call that this needs. */
function advance(
  state: VaultState,
  { candidate, item }: { readonly candidate: number; readonly item: SimulatedItem },
  { request, advances }: { readonly request: PlanRequest; readonly advances: readonly PlannedAdvance[] },
): PlannedAdvance {
  const words = wordsBefore(state, item);
  const { card, counter } = item.item;
  const earlier = advances.findLastIndex(({ candidate: other }) =>
    Buffer.from(request.candidates[other]?.card ?? []).equals(card),
  );
  state.editCard(card).counters.slide(counter - WINDOW_COUNTERS);
  return { candidate, words, after: earlier < 0 ? null : earlier };
}

/**
 * Words of unpaid counters before an item's; counts no further than one more than may be written
 * for it.
 */
function wordsBefore(state: VaultState, { item }: SimulatedItem): number {
  return state.card(item.card)?.counters.gapWords(item.counter, LIMITS.advanceWords) ?? 0;
}

/** Without those of cards of which nothing is chosen. */
function advancesFor(
  { candidates }: PlanRequest,
  advances: readonly PlannedAdvance[],
  chosen: readonly number[],
): readonly PlannedAdvance[] {
  const cardOf = (candidate: number): string => Buffer.from(candidates[candidate]?.card ?? []).toString("hex");
  const cards = new Set(chosen.map(cardOf));
  const kept = advances.flatMap((advance, place) => (cards.has(cardOf(advance.candidate)) ? [place] : []));
  return kept.map((place) => {
    const { candidate, words, after } = advances[place] ?? { candidate: 0, words: 0, after: null };
    return { candidate, words, after: after === null ? null : kept.indexOf(after) };
  });
}

/** Roots that cost as much gas as any: the true ones are computed when the batch is stored. */
const ROOT = new Uint8Array(32).fill(0xff);

function simulate(
  { candidates, domain, recover }: PlanRequest,
  state: VaultState,
  chosen: readonly number[],
): { readonly simulated: SimulatedSettlement; readonly payload: Uint8Array; readonly order: readonly number[] } {
  const vouchers = chosen.flatMap((candidate) => candidates[candidate] ?? []);
  const { payload, order } = buildBatchPayload({ batchRoot: ROOT, ledgerRoot: ROOT, vouchers });
  return { payload, order, simulated: simulateSettle({ state, domain, payload, recover }) };
}
