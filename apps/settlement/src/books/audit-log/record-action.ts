import { randomBytes } from "node:crypto";
import { LogFrontier, type ReadNodes } from "@tallystick/ledger-core";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { type AuditRecord, entryLeaf, sealAction } from "./audit-entry.ts";
import { SALT_BYTES } from "./limits.ts";

/** The kept nodes of the log, for proofs and for what is added. */
export function auditNodes(db: Database | DatabaseTransaction): ReadNodes {
  return async (tileLevel, from, count) => {
    const rows = await db
      .selectFrom("audit_nodes")
      .select("hash")
      .where("tile_level", "=", tileLevel)
      .where("position", ">=", BigInt(from))
      .where("position", "<", BigInt(from + count))
      .orderBy("position")
      .execute();
    if (rows.length !== count)
      throw new Error(`The audit log lacks nodes ${from} to ${from + count - 1} of tile level ${tileLevel}.`);
    return rows.map(({ hash }) => new Uint8Array(hash));
  };
}

/** The newest head; null of an empty log. */
export async function auditHead(
  db: Database | DatabaseTransaction,
): Promise<{ readonly size: bigint; readonly root: Uint8Array } | null> {
  const head = await db.selectFrom("audit_heads").selectAll().orderBy("size", "desc").limit(1).executeTakeFirst();
  return head ?? null;
}

/**
 * Adds an action to the audit log in the transaction that has its effect: with its end both are
 * there, or neither. Its name and reason stand beside it, and the entry holds their salted hash.
 * Called last: whoever adds holds the log until its transaction ends.
 */
export async function recordAction(trx: DatabaseTransaction, record: AuditRecord): Promise<void> {
  await takeLock(trx, "auditLog");
  const position = (await auditHead(trx))?.size ?? 0n;
  const salt = randomBytes(SALT_BYTES);
  const { entry, words, names } = sealAction(record, salt);
  const frontier = await LogFrontier.read(Number(position), auditNodes(trx));
  const nodes = frontier.append([entryLeaf(entry)]);
  await trx.insertInto("audit_entries").values({ position, entry, recorded_at: record.at }).execute();
  await trx
    .insertInto("audit_words")
    .values({ position, salt, words, names: [...names] })
    .execute();
  await trx
    .insertInto("audit_nodes")
    .values(nodes.map((node) => ({ tile_level: node.tileLevel, position: BigInt(node.position), hash: node.hash })))
    .execute();
  await trx
    .insertInto("audit_heads")
    .values({ size: BigInt(frontier.size), root: frontier.root() })
    .execute();
}
