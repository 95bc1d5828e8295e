import { equalBytes, fromHex } from "@tallystick/protocol";
import type { TokenTransfer } from "@tallystick/vault";
import type { PostedVoucher } from "../../books/postings/postings.ts";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import type { EventContext } from "./event-context.ts";

/** Tokens into or out of the treasury. The vault's own events report what the vault moves. */
export async function recordTransfer(context: EventContext, placed: PlacedEvent<TokenTransfer>): Promise<void> {
  const { trx, postings, treasury, scale } = context;
  const { from, to, baseUnits } = placed.event;
  const { vault } = context.domain;
  const units = baseUnits / scale;
  if (equalBytes(from, vault) || equalBytes(to, vault) || equalBytes(from, to)) return;
  if (equalBytes(to, treasury)) {
    await postings.moved(trx, placeOf(placed), { kind: "minted", units });
    return;
  }
  const voucher = await compensationOf(context, fromHex(placed.log.transactionHash, 32));
  if (voucher === null) {
    await postings.moved(trx, placeOf(placed), { kind: "burned", units });
    return;
  }
  await postings.compensated(trx, voucher);
  await trx.updateTable("vouchers").set({ state: "compensated" }).where("id", "=", voucher.id).execute();
}

async function compensationOf({ trx }: EventContext, transactionHash: Uint8Array): Promise<PostedVoucher | null> {
  const row = await trx
    .selectFrom("chain_transactions")
    .innerJoin("compensations", "compensations.action_id", "chain_transactions.action_id")
    .innerJoin("vouchers", "vouchers.id", "compensations.voucher_id")
    .select(["vouchers.id", "vouchers.card", "vouchers.payee", "vouchers.amount_units as amount"])
    .where("chain_transactions.hash", "=", transactionHash)
    .where("vouchers.state", "=", "compensating")
    .executeTakeFirst();
  return row ?? null;
}
