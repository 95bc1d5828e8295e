import {
  encodeVoucherMessage,
  fromHex,
  isProtocolError,
  toAddress,
  voucherId,
  type Domain,
} from "@tallystick/protocol";
import { readPayloadItems, type PayloadItem } from "@tallystick/vault";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/** A part of what a transaction cost, and whom it was for. */
export interface FeeShare {
  readonly voucher: Uint8Array | null;
  readonly payee: Uint8Array | null;
  readonly wei: bigint;
}

type Beneficiary = Omit<FeeShare, "wei">;

/**
 * Divides wei into equal parts whose sum they are: what is left over goes to the first ones, one wei
 * each (the largest remainders, all of which are equal, in their order).
 */
export function divide(wei: bigint, parts: number): readonly bigint[] {
  const count = BigInt(parts);
  const [each, over] = [wei / count, wei % count];
  return Array.from({ length: parts }, (_, place) => each + (BigInt(place) < over ? 1n : 0n));
}

/**
 * Whom a transaction was for, by the key of its action: a batch is for all of its vouchers, whether
 * they were paid, skipped or the whole was undone; what is for the issuer has no part.
 */
export async function feeShares(
  trx: DatabaseTransaction,
  key: string,
  { wei, domain }: { readonly wei: bigint; readonly domain: Domain },
): Promise<readonly FeeShare[]> {
  const those = await beneficiaries(trx, key, domain);
  if (those.length === 0) return [];
  const parts = divide(wei, those.length);
  return those.map((each, place) => ({ ...each, wei: parts[place] ?? 0n }));
}

async function beneficiaries(trx: DatabaseTransaction, key: string, domain: Domain): Promise<readonly Beneficiary[]> {
  const [kind, first = "", second = ""] = key.split(":");
  switch (kind) {
    case "settle":
      return await ofBatch(trx, first, domain);
    case "compensate":
    case "deposit":
      return await ofVoucher(trx, first);
    case "withdraw":
      return await ofPayout(trx, first);
    case "return":
      return await ofReturn(trx, first);
    case "advance":
      return await (first === "return" ? ofReturn(trx, second) : ofVoucher(trx, second));
    default:
      return [];
  }
}

async function ofBatch(trx: DatabaseTransaction, id: string, domain: Domain): Promise<readonly Beneficiary[]> {
  const batch = await trx.selectFrom("batches").select("payload").where("id", "=", id).executeTakeFirst();
  if (batch === undefined) return [];
  return readPayloadItems(new Uint8Array(batch.payload)).map((item) => ({
    voucher: idOf(item, domain),
    payee: item.payee,
  }));
}

/** Null where the item is no voucher, which no batch of settlement's has. */
function idOf({ card, payee, counter, amount, context }: PayloadItem, domain: Domain): Uint8Array | null {
  try {
    const message = { domain, payee: toAddress(payee), counter, amount, context };
    encodeVoucherMessage(message);
    return voucherId(toAddress(card), message);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

async function ofVoucher(trx: DatabaseTransaction, id: string): Promise<readonly Beneficiary[]> {
  const voucher = fromHex(id, 32);
  const row = await trx.selectFrom("vouchers").select("payee").where("id", "=", voucher).executeTakeFirst();
  return [{ voucher, payee: row?.payee ?? null }];
}

async function ofPayout(trx: DatabaseTransaction, id: string): Promise<readonly Beneficiary[]> {
  const payout = await trx.selectFrom("payouts").select("payee").where("id", "=", id).executeTakeFirst();
  return payout === undefined ? [] : [{ voucher: null, payee: payout.payee }];
}

async function ofReturn(trx: DatabaseTransaction, hash: string): Promise<readonly Beneficiary[]> {
  const order = await trx
    .selectFrom("return_orders")
    .select(["voucher_id", "payee"])
    .where("order_hash", "=", fromHex(hash, 32))
    .executeTakeFirst();
  return order === undefined ? [] : [{ voucher: order.voucher_id, payee: order.payee }];
}
