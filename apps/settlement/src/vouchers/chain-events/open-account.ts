import { toHex } from "@tallystick/protocol";
import { GUARANTEE, treasuryAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Postings } from "../../books/postings/postings.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import type { Config } from "../../foundation/config/config.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { wholeUnits } from "./whole-units.ts";

/** What the opening reads from and writes to. */
export interface AccountBooks {
  readonly db: Database;
  readonly contract: VaultContract;
  readonly postings: Postings;
}

/** What an account of the issuer is opened as. */
export type OpenedAs = "guarantee" | "treasury";

const TABLES = { guarantee: "guarantee_accounts", treasury: "treasury_accounts" } as const;

/**
 * Takes the guarantee's account, or a treasury that takes another one's place, into the books with what it holds at the block up to which they are
 * posted; from there on its transfers are followed. It is called when everything up to the final
 * block is posted, so that the node still knows that block's state. Does nothing where the account is
 * open, or where the books have moved on meanwhile: the next pass tries again.
 */
export async function openAccount(
  { db, contract, postings }: AccountBooks,
  { account, as }: { readonly account: Uint8Array; readonly as: OpenedAs },
  { asset }: Pick<Config, "asset">,
): Promise<void> {
  const open = await db.selectFrom(TABLES[as]).select("address").where("address", "=", account).executeTakeFirst();
  if (open !== undefined) return;
  const cursor = await db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
  if (cursor === undefined) return;
  const block = cursor.block_number;
  const baseUnits = await contract.tokenBalance(account, block);
  await db.transaction().execute(async (trx) => {
    if (!(await opens(trx, { address: account, as }, block)) || baseUnits === 0n) return;
    const units = await wholeUnits({ trx, scale: asset.scale }, { account, baseUnits });
    const to = as === "guarantee" ? GUARANTEE : treasuryAccount(account);
    await postings.moved(trx, `opening:${toHex(account)}`, { kind: "minted", units, to });
    await trx
      .insertInto("chain_events")
      .values({
        ...{ block_number: block, log_index: await freeIndex(trx, block), block_hash: cursor.block_hash },
        ...{ transaction_hash: new Uint8Array(32), final: true, kind: "opening", card: null, payee: null, units },
        detail: JSON.stringify({ account: toHex(account), baseUnits: baseUnits.toString() }),
      })
      .execute();
  });
}

/** False where the books are at another block by now, or another process has opened the account. */
async function opens(
  trx: DatabaseTransaction,
  { address, as }: { readonly address: Uint8Array; readonly as: OpenedAs },
  block: bigint,
): Promise<boolean> {
  const cursor = await trx.selectFrom("chain_cursor").select("block_number").forUpdate().executeTakeFirstOrThrow();
  if (cursor.block_number !== block) return false;
  const inserted = await trx
    .insertInto(TABLES[as])
    .values({ address, opened_block: block })
    .onConflict((conflict) => conflict.column("address").doNothing())
    .returning("address")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** No log of a block has an index below 0: openings have those, each its own. */
async function freeIndex(trx: DatabaseTransaction, block: bigint): Promise<number> {
  const { lowest } = await trx
    .selectFrom("chain_events")
    .select((select) => select.fn.min("log_index").as("lowest"))
    .where("block_number", "=", block)
    .executeTakeFirstOrThrow();
  return Math.min(Number(lowest ?? 0), 0) - 1;
}
