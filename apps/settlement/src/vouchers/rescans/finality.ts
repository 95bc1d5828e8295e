import type { ChainRpc } from "@tallystick/evm";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import type { BlockReference } from "@tallystick/vault";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { clearChainFaults } from "../../chain/chain-faults.ts";
import type { Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** An own transaction whose block is no longer in the chain. */
export interface GoneTransaction {
  /** What it was for, such as `settle:…`. */
  readonly key: string;
  readonly tx: string;
  readonly block: string;
}

/** What the chain says of the last final block that was posted. */
export interface FinalityProof {
  /**
   * `STANDS`: every node shows the block. `REPLACED`: another block stands there, and everything that
   * was posted stands in the chain all the same: a node had lied when the block was remembered.
   * `CHANGED`: something that was posted, or an own transaction, is gone. `UNKNOWN`: a node does not
   * show the block, or the nodes differ.
   */
  readonly state: "STANDS" | "REPLACED" | "CHANGED" | "UNKNOWN";
  readonly block: string;
  readonly remembered: string;
  /** What each node shows in its place, in the order of the configuration; null for nothing. */
  readonly shown: readonly (string | null)[];
  readonly gone: readonly GoneTransaction[];
  /** Blocks with posted events that are no longer in the chain. */
  readonly goneBlocks: readonly string[];
  /** Where the books can go on: the newest posted block that stands. */
  readonly standing: BlockReference | null;
}

/** Asks every node by itself for the last block that was posted, and for what was posted before it. */
export async function proveFinality(
  db: Database,
  nodes: readonly ChainRpc[],
  startBlock: number,
): Promise<FinalityProof | null> {
  const cursor = await db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
  if (cursor === undefined) return null;
  const { block_number: number, block_hash: hash } = cursor;
  const shown = await hashesOf(nodes, number);
  const [first] = shown;
  const known = { block: number.toString(), remembered: toHex(hash), shown };
  const none = { gone: [], goneBlocks: [], standing: null };
  if (first == null || shown.some((each) => each !== first)) return { ...known, ...none, state: "UNKNOWN" };
  if (first === toHex(hash)) return { ...known, ...none, state: "STANDS" };
  const gone = await goneTransactions(db, nodes);
  const { goneBlocks, standing } = await postedBlocks(db, nodes, startBlock);
  const changed = gone.length > 0 || goneBlocks.length > 0 || standing === null;
  return { ...known, gone, goneBlocks, standing, state: changed ? "CHANGED" : "REPLACED" };
}

/** Where every node shows the remembered block again, nothing is wrong any longer. */
export async function clearFinality(db: Database, { state }: FinalityProof): Promise<boolean> {
  if (state !== "STANDS") return false;
  await clearChainFaults(db);
  return true;
}

/**
 * Lets the books go on behind the newest posted block that stands, where nothing that was posted is
 * gone. The blocks after it are read again, and what was recorded of them has no second effect. It is
 * an entry of the audit log.
 */
export async function acceptFinality(
  db: Database,
  { state, block, remembered, standing }: FinalityProof,
  order: { readonly by: string; readonly reason: string; readonly now: number },
): Promise<boolean> {
  if (state !== "REPLACED" || standing === null) return false;
  return await db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable("chain_cursor")
      .set({ block_number: standing.number, block_hash: fromHex(standing.hash, 32) })
      .where("block_hash", "=", fromHex(remembered, 32))
      .executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) return false;
    await trx.deleteFrom("chain_faults").execute();
    const { by, reason, now } = order;
    const actor = { name: by, role: "admin" } as const;
    const details = { remembered, standing: standing.number.toString(), reason };
    const [subject, at] = [`block:${block}`, new Date(now)];
    await recordAction(trx, { action: "finality-accepted", actor, subject, details, at });
    return true;
  });
}

async function hashesOf(nodes: readonly ChainRpc[], number: bigint): Promise<readonly (string | null)[]> {
  const blocks = await Promise.all(nodes.map((node) => node.block(number)));
  return blocks.map((block) => (block === null ? null : toHex(block.hash)));
}

/** Own transactions that ended in a block which no longer stands. */
async function goneTransactions(db: Database, nodes: readonly ChainRpc[]): Promise<readonly GoneTransaction[]> {
  const rows = await db
    .selectFrom("chain_actions")
    .select(["key", "mined_hash", "mined_block", "mined_block_hash"])
    .where("state", "in", ["final", "failed"])
    .where("mined_hash", "is not", null)
    .orderBy("mined_block", "desc")
    .limit(LIMITS.listRows)
    .execute();
  const gone: GoneTransaction[] = [];
  for (const { key, mined_hash: hash, mined_block: block, mined_block_hash: blockHash } of rows) {
    if (hash === null || block === null || blockHash === null) continue;
    if (await standsEverywhere(nodes, { number: block, hash: toHex(blockHash) })) {
      // What is older stands under it.
      break;
    }
    const receipts = await Promise.all(nodes.map((node) => node.receipt(hash)));
    const same = receipts.every((receipt) => receipt !== null && equalBytes(receipt.blockHash, blockHash));
    if (!same) gone.push({ key, tx: toHex(hash), block: block.toString() });
  }
  return gone;
}

/** Blocks of which events were posted, from the newest one back to the first that stands. */
async function postedBlocks(
  db: Database,
  nodes: readonly ChainRpc[],
  startBlock: number,
): Promise<{ readonly goneBlocks: readonly string[]; readonly standing: BlockReference | null }> {
  const rows = await db
    .selectFrom("chain_events")
    .select(["block_number", "block_hash"])
    .distinct()
    .where("final", "=", true)
    .where("log_index", ">=", 0)
    .orderBy("block_number", "desc")
    .limit(LIMITS.listRows)
    .execute();
  const goneBlocks: string[] = [];
  for (const { block_number: number, block_hash: hash } of rows) {
    const block = { number, hash: toHex(hash) };
    if (await standsEverywhere(nodes, block)) return { goneBlocks, standing: block };
    goneBlocks.push(`${number} ${block.hash}`);
  }
  const start = BigInt(Math.max(0, startBlock - 1));
  const [first] = rows.length === 0 ? await hashesOf(nodes, start) : [null];
  return { goneBlocks, standing: first == null ? null : { number: start, hash: first } };
}

async function standsEverywhere(nodes: readonly ChainRpc[], { number, hash }: BlockReference): Promise<boolean> {
  return (await hashesOf(nodes, number)).every((shown) => shown === hash);
}
