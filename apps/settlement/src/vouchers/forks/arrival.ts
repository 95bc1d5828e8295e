import type { ChainRpc } from "@tallystick/evm";
import { earliestArrival } from "@tallystick/protocol/guarantee";
import type { Database } from "../../foundation/database/database.ts";

interface ArrivedVoucher {
  readonly id: Uint8Array;
  readonly received_at: Date;
}

/**
 * When a voucher arrived, by its earliest proof (spec §6.12), seconds: the upload it was stored with,
 * another one with an earlier receipt, or a payload in a final block. A block that the node no longer
 * has proves nothing.
 */
export async function arrivalOf(
  { db, rpc }: { readonly db: Database; readonly rpc: Pick<ChainRpc, "block"> },
  { id, received_at: receivedAt }: ArrivedVoucher,
): Promise<number> {
  const receipts = await db
    .selectFrom("arrival_receipts")
    .select((select) => select.fn.min("received_at").as("earliest"))
    .where("voucher_id", "=", id)
    .executeTakeFirst();
  const payload = await db
    .selectFrom("arrival_payloads")
    .select("block_number")
    .where("voucher_id", "=", id)
    .executeTakeFirst();
  const block = payload === undefined ? null : await rpc.block(payload.block_number);
  return earliestArrival({
    receivedAt: Math.floor(receivedAt.getTime() / 1_000),
    receipts: receipts === undefined || receipts.earliest === null ? [] : [Number(receipts.earliest)],
    payloads: block === null ? [] : [Number(block.timestamp)],
  });
}
