import {
  assertLogRange,
  consistencyPath,
  entryBytes,
  inclusionPath,
  leafHash,
  LedgerError,
  LogFrontier,
  LOG_SEAL_ENTRIES,
  rootAt,
  SEAL_ATTEMPTS,
  upTo,
  type LedgerLog,
  type LogEntry,
  type LogHead,
  type ReadNodes,
  type SealRange,
  type TransferRecord,
} from "@tallystick/ledger-core";
import { sql, type RawBuilder } from "kysely";
import { transferOf, type TransferRow } from "./ledger-rows.ts";

/** Runs a statement on the engine's connection. */
export type RunQuery = <Row>(query: RawBuilder<unknown>) => Promise<Row[]>;

interface HeadRow {
  readonly size: string;
  readonly root: Uint8Array;
}

const TRANSFER_COLUMNS = sql.raw(
  "t.id, t.kind, t.asset, t.debit, t.credit, t.amount::text, t.target, t.expires_at_ms::text, t.at_ms::text, t.fingerprint",
);

/**
 * The log in PostgreSQL. On a transaction sealing joins it: what is rolled back was never in the
 * log.
 */
export class PostgresLog implements LedgerLog {
  readonly #run: RunQuery;
  readonly #read: ReadNodes;

  constructor(run: RunQuery) {
    this.#run = run;
    this.#read = nodeReader(run);
  }

  async seal({ last }: SealRange = {}): Promise<LogHead> {
    for (let attempt = 1; attempt <= SEAL_ATTEMPTS;) {
      // In this order: where another seal ends between the two, the head is the one that holds what
      // it took.
      const records = await this.#unlogged();
      const head = await this.head();
      const isWhole = records.length < LOG_SEAL_ENTRIES;
      const isLast = last !== undefined && (isWhole || records.some(({ id }) => id === last));
      const added = isLast ? upTo(last, records) : records;
      if (added.length === 0) return head;
      const sealed = await this.#append(head.size, added);
      if (sealed === null) attempt += 1;
      else if (isWhole || isLast) return sealed;
    }
    throw new LedgerError("CONCURRENT_CHANGE", "Others seal the log at this moment; try again later.");
  }

  async head(): Promise<LogHead> {
    const [row] = await this.#run<HeadRow>(sql`
      select size::text, root from ledger_log_heads order by ledger_log_heads.size desc limit 1`);
    if (row === undefined) return { size: 0, root: await rootAt(0, this.#read) };
    return { size: Number(row.size), root: new Uint8Array(row.root) };
  }

  async rootAt(size: number): Promise<Uint8Array> {
    assertLogRange("size", size, { from: 0, to: (await this.head()).size });
    return rootAt(size, this.#read);
  }

  async entry(place: number | string): Promise<LogEntry | null> {
    if (typeof place === "number" && !Number.isSafeInteger(place)) return null;
    const named = typeof place === "string" ? sql`l.transfer = ${place}` : sql`l.position = ${String(place)}::bigint`;
    const [row] = await this.#run<TransferRow & { position: string; leaf: Uint8Array }>(sql`
      select l.position::text, n.hash as leaf, ${TRANSFER_COLUMNS}
      from ledger_log_entries l join ledger_transfers t on t.id = l.transfer
      join ledger_log_nodes n on n.tile_level = 0 and n.position = l.position where ${named}`);
    if (row === undefined) return null;
    return { index: Number(row.position), record: transferOf(row), leaf: new Uint8Array(row.leaf) };
  }

  async proveInclusion(claim: { readonly index: number; readonly size: number }): Promise<readonly Uint8Array[]> {
    assertLogRange("size", claim.size, { from: 1, to: (await this.head()).size });
    assertLogRange("index", claim.index, { from: 0, to: claim.size - 1 });
    return inclusionPath(claim, this.#read);
  }

  async proveConsistency(claim: { readonly from: number; readonly to: number }): Promise<readonly Uint8Array[]> {
    assertLogRange("to", claim.to, { from: 0, to: (await this.head()).size });
    assertLogRange("from", claim.from, { from: 0, to: claim.to });
    return consistencyPath(claim, this.#read);
  }

  async #unlogged(): Promise<readonly TransferRecord[]> {
    const rows = await this.#run<TransferRow>(sql`
      select ${TRANSFER_COLUMNS} from (
        select history, place, transfer from ledger_unlogged order by history, place limit ${LOG_SEAL_ENTRIES}::int) u
      cross join lateral (select x.* from ledger_transfers x where x.id = u.transfer offset 0) t
      order by u.history, u.place`);
    return rows.map(transferOf);
  }

  /** Null where somebody else sealed meanwhile. */
  async #append(size: number, records: readonly TransferRecord[]): Promise<LogHead | null> {
    const frontier = await LogFrontier.read(size, this.#read);
    const nodes = frontier.append(records.map((record) => leafHash(entryBytes(record)))).map((node) => ({
      ...{ tile_level: node.tileLevel, position: node.position },
      hash: Buffer.from(node.hash).toString("hex"),
    }));
    const root = frontier.root();
    const ids = JSON.stringify(records.map(({ id }) => id));
    const [row] = await this.#run<{ appended: boolean }>(sql`
      select ledger_log_append(${String(size)}::bigint, ${ids}::jsonb, ${JSON.stringify(nodes)}::jsonb,
        ${Buffer.from(root)}::bytea) as appended`);
    return row?.appended === true ? { size: frontier.size, root } : null;
  }
}

/** Reads the log's nodes. */
export function nodeReader(run: RunQuery): ReadNodes {
  return async (tileLevel, from, count) => {
    const rows = await run<{ hash: Uint8Array }>(sql`
      select hash from ledger_log_nodes where tile_level = ${tileLevel}::smallint
        and position >= ${String(from)}::bigint and position < ${String(from + count)}::bigint order by position`);
    if (rows.length !== count)
      throw new Error(`The log lacks nodes ${from} to ${from + count - 1} of tile level ${tileLevel}.`);
    return rows.map(({ hash }) => new Uint8Array(hash));
  };
}
