import { type ChainRpc, RpcError } from "@tallystick/evm";
import type { Postings } from "../../books/postings/postings.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import type { Config } from "../../foundation/config/config.ts";
import type { Database } from "../../foundation/database/database.ts";
import { wholeUnits } from "./whole-units.ts";

/** What the opening reads from and writes to. */
export interface TreasuryBooks {
  readonly db: Database;
  readonly rpc: ChainRpc;
  readonly contract: VaultContract;
  readonly postings: Postings;
  readonly treasury: Uint8Array;
}

/**
 * The first pass starts at the block before the vault's deployment, with what the treasury held
 * then. Returns false while that block is not final; afterwards it does nothing.
 */
export async function openTreasury(books: TreasuryBooks, start: bigint, { asset }: Config): Promise<boolean> {
  const { db, rpc, postings, treasury } = books;
  const known = await db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (known !== undefined) return true;
  const finalized = await rpc.block("finalized");
  if (finalized === null) throw new RpcError("UNREACHABLE", "The node has no finalized block.");
  if (finalized.number < start) return false;
  const block = await rpc.block(start);
  if (block === null) return false;
  const baseUnits = await balanceAt(books, start);
  await db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto("chain_cursor")
      .values({ block_number: start, block_hash: block.hash, block_time: block.timestamp })
      .onConflict((conflict) => conflict.column("singleton").doNothing())
      .returning("block_number")
      .executeTakeFirst();
    if (inserted === undefined || baseUnits === 0n) return;
    const units = await wholeUnits({ trx, scale: asset.scale }, { account: treasury, baseUnits });
    await postings.moved(trx, `opening:${start}`, { kind: "minted", units, to: "treasury" });
    await trx
      .insertInto("chain_events")
      .values({
        block_number: start,
        log_index: -1,
        block_hash: block.hash,
        transaction_hash: new Uint8Array(32),
        final: true,
        kind: "opening",
        card: null,
        payee: null,
        units,
        detail: JSON.stringify({ baseUnits: baseUnits.toString() }),
      })
      .execute();
  });
  return true;
}

/** Base units in the treasury; 0 where the token did not exist yet. */
async function balanceAt({ contract, treasury }: TreasuryBooks, block: bigint): Promise<bigint> {
  try {
    return await contract.tokenBalance(treasury, block);
  } catch (error) {
    if (error instanceof RpcError && error.code !== "REVERTED" && error.code !== "REFUSED") throw error;
    return 0n;
  }
}
