import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { assertVoucherEdge, type VoucherState } from "../states/voucher-states.ts";
import type { VoucherRow } from "./guarantee-case.ts";

/** Moves a voucher by compare and set; false when somebody else moved it first. */
export async function moveVoucher(trx: DatabaseTransaction, voucher: VoucherRow, to: VoucherState): Promise<boolean> {
  assertVoucherEdge(voucher.state as VoucherState, to);
  const batch = to === "received" ? { batch_id: null, batch_position: null, waits_for: null } : {};
  const withheld = { withheld_ground: null, withheld_at: null };
  const moved = await trx
    .updateTable("vouchers")
    .set({ state: to, ...batch, ...withheld })
    .where("id", "=", voucher.id)
    .where("state", "=", voucher.state)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}

/** What became of a voucher by now; nobody moves it until the transaction ends. */
export async function lockedState(trx: DatabaseTransaction, id: Uint8Array): Promise<string> {
  const query = trx.selectFrom("vouchers").select("state").where("id", "=", id).forUpdate();
  return (await query.executeTakeFirstOrThrow()).state;
}
