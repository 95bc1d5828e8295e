import type { ChainRpc } from "@tallystick/evm";
import { equalBytes, toAddress } from "@tallystick/protocol";
import { type CounterUse, type FinalView } from "@tallystick/protocol/guarantee";
import { sql } from "kysely";
import type { VaultContract } from "../../chain/vault-contract.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

interface CounterOfCard {
  readonly card: Uint8Array;
  readonly counter: bigint;
}

interface Sources {
  readonly db: Database;
  readonly rpc: ChainRpc;
  readonly contract: VaultContract;
}

/**
 * What the final block shows up to which events were taken in: the counter by those events, the card
 * by the vault itself at that block (spec §6.1). Null while no block was taken in, or where the node
 * has another one at its place.
 */
export async function finalView(
  { db, rpc, contract }: Sources,
  voucher: CounterOfCard,
): Promise<(FinalView & { readonly block: bigint }) | null> {
  const seen = await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      const cursor = await trx.selectFrom("chain_cursor").selectAll().executeTakeFirst();
      return cursor === undefined ? null : { cursor, ...(await counterUse(trx, voucher)) };
    });
  if (seen === null) return null;
  const { block_number: number, block_hash: blockHash } = seen.cursor;
  const block = await rpc.block(number);
  if (block === null || !equalBytes(block.hash, blockHash)) return null;
  const { flagged, balance } = await contract.card(voucher.card, number);
  return {
    block: number,
    counter: { blockHash, seen: seen.use ?? { by: "voided", time: await timeOf(rpc, seen.voidedIn) } },
    card: { blockHash, seen: { flagged, balance } },
  };
}

/** The use of a counter by the events that were taken in, or the block that voided it. */
export async function counterUse(
  trx: DatabaseTransaction,
  { card, counter }: CounterOfCard,
): Promise<
  { readonly use: CounterUse; readonly voidedIn?: never } | { readonly use: null; readonly voidedIn: bigint }
> {
  const paid = await trx
    .selectFrom("settled_items")
    .select("voucher_id")
    .where("card", "=", card)
    .where("counter", "=", counter)
    .executeTakeFirst();
  if (paid !== undefined) return { use: { by: "settled", voucherId: paid.voucher_id } };
  const given = await trx
    .selectFrom("chain_events")
    .select(["payee", "block_number"])
    .where("card", "=", card)
    .where("kind", "in", ["released", "voided"])
    .where("final", "=", true)
    .where(sql<boolean>`detail->>'counter' = ${counter.toString()}`)
    .limit(1)
    .executeTakeFirst();
  if (given === undefined) return { use: { by: "nobody" } };
  if (given.payee !== null) return { use: { by: "released", payee: toAddress(given.payee) } };
  return { use: null, voidedIn: given.block_number };
}

/** A node that has lost the block proves nothing about the voucher having been there in time. */
async function timeOf(rpc: ChainRpc, number: bigint): Promise<number> {
  const block = await rpc.block(number);
  return block === null ? 0 : Number(block.timestamp);
}
