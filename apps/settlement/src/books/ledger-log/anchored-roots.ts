import { Inject, Injectable } from "@nestjs/common";
import { fromHex, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";

/** A batch whose final settlement carries a root of the ledger. */
export interface Anchor {
  readonly batch: string;
  readonly tx: string;
  /** Entries under the root, as the batch has it. */
  readonly size: number;
  /** What the vault's event shows. */
  readonly root: string;
}

/** Whether the log is still the one whose roots are on the chain. */
export interface AnchorReport {
  readonly log: { readonly size: number; readonly root: string };
  /** Final batches that carry a root. */
  readonly anchored: number;
  /** Those whose root the log kept when it was planned. */
  readonly agreeing: number;
  readonly newest: Anchor | null;
  /**
   * Anchors with another root than the log has at their size; empty where the books are unchanged.
   */
  readonly disagreeing: readonly Anchor[];
}

interface AnchorRow {
  readonly batch: string;
  readonly tx: string;
  readonly size: string;
  readonly root: string;
  readonly agrees: boolean;
}

/**
 * Compares the roots that final blocks show with the log (spec §6.9). Every anchor is compared with
 * the head that was kept; the newest ones are also computed anew from the tree, and the newest
 * covers every entry before it.
 */
@Injectable()
export class AnchoredRoots {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async report(): Promise<AnchorReport> {
    const { log } = createPostgresLedger(this.db);
    const [head, newest, counted, faulty] = await Promise.all([
      log.head(),
      this.anchors(sql`true`, LIMITS.anchorsRecomputed),
      this.count(),
      this.anchors(sql`h.root is null or '0x' || encode(h.root, 'hex') <> e.detail->>'ledgerRoot'`, LIMITS.listRows),
    ]);
    const disagreeing = new Map(faulty.map((anchor) => [anchor.batch, anchor]));
    for (const anchor of newest) {
      const root = anchor.size <= head.size ? toHex(await log.rootAt(anchor.size)) : null;
      if (root !== anchor.root) disagreeing.set(anchor.batch, anchor);
    }
    return {
      log: { size: head.size, root: toHex(head.root) },
      anchored: counted.anchored,
      agreeing: counted.agreeing,
      newest: newest[0] ?? null,
      disagreeing: [...disagreeing.values()],
    };
  }

  /** The newest anchor whose root the log kept; null where there is none. */
  async newest(): Promise<Anchor | null> {
    const [anchor] = await this.anchors(sql`'0x' || encode(h.root, 'hex') = e.detail->>'ledgerRoot'`, 1);
    return anchor ?? null;
  }

  private async count(): Promise<{ anchored: number; agreeing: number }> {
    const { rows } = await sql<{ anchored: string; agreeing: string }>`
      select count(*)::text as anchored,
        count(*) filter (where '0x' || encode(h.root, 'hex') = e.detail->>'ledgerRoot')::text as agreeing
      ${this.source()}`.execute(this.db);
    return { anchored: Number(rows[0]?.anchored ?? 0), agreeing: Number(rows[0]?.agreeing ?? 0) };
  }

  private async anchors(which: ReturnType<typeof sql>, limit: number): Promise<readonly Anchor[]> {
    const { rows } = await sql<AnchorRow>`
      select b.id::text as batch, '0x' || encode(e.transaction_hash, 'hex') as tx, b.ledger_size::text as size,
        e.detail->>'ledgerRoot' as root
      ${this.source()} and (${which})
      order by e.block_number desc, e.log_index desc limit ${limit}`.execute(this.db);
    return rows.map(({ batch, tx, size, root }) => ({ batch, tx, size: Number(size), root: toHex(fromHex(root, 32)) }));
  }

  /**
   * A batch and the final event that settled it: the same payload, in the transaction that closed
   * the batch.
   */
  private source() {
    return sql`
      from batches b
      join chain_events e on e.kind = 'settled' and e.final and e.transaction_hash = b.transaction_hash
        and e.detail->>'payloadHash' = '0x' || encode(b.payload_hash, 'hex')
      left join ledger_log_heads h on h.size = b.ledger_size
      where b.ledger_size is not null and e.detail ? 'ledgerRoot'`;
  }
}
