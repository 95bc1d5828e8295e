import { leafHash, LogFrontier, type ReadNodes } from "@tallystick/ledger-core";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import type { Actor } from "../../foundation/http/roles.ts";

/** What persons do that moves or stops money (spec §6.11). */
export type AuditedAction =
  | "card-registered"
  | "card-reference"
  | "card-status"
  | "card-limits"
  | "card-keys"
  | "card-replaced"
  | "funding"
  | "allowance"
  | "certificate"
  | "certificate-withdrawn"
  | "certificate-request-refused"
  | "payee-confirmed"
  | "payout"
  | "action-retried"
  | "action-abandoned"
  | "withheld-paid"
  | "withheld-refusal-proposed"
  | "withheld-refused"
  | "case-resolved"
  | "named"
  | "period-closed"
  | "token-made"
  | "token-revoked"
  | "person-invited"
  | "person-removed";

/** One action of a person. */
export interface AuditRecord {
  readonly action: AuditedAction;
  readonly actor: Actor;
  /** What it is about: a card, a payee, a voucher. */
  readonly subject: string;
  /** In the order of the action's row in the specification. */
  readonly details: Readonly<Record<string, string>>;
  readonly at: Date;
}

/** Names the form of an entry, as that of the ledger's log has its own. */
const FORM = "tallystick.audit/1";

/** An entry of the audit log as text; its leaf is made of these bytes in UTF-8. */
export function auditText({ action, actor, subject, details, at }: AuditRecord): string {
  const named = Object.entries(details);
  if (actor.station !== undefined) named.push(["station", actor.station]);
  if (actor.operator !== undefined) named.push(["operator", actor.operator]);
  return JSON.stringify([FORM, action, actor.name, actor.role, subject, named, at.getTime()]);
}

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

/**
 * Adds an action to the audit log in the transaction that has its effect: with its end both are
 * there, or neither. Called last: whoever adds holds the log until its transaction ends.
 */
export async function recordAction(trx: DatabaseTransaction, record: AuditRecord): Promise<void> {
  await takeLock(trx, "auditLog");
  const head = await trx.selectFrom("audit_heads").select("size").orderBy("size", "desc").limit(1).executeTakeFirst();
  const position = head?.size ?? 0n;
  const entry = auditText(record);
  const frontier = await LogFrontier.read(Number(position), auditNodes(trx));
  const nodes = frontier.append([leafHash(new TextEncoder().encode(entry))]);
  await trx.insertInto("audit_entries").values({ position, entry, recorded_at: record.at }).execute();
  await trx
    .insertInto("audit_nodes")
    .values(nodes.map((node) => ({ tile_level: node.tileLevel, position: BigInt(node.position), hash: node.hash })))
    .execute();
  await trx
    .insertInto("audit_heads")
    .values({ size: BigInt(frontier.size), root: frontier.root() })
    .execute();
}
