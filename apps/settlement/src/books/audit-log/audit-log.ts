import { Inject, Injectable } from "@nestjs/common";
import { assertLogRange, consistencyPath, inclusionPath, rootAt } from "@tallystick/ledger-core";
import { equalBytes, toHex } from "@tallystick/protocol";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { inRange, type ConsistencyView, type InclusionView, type RootView } from "../ledger-log/ledger-proofs.ts";
import { entryLeaf } from "./audit-entry.ts";
import { auditHead, auditNodes } from "./record-action.ts";

/** An entry with its place, and who did it and why, where that was not erased. */
export interface AuditEntryView {
  readonly index: number;
  readonly entry: string;
  readonly words: string | null;
  readonly salt: string | null;
}

/** The log of what persons did, for those who want to check it (spec §6.11). Reads only. */
@Injectable()
export class AuditLog {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** The newest head, or the one of a size. Throws Problem LOG_RANGE. */
  async root(size: number | null): Promise<RootView> {
    const longest = await this.size();
    const chosen = size ?? longest;
    await inRange(async () => assertLogRange("size", chosen, { from: 0, to: longest }));
    return { size: chosen, root: toHex(await rootAt(chosen, auditNodes(this.db))) };
  }

  /** Entries before one, the newest first; the newest of all where none is named. */
  async entries(before: number | null): Promise<readonly AuditEntryView[]> {
    const rows = await this.db
      .selectFrom("audit_entries")
      .leftJoin("audit_words", "audit_words.position", "audit_entries.position")
      .select(["audit_entries.position", "entry", "words", "salt"])
      .$if(before !== null, (query) => query.where("audit_entries.position", "<", BigInt(before ?? 0)))
      .orderBy("audit_entries.position", "desc")
      .limit(LIMITS.listRows)
      .execute();
    return rows.map(({ position, entry, words, salt }) => ({
      ...{ index: Number(position), entry, words, salt: salt === null ? null : toHex(salt) },
    }));
  }

  /** Throws Problem NOT_FOUND, LOG_RANGE or LEDGER_CHANGED. */
  async inclusion(index: number, size: number | null): Promise<InclusionView> {
    const row = await this.db
      .selectFrom("audit_entries")
      .innerJoin("audit_nodes", "audit_nodes.position", "audit_entries.position")
      .select(["audit_entries.entry", "audit_nodes.hash"])
      .where("audit_entries.position", "=", BigInt(index))
      .where("audit_nodes.tile_level", "=", 0)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "The audit log has no such entry.");
    const { entry, hash: leaf } = row;
    if (!equalBytes(entryLeaf(entry), leaf))
      throw new Problem("LEDGER_CHANGED", `Entry ${index} is not the one that the audit log was made of.`);
    const root = await this.root(size);
    await inRange(async () => assertLogRange("index", index, { from: 0, to: root.size - 1 }));
    const path = await inclusionPath({ index, size: root.size }, auditNodes(this.db));
    return { index, ...root, entry, leafHash: toHex(leaf), path: path.map((hash) => toHex(hash)) };
  }

  /** Throws Problem LOG_RANGE. */
  async consistency(from: number, to: number | null): Promise<ConsistencyView> {
    const longer = await this.root(to);
    await inRange(async () => assertLogRange("from", from, { from: 0, to: longer.size }));
    const shorter = await this.root(from);
    const path = await consistencyPath({ from, to: longer.size }, auditNodes(this.db));
    return {
      ...{ from, fromRoot: shorter.root, to: longer.size, toRoot: longer.root },
      path: path.map((hash) => toHex(hash)),
    };
  }

  private async size(): Promise<number> {
    return Number((await auditHead(this.db))?.size ?? 0n);
  }
}
