import { plain } from "../events/blob.ts";

/** Where a voucher is on its way; the journal's table `delivery_state` says what each means. */
export type DeliveryState = "unsent" | "packed" | "taken" | "disputed" | "final";

/**
 * What settlement says of a voucher's end, where something authenticates its answer: `final` at its
 * end, `reversed` without a payment (spec §5.8).
 */
export type ReportedEnd = "final" | "reversed";

/** How a final block shows a voucher's end (spec §5.8). */
export interface ChainOutcome {
  readonly kind: "paid" | "released" | "compensated";
  /** 0x hex. */
  readonly tx: string;
  readonly block: bigint;
}

/** Blocks, both inclusive, that were searched for a voucher's end in vain. */
export interface SearchedBlocks {
  readonly from: bigint;
  readonly to: bigint;
}

/** What a card signed: money until it is final. */
export interface VoucherRecord {
  readonly id: Uint8Array;
  readonly tapId: string;
  readonly domainBytes: Uint8Array;
  readonly cardKey: Uint8Array;
  readonly counter: number;
  /** Units. */
  readonly amount: bigint;
  readonly requestTime: number;
  /** Paid by a software card (assurance class 2). */
  readonly software: boolean;
  /** The terminal gave nothing for it; it is sent all the same, so that its value goes back. */
  readonly reversed: boolean;
  /** The 382 bytes that an upload carries. */
  readonly entry: Uint8Array;
  readonly delivery: DeliveryState;
  readonly uploadSeq: number | null;
  readonly result: string | null;
  readonly resultCode: string | null;
  /** Where settlement says it is; the same of `batch` and `tx`. */
  readonly settlementState: string | null;
  readonly batch: string | null;
  readonly tx: string | null;
  readonly reported: ReportedEnd | null;
  /** Set where it is final. */
  readonly outcome: ChainOutcome | null;
  /** The transaction in which this terminal's own claim paid or released it. */
  readonly claimTx: string | null;
  /** A final transaction that used its counter for another message: the vault never pays it. */
  readonly rivalTx: string | null;
  readonly searched: SearchedBlocks | null;
}

/** A row of the table `voucher`. */
export interface VoucherRow {
  readonly id: Uint8Array;
  readonly tap_id: string;
  readonly domain: Uint8Array;
  readonly card_key: Uint8Array;
  readonly counter: bigint;
  readonly amount: bigint;
  readonly request_time: bigint;
  readonly software: bigint;
  readonly cancelled: bigint;
  readonly entry: Uint8Array;
  readonly delivery: DeliveryState;
  readonly upload_seq: bigint | null;
  readonly result: string | null;
  readonly result_code: string | null;
  readonly settlement_state: string | null;
  readonly batch: string | null;
  readonly tx: string | null;
  readonly reported: ReportedEnd | null;
  readonly outcome: ChainOutcome["kind"] | null;
  readonly outcome_tx: string | null;
  readonly outcome_block: bigint | null;
  readonly claim_tx: string | null;
  readonly rival_tx: string | null;
  readonly searched_from: bigint | null;
  readonly searched_to: bigint | null;
}

/** A voucher from its row. */
export function voucherOf(row: VoucherRow): VoucherRecord {
  return {
    id: plain(row.id),
    tapId: row.tap_id,
    domainBytes: plain(row.domain),
    cardKey: plain(row.card_key),
    counter: Number(row.counter),
    amount: row.amount,
    requestTime: Number(row.request_time),
    software: row.software === 1n,
    reversed: row.cancelled === 1n,
    entry: plain(row.entry),
    delivery: row.delivery,
    uploadSeq: row.upload_seq === null ? null : Number(row.upload_seq),
    result: row.result,
    resultCode: row.result_code,
    settlementState: row.settlement_state,
    batch: row.batch,
    tx: row.tx,
    reported: row.reported,
    outcome: outcomeOf(row),
    claimTx: row.claim_tx,
    rivalTx: row.rival_tx,
    searched:
      row.searched_from === null || row.searched_to === null ? null : { from: row.searched_from, to: row.searched_to },
  };
}

function outcomeOf({ outcome: kind, outcome_tx: tx, outcome_block: block }: VoucherRow): ChainOutcome | null {
  return kind === null || tx === null || block === null ? null : { kind, tx, block };
}
