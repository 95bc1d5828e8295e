import { decodeVoucherMessage } from "@tallystick/protocol";
import type { BatchVoucher } from "@tallystick/vault";
import type { Selectable } from "kysely";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";

export type VoucherRow = Selectable<VouchersTable>;

/** A stored voucher as a payload takes it. */
export function batchItem(row: VoucherRow): BatchVoucher {
  return {
    card: row.card,
    payee: row.payee,
    counter: Number(row.counter),
    amount: row.amount_units,
    context: decodeVoucherMessage(row.message).context,
    signature: row.signature,
    parity: parityOf(row),
  };
}

export function parityOf({ parity }: Pick<VoucherRow, "parity">): 0 | 1 {
  return parity === 1 ? 1 : 0;
}

/** The item at a place; throws where a plan names a place that it was not given. */
export function itemAt<T>(list: readonly T[], place: number): T {
  const item = list[place];
  if (item === undefined) throw new Error(`The plan names item ${place}, which was not given.`);
  return item;
}
