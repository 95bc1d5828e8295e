import { equalBytes, fromHex } from "@tallystick/protocol";
import type { TokenTransfer } from "@tallystick/vault";
import type { IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Movement, PostedVoucher } from "../../books/postings/postings.ts";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import { reportPaidTwice } from "../forks/paid-twice.ts";
import type { EventContext } from "./event-context.ts";
import { wholeUnits } from "./whole-units.ts";

/**
 * Tokens into or out of the issuer's accounts. The vault's own events report what the vault moves;
 * what was sent to it straight has left the issuer and belongs to nobody (spec §6.6).
 */
export async function recordTransfer(context: EventContext, placed: PlacedEvent<TokenTransfer>): Promise<void> {
  const { trx, postings, now } = context;
  const { from, to } = placed.event;
  const { vault } = context.domain;
  const ofVault = equalBytes(from, vault) || equalBytes(to, vault);
  const baseUnits = ofVault ? (placed.straight ?? 0n) : placed.event.baseUnits;
  if (ofVault && baseUnits === 0n) return;
  const [payer, receiver] = [context.own(from), context.own(to)];
  const voucher = payer === null ? null : await compensationOf(context, fromHex(placed.log.transactionHash, 32));
  if (payer !== null && voucher !== null) {
    await postings.compensated(trx, voucher, { from: payer, to: receiver });
    // The vault has paid it meanwhile: then its hold has ended already.
    if (voucher.state !== "compensating") return reportPaidTwice(trx, voucher.id, now);
    await postings.released(trx, [voucher]);
    await trx.updateTable("vouchers").set({ state: "compensated" }).where("id", "=", voucher.id).execute();
    return;
  }
  const left = payer === null ? 0n : -(await wholeUnits(context, { account: from, baseUnits: -baseUnits }));
  const came = receiver === null ? 0n : await wholeUnits(context, { account: to, baseUnits });
  for (const movement of movementsBetween({ payer, left }, { receiver, came }))
    await postings.moved(trx, placeOf(placed), movement);
}

/**
 * What is below one unit stays with each account, so that whole units that leave one own account
 * may be more, or fewer, than those that come to the other.
 */
function movementsBetween(
  { payer, left }: { readonly payer: IssuerAccount | null; readonly left: bigint },
  { receiver, came }: { readonly receiver: IssuerAccount | null; readonly came: bigint },
): Movement[] {
  const shifted = left < came ? left : came;
  const movements: Movement[] = [];
  if (payer !== null && receiver !== null && payer !== receiver)
    movements.push({ kind: "shifted", units: shifted, from: payer, to: receiver });
  if (payer !== null && left > shifted) movements.push({ kind: "burned", units: left - shifted, from: payer });
  if (receiver !== null && came > shifted) movements.push({ kind: "minted", units: came - shifted, to: receiver });
  return movements;
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
