import { createHash } from "node:crypto";
import { JournalError } from "./journal-error.ts";
import type { Statements } from "./statements.ts";

/** Something that happened, as it enters the log. */
export interface JournalEvent {
  readonly at: number;
  readonly kind:
    | "sale"
    | "tap"
    | "cancellation"
    | "upload"
    | "receipt"
    | "delivery"
    | "refund"
    | "chain-call"
    | "return-order"
    | "report"
    | "lane"
    | "certificate"
    | "person"
    | "device"
    | "action"
    | "status-list"
    | "allowance-update"
    | "clock"
    | "upgrade"
    | "restored";
  /** Id of what it happened to. */
  readonly subject: string;
  /** State after it, as the subject's table has it; empty where there is none. */
  readonly state: string;
  /** Bytes in hexadecimal. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Where the log ends. */
export interface LogHead {
  readonly seq: number;
  readonly link: Uint8Array;
}

interface EventRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  readonly body: string;
  readonly link: Uint8Array;
}

/** The link before the first event. */
const noLink = new Uint8Array(32);

/** The append-only, hash-chained record behind all tables. */
export class EventLog {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  head(): LogHead {
    const row = this.statements.one<Pick<EventRow, "seq" | "link">>(
      "SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1",
    );
    return row === undefined ? { seq: 0, link: noLink } : { seq: Number(row.seq), link: row.link };
  }

  /** The link at a place; null where the log is shorter. */
  linkAt(seq: number): Uint8Array | null {
    if (seq === 0) return noLink;
    return this.statements.one<Pick<EventRow, "link">>("SELECT link FROM event WHERE seq = ?", seq)?.link ?? null;
  }

  /** Appends within the caller's transaction. */
  append({ at, kind, subject, state, details }: JournalEvent): void {
    const head = this.head();
    const seq = head.seq + 1;
    const body = JSON.stringify(details);
    const link = linkOf(head.link, { seq: BigInt(seq), at: BigInt(at), kind, subject, state, body });
    this.statements.run(
      "INSERT INTO event (seq, at, kind, subject, state, body, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[seq, at, kind, subject, state, body, link],
    );
  }

  /** Walks the whole log and compares the states in it with the tables; throws JOURNAL_CORRUPT. */
  verify(): void {
    let link: Uint8Array = noLink;
    let seq = 0n;
    for (const row of this.statements.each<EventRow>("SELECT * FROM event ORDER BY seq")) {
      seq += 1n;
      link = linkOf(link, { ...row, seq });
      if (row.seq !== seq || Buffer.compare(link, row.link) !== 0)
        throw new JournalError("JOURNAL_CORRUPT", `The journal's hash chain is broken at event ${seq}.`);
    }
    this.assertStates(
      "Tap",
      `SELECT id FROM tap WHERE state IS NOT
       (SELECT state FROM event WHERE kind = 'tap' AND subject = tap.id ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
    this.assertStates(
      "Refund",
      `SELECT tap_id || '/' || refund_id AS id FROM refund WHERE state IS NOT
       (SELECT state FROM event WHERE kind = 'refund' AND subject = tap_id || '/' || refund_id ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
    // Calls that are older than the events of calls have none.
    this.assertStates(
      "Call",
      `SELECT id FROM chain_call WHERE state <> coalesce(
       (SELECT state FROM event WHERE kind = 'chain-call' AND subject = chain_call.id ORDER BY seq DESC LIMIT 1), state) LIMIT 1`,
    );
    this.assertReports();
    // Tests of upgrades stop before the schema that has orders.
    if (this.statements.one("SELECT 1 FROM sqlite_master WHERE name = 'return_order'") === undefined) return;
    this.assertStates(
      "Order",
      `SELECT '0x' || lower(hex(hash)) AS id FROM return_order WHERE state IS NOT
       (SELECT state FROM event WHERE kind = 'return-order' AND subject = '0x' || lower(hex(hash)) ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
  }

  /** The number of a closed period, and what it covers, are those that the log has. */
  private assertReports(): void {
    if (this.statements.one("SELECT 1 FROM sqlite_master WHERE name = 'report'") === undefined) return;
    this.assertStates(
      "Report",
      `SELECT number AS id FROM report WHERE json_array(from_seq, to_seq) IS NOT
       (SELECT json_array(json_extract(body, '$.fromSeq'), json_extract(body, '$.toSeq')) FROM event
        WHERE kind = 'report' AND subject = CAST(number AS TEXT) ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
  }

  /**
   * Throws JOURNAL_CORRUPT for the first row that the query finds in another state than its last
   * event says.
   */
  private assertStates(what: string, query: string): void {
    const found = this.statements.one<{ readonly id: string }>(query);
    if (found === undefined) return;
    throw new JournalError(
      "JOURNAL_CORRUPT",
      `${what} ${found.id} is in another state than the journal's hash chain says.`,
    );
  }
}

function linkOf(previous: Uint8Array, event: Omit<EventRow, "link">): Uint8Array {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(event.seq, 0);
  numbers.writeBigUInt64BE(event.at, 8);
  return createHash("sha256")
    .update(previous)
    .update(numbers)
    .update(`${event.kind}\0${event.subject}\0${event.state}\0${event.body}`)
    .digest();
}
