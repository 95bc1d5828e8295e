import type { Generated } from "kysely";
import type { Bytes } from "./bytes.ts";

export interface RequestNoncesTable {
  payee: Bytes;
  terminal_id: Bytes;
  nonce: Bytes;
  /** Seconds; until then no request with this nonce is taken again. */
  expires_at: bigint;
  accepted_at: Date;
}

export interface ReturnOrdersTable {
  /** SHA-256 of `TLYF` or `TLYX`. */
  order_hash: Bytes;
  kind: "refund" | "release";
  payee: Bytes;
  terminal_id: Bytes;
  voucher_id: Bytes;
  /** Units of the voucher that are given back in all; of a release its amount. */
  total_units: bigint;
  action_id: string;
  /** How often its action was planned. */
  attempts: Generated<number>;
  /** When it was planned last. */
  ordered_at: Date;
}
