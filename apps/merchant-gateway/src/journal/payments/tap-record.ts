import { plain, plainOrNull } from "../events/blob.ts";
import { stateOf, type StoredState } from "./stored-states.ts";

/** The states of a tap (spec §5.2); the journal's table `tap_state` says which may follow which. */
export const tapStates = ["intent", "unresolved", "accepted", "refused", "expired", "reversed"] as const;
export type TapState = (typeof tapStates)[number];

/** One tap as the journal knows it. Amounts in units, times in seconds. */
export interface TapRecord {
  readonly id: string;
  readonly saleId: string;
  /** The lane whose reader its card lay on last. */
  readonly lane: string;
  /** The customer still stands there: PAY may be sent again to the same card. */
  readonly saleOpen: boolean;
  readonly state: TapState;
  readonly domainBytes: Uint8Array;
  readonly amount: bigint;
  readonly createdAt: number;
  readonly changedAt: number;
  /** What was durable before PAY; all null for a tap that was refused before it. */
  readonly intent: TapIntent | null;
  /** Reason of the last outcome; null when accepted. */
  readonly code: string | null;
  /** Status word of the last PAY in hexadecimal; null when none came. */
  readonly sw: string | null;
  readonly apdus: number;
  /** Compressed card key; null when no card was read. */
  readonly cardKey: Uint8Array | null;
  /** What PAY answered, without its status word. */
  readonly answer: Uint8Array | null;
  readonly voucherId: Uint8Array | null;
  readonly spentBefore: bigint | null;
  readonly spentAfter: bigint | null;
  /** Of a reversed tap: its card has said whether it paid, so nothing is left to ask. */
  readonly readBack: boolean;
}

/** What must be durable before PAY is sent (spec §5.1). */
export interface TapIntent {
  /** The last SELECT answer whose counter was below the intent's. */
  readonly selectAnswer: Uint8Array;
  /** The 67 bytes of PAY. */
  readonly request: Uint8Array;
  readonly counter: number;
  readonly requestTime: number;
  /** The card took the PIN for exactly this request, just before PAY. */
  readonly pinVerified: boolean;
}

/** The columns as SQLite gives them. */
export interface TapRow {
  readonly id: string;
  readonly sale_id: string;
  readonly lane: string;
  readonly sale_open: bigint;
  readonly state: StoredState<TapState>;
  readonly domain: Uint8Array;
  readonly amount: bigint;
  readonly created_at: bigint;
  readonly changed_at: bigint;
  readonly card_key: Uint8Array | null;
  readonly select_answer: Uint8Array | null;
  readonly request: Uint8Array | null;
  readonly counter: bigint | null;
  readonly request_time: bigint | null;
  readonly code: string | null;
  readonly sw: string | null;
  readonly apdus: bigint;
  readonly answer: Uint8Array | null;
  readonly voucher_id: Uint8Array | null;
  readonly spent_before: bigint | null;
  readonly spent_after: bigint | null;
  readonly read_back: bigint;
  readonly pin_verified: bigint;
}

/** A tap from its row. */
export function tapOf(row: TapRow): TapRecord {
  const { select_answer: selectAnswer, request, counter, request_time: requestTime } = row;
  const intent =
    selectAnswer === null || request === null || counter === null || requestTime === null
      ? null
      : {
          selectAnswer: plain(selectAnswer),
          request: plain(request),
          counter: Number(counter),
          requestTime: Number(requestTime),
          pinVerified: row.pin_verified === 1n,
        };
  return {
    id: row.id,
    saleId: row.sale_id,
    lane: row.lane,
    saleOpen: row.sale_open === 1n,
    state: stateOf(row.state),
    domainBytes: plain(row.domain),
    amount: row.amount,
    createdAt: Number(row.created_at),
    changedAt: Number(row.changed_at),
    intent,
    code: row.code,
    sw: row.sw,
    apdus: Number(row.apdus),
    cardKey: plainOrNull(row.card_key),
    answer: plainOrNull(row.answer),
    voucherId: plainOrNull(row.voucher_id),
    spentBefore: row.spent_before,
    spentAfter: row.spent_after,
    readBack: row.read_back === 1n,
  };
}
