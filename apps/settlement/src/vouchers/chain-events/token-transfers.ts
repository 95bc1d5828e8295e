import { equalBytes, fromHex } from "@tallystick/protocol";
import type { TokenTransfer } from "@tallystick/vault";
import type { PostedVoucher } from "../../books/postings/postings.ts";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import { reportPaidTwice } from "../forks/paid-twice.ts";
import type { EventContext } from "./event-context.ts";
import { wholeUnits } from "./whole-units.ts";

/** Tokens into or out of the treasury. The vault's own events report what the vault moves. */
export async function recordTransfer(context: EventContext, placed: PlacedEvent<TokenTransfer>): Promise<void> {
  const { trx, postings, treasury, now } = context;
  const { from, to, baseUnits } = placed.event;
  const { vault } = context.domain;
  if (equalBytes(from, vault) || equalBytes(to, vault) || equalBytes(from, to)) return;
  if (equalBytes(to, treasury)) {
    const units = await wholeUnits(context, { account: treasury, baseUnits });
    return postings.moved(trx, placeOf(placed), { kind: "minted", units });
  }
  const voucher = await compensationOf(context, fromHex(placed.log.transactionHash, 32));
  if (voucher === null) {
    const units = -(await wholeUnits(context, { account: treasury, baseUnits: -baseUnits }));
    return postings.moved(trx, placeOf(placed), { kind: "burned", units });
  }
  await postings.compensated(trx, voucher);
  // The vault has paid it meanwhile: then its hold has ended already.
  if (voucher.state !== "compensating") return reportPaidTwice(trx, voucher.id, now);
  await postings.released(trx, [voucher]);
  await trx.updateTable("vouchers").set({ state: "compensated" }).where("id", "=", voucher.id).execute();
}

interface Compensated extends PostedVoucher {
  readonly state: string;
}

async function compensationOf({ trx }: EventContext, transactionHash: Uint8Array): Promise<Compensated | null> {
  const row = await trx
    .selectFrom("chain_transactions")
    .innerJoin("compensations", "compensations.action_id", "chain_transactions.action_id")
    .innerJoin("vouchers", "vouchers.id", "compensations.voucher_id")
    .select(["vouchers.id", "vouchers.card", "vouchers.payee", "vouchers.amount_units as amount", "vouchers.state"])
    .where("chain_transactions.hash", "=", transactionHash)
    .executeTakeFirst();
  return row ?? null;
}
