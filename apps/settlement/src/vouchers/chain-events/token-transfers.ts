import { equalBytes, fromHex } from "@tallystick/protocol";
import type { TokenTransfer } from "@tallystick/vault";
import type { IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Movement, PostedVoucher } from "../../books/postings/postings.ts";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import type { EventContext } from "./event-context.ts";

/**
 * Tokens into or out of the issuer's accounts. The vault's own events report what the vault moves.
 */
export async function recordTransfer(context: EventContext, placed: PlacedEvent<TokenTransfer>): Promise<void> {
  const { trx, postings, scale } = context;
  const { from, to, baseUnits } = placed.event;
  const { vault } = context.domain;
  const units = baseUnits / scale;
  if (equalBytes(from, vault) || equalBytes(to, vault)) return;
  const [payer, receiver] = [context.own(from), context.own(to)];
  const voucher = payer === null ? null : await compensationOf(context, fromHex(placed.log.transactionHash, 32));
  if (payer !== null && voucher !== null) {
    await postings.compensated(trx, voucher, { from: payer, to: receiver });
    await trx.updateTable("vouchers").set({ state: "compensated" }).where("id", "=", voucher.id).execute();
    return;
  }
  const movement = movementBetween(payer, receiver, units);
  if (movement !== null) await postings.moved(trx, placeOf(placed), movement);
}

function movementBetween(from: IssuerAccount | null, to: IssuerAccount | null, units: bigint): Movement | null {
  if (from === to) return null;
  if (from === null) return to === null ? null : { kind: "minted", units, to };
  return to === null ? { kind: "burned", units, from } : { kind: "shifted", units, from, to };
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
