/** Payees and vouchers of a group are counted in 16 bits (spec §7.3). */
export const MAX_U16 = 0xffff;

/** Bytes of one voucher in a payload: counter 4, amount 6, context 20, r 32, s with the parity 32. */
export const VOUCHER_BYTES = 94;

/** Bytes before a group's vouchers: payee index 2, card 20, count 2. */
export const GROUP_HEAD_BYTES = 24;

/** Bytes before the payees: batch root 32, ledger root 32, count 2. */
export const PAYLOAD_HEAD_BYTES = 66;

/**
 * Most vouchers in one payload. A transaction may use 16,777,216 gas (EIP-7825) and the plain vault needs up to about 43,000
 * for a voucher of a new payee; the bound only keeps a mistake from building a payload of megabytes.
 */
export const MAX_PAYLOAD_VOUCHERS = 10_000;

/** Counters that the packed vault keeps in a card's word, above its base (spec §7.7). */
export const WINDOW_COUNTERS = 120;

/** Counters above base that may be used before the packed vault's hot loop raises base: the others of the window are its far part. */
export const LAZY_COUNTERS = 20;

/** Words of unpaid counters that one item may write in `settle`; with more to write it is skipped as ADVANCE (spec §7.7). */
export const GAP_WORDS_AN_ITEM = 2;

/** Blocks that are asked for in one call for logs; public nodes refuse wide ranges. */
export const LOG_RANGE_BLOCKS = 2_000n;

/** Times that a view of the newest blocks is read anew when the chain moves meanwhile, before a pass gives up. */
export const VIEW_ATTEMPTS = 5;
