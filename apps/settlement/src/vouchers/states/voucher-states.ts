/**
 * The life of a voucher in settlement (spec §6.1). A row changes state only along these edges.
 *
 * - `received`: verified, held in the ledger, waits for a batch.
 * - `batched`: in a batch that is not final; shown as `mined` once the batch has a receipt.
 * - `final`: paid by the vault in a final block.
 * - `skipped`: the vault cannot pay it now (too little balance), as a final batch or its simulation
 *   shows; payable later.
 * - `forked`: another message with its counter was taken first; waits for the first to become
 *   final.
 * - `cancelled`: its terminal reversed the request (`TLYX`); not batched, and not borne by the
 *   issuer.
 * - `released`: the payee released it on the chain: its counter is used without payment.
 *   `refunded`: it was paid, and the payee has refunded its whole amount to the card; after a part,
 *   it stays `final`.
 * - `compensating`, `compensated`: the issuer pays it by a token transfer, once, keyed by the
 *   voucher's id.
 * - `withheld`: the issuer owes it, and a person decides when it is paid (spec §6.12).
 * - `disputed`: the vault cannot pay it and the issuer did not promise it.
 */
export const VOUCHER_STATES = [
  "received",
  "batched",
  "final",
  "skipped",
  "forked",
  "cancelled",
  "released",
  "refunded",
  "withheld",
  "compensating",
  "compensated",
  "disputed",
] as const;

/** What a skipped voucher waits for that needs more gas alone than the node, or a block, allows. */
export const TOO_DEAR = "GAS_LIMIT";

export type VoucherState = (typeof VOUCHER_STATES)[number];

const edges: Readonly<Record<VoucherState, readonly VoucherState[]>> = {
  // Anyone may hand a voucher to the vault, so every state before payment can become final.
  received: ["batched", "final", "cancelled", "forked", "skipped", "released"],
  batched: ["received", "final", "skipped", "forked", "released"],
  skipped: ["received", "final", "forked", "cancelled", "released", "compensating", "withheld", "disputed"],
  forked: ["received", "final", "cancelled", "released", "compensating", "withheld", "disputed"],
  cancelled: ["final", "released"],
  withheld: ["compensating", "received", "final", "cancelled", "released", "disputed"],
  compensating: ["compensated", "forked", "final"],
  disputed: ["final", "received", "cancelled", "released"],
  final: ["refunded"],
  released: [],
  refunded: [],
  compensated: [],
};

/** States in which a voucher's hold is open. */
export const HELD_STATES: readonly string[] = ["received", "batched", "skipped", "forked", "withheld", "compensating"];

/** States from which this one can be reached. */
export function statesBefore(to: VoucherState): VoucherState[] {
  return VOUCHER_STATES.filter((from) => edges[from].includes(to));
}

/** Throws when the table has no such edge: a fault of the caller. */
export function assertVoucherEdge(from: VoucherState, to: VoucherState): void {
  if (!edges[from].includes(to)) throw new Error(`A voucher cannot go from ${from} to ${to}.`);
}
