import type { ChainRpc, ChainSigner, PlacedLog } from "@tallystick/evm";
import { createChainReader } from "@tallystick/evm";
import { equalBytes, fromHex, isZero, toHex } from "@tallystick/protocol";
import { transferTopic, vaultTopics } from "@tallystick/vault";
import { NEWEST_BLOCK } from "../../foundation/database/copies/limits.ts";
import type { Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { LOST_TRANSACTIONS, TOLD_RANGES } from "./limits.ts";
import { guaranteeAccounts, treasuryAccounts } from "../accounts/own-accounts.ts";
import { decodeLog } from "../vault-chain.ts";

/** A transaction of an own account that the chain has and the database does not. */
export interface LostTransaction {
  readonly tx: string;
  readonly block: string;
  /** What it did. */
  readonly did: "settled" | "funded" | "compensated";
  /** The root of the books that it anchored; null where it carries none. */
  readonly root: string | null;
}

/** What the chain knows of the issuer's accounts and the database does not (spec §6.14). */
export interface LostWork {
  /** The first and the last block that were asked for. */
  readonly from: bigint;
  readonly to: bigint;
  readonly transactions: readonly LostTransaction[];
}

/** Where the chain is read, and for whom. */
export interface LostWorkParts {
  readonly db: Database;
  readonly rpc: ChainRpc;
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  readonly signers: { readonly [Name in "treasury" | "gas"]: Pick<ChainSigner, "address"> | null };
  /** The vault's deployment block: a database that no final block was posted to is compared from it on. */
  readonly startBlock: number;
  /** Is told now and then how far the chain was read. */
  readonly tell?: (message: string) => void;
}

/**
 * Asks the chain, from the block behind the database's books on, for what only this installation can
 * have sent: settlements and deposits of its treasury and its gas wallet, transfers of the
 * guarantee's accounts to anybody else. Each was stored before it was sent, so that one which is not
 * stored was sent by a later state of the books than this one. Of books without any final block, such
 * as a new database's, that is the whole chain from the vault's deployment on, which is read once.
 * Null where the node shows no block. Rejects with RpcError.
 */
export async function findLostWork(parts: LostWorkParts): Promise<LostWork | null> {
  const { db, rpc } = parts;
  const cursor = await db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  const installation = await db.selectFrom("installation").select("accepted_block").executeTakeFirst();
  const newest = await rpc.block("latest");
  if (newest === null) return null;
  const accepted = await pinned(db, installation?.accepted_block ?? 0n, newest.number);
  const posted = cursor?.block_number ?? BigInt(Math.max(0, parts.startBlock - 1));
  const from = (posted > accepted ? posted : accepted) + 1n;
  const to = newest.number;
  const sent: LostTransaction[] = [];
  let ranges = 0;
  let at = from;
  for (; at <= to && sent.length < LOST_TRANSACTIONS; at += BigInt(LIMITS.logRangeBlocks)) {
    const last = at + BigInt(LIMITS.logRangeBlocks) - 1n;
    sent.push(...(await sentBetween(parts, at, last < to ? last : to)));
    ranges += 1;
    if (ranges % TOLD_RANGES === 0) parts.tell?.(`Looked for lost work up to block ${last} of ${to}.`);
  }
  const transactions = await unknownOf(db, sent);
  if (cursor === undefined && at > to && transactions.length === 0) await keepCompared(db, to);
  return { from, to, transactions };
}

/** A database without books was compared up to this block, and is not compared with it again. */
async function keepCompared(db: Database, to: bigint): Promise<void> {
  await db.updateTable("installation").set({ accepted_block: to }).where("accepted_block", "<", to).execute();
}

/** A person has accepted everything up to the newest block: from now on up to this one. */
async function pinned(db: Database, accepted: bigint, newest: bigint): Promise<bigint> {
  if (accepted !== NEWEST_BLOCK) return accepted;
  await db
    .updateTable("installation")
    .set({ accepted_block: newest })
    .where("accepted_block", "=", NEWEST_BLOCK)
    .execute();
  return newest;
}

async function sentBetween(parts: LostWorkParts, from: bigint, to: bigint): Promise<readonly LostTransaction[]> {
  const { db, rpc, vault, token } = parts;
  const senders = await sendersOf(parts);
  const accounts = (await guaranteeAccounts(db)).map(({ address }) => address);
  const payers = accounts.map((account) => Buffer.concat([Buffer.alloc(12), account]));
  const reader = createChainReader(rpc, [
    { address: vault, topics: [vaultTopics(["Settled", "Funded"])] },
    ...(payers.length === 0 ? [] : [{ address: token, topics: [transferTopic, payers] }]),
  ]);
  const logs = await reader.logs(from, to);
  const own = [...(await treasuryAccounts(db)).map(({ address }) => address), ...senders, ...accounts];
  const sent = (account: Uint8Array): boolean => senders.some((each) => equalBytes(each, account));
  const found: LostTransaction[] = [];
  for (const log of logs) {
    const { event } = await decodeLog(log, { vault, reader });
    if (event.kind === "settled" && sent(event.submitter)) {
      const { ledgerRoot } = event;
      found.push({ ...placeOf(log), did: "settled", root: isZero(ledgerRoot) ? null : toHex(ledgerRoot) });
    }
    if (event.kind === "funded" && sent(event.from)) found.push({ ...placeOf(log), did: "funded", root: null });
    if (event.kind === "transfer" && !own.some((account) => equalBytes(account, event.to)))
      found.push({ ...placeOf(log), did: "compensated", root: null });
  }
  return found;
}

/**
 * The present accounts, those that the database was bound to, and those whose rotation has not ended.
 * What a former one does afterwards is not this installation's: its key may have been stolen.
 */
async function sendersOf({ db, signers }: LostWorkParts): Promise<readonly Uint8Array[]> {
  const bound = await db.selectFrom("installation").select(["treasury", "gas"]).executeTakeFirst();
  const open = await db.selectFrom("key_rotations").select("former").where("ended_at", "is", null).execute();
  const named = [signers.treasury?.address, signers.gas?.address, bound?.treasury, bound?.gas];
  return [...named, ...open.map(({ former }) => former)].filter((each) => each instanceof Uint8Array);
}

function placeOf({ transactionHash: tx, blockNumber }: PlacedLog): { readonly tx: string; readonly block: string } {
  return { tx, block: blockNumber.toString() };
}

async function unknownOf(db: Database, sent: readonly LostTransaction[]): Promise<readonly LostTransaction[]> {
  if (sent.length === 0) return [];
  const known = await db
    .selectFrom("chain_transactions")
    .select("hash")
    .where(
      "hash",
      "in",
      sent.map(({ tx }) => fromHex(tx, 32)),
    )
    .execute();
  const hashes = new Set(known.map(({ hash }) => toHex(hash)));
  return sent.filter(({ tx }) => !hashes.has(tx));
}
