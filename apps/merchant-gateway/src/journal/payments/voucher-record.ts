import { plain } from "../events/blob.ts";

/** Where a voucher is on its way; the journal's table `delivery_state` says what each means. */
export type DeliveryState = "unsent" | "packed" | "taken" | "disputed" | "final";

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
  readonly settlementState: string | null;
  readonly batch: string | null;
  readonly tx: string | null;
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
  };
}
