import { createHash } from "node:crypto";
import type Database from "better-sqlite3";
import { JournalError } from "./journal-error.ts";
import type { Statements } from "./statements.ts";

/** Something that happened, as it enters the chain. */
export interface JournalEvent {
  readonly at: number;
  readonly kind: "tap" | "cancellation" | "upload" | "delivery" | "refund" | "chain-call" | "status-list" | "restored";
  /** Id of what it happened to. */
  readonly subject: string;
  /** State after it; empty where there is none. */
  readonly state: string;
  /** JSON of the details, hexadecimal for bytes. */
  readonly body: string;
}

/** Where the chain stands. */
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

const nothing = new Uint8Array(32);

function linkOf(
  previous: Uint8Array,
  seq: number,
  event: Omit<JournalEvent, "kind"> & { readonly kind: string },
): Uint8Array {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(seq), 0);
  numbers.writeBigUInt64BE(BigInt(event.at), 8);
  return createHash("sha256")
    .update(previous)
    .update(numbers)
    .update(`${event.kind}\0${event.subject}\0${event.state}\0${event.body}`)
    .digest();
}

/** The append-only, hash-chained record behind all tables. */
export class EventLog {
  private readonly insert: Database.Statement;
  private readonly last: Database.Statement<[], Pick<EventRow, "seq" | "link">>;
  private readonly at: Database.Statement<[number], Pick<EventRow, "link">>;

  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
    this.insert = statements.prepare(
      "INSERT INTO event (seq, at, kind, subject, state, body, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.last = statements.prepare("SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1");
    this.at = statements.prepare("SELECT link FROM event WHERE seq = ?");
  }

  head(): LogHead {
    const row = this.last.get();
    return row === undefined ? { seq: 0, link: nothing } : { seq: Number(row.seq), link: row.link };
  }

  /** The link at a place, or null when the chain is shorter. */
  linkAt(seq: number): Uint8Array | null {
    return seq === 0 ? nothing : (this.at.get(seq)?.link ?? null);
  }

  /** Appends within the caller's transaction. */
  append(event: JournalEvent): void {
    const head = this.head();
    const seq = head.seq + 1;
    this.insert.run(seq, event.at, event.kind, event.subject, event.state, event.body, linkOf(head.link, seq, event));
  }

  /** Walks the whole chain and compares the states it tells with the tables; throws JOURNAL_CORRUPT. */
  verify(): void {
    let link: Uint8Array = nothing;
    let seq = 0;
    const rows = this.statements.prepare<[], EventRow>(
      "SELECT seq, at, kind, subject, state, body, link FROM event ORDER BY seq",
    );
    for (const row of rows.iterate()) {
      seq += 1;
      link = linkOf(link, seq, {
        at: Number(row.at),
        kind: row.kind,
        subject: row.subject,
        state: row.state,
        body: row.body,
      });
      if (Number(row.seq) !== seq || Buffer.compare(link, row.link) !== 0) {
        throw new JournalError("JOURNAL_CORRUPT", `The journal's chain is broken at event ${seq}.`);
      }
    }
    this.assertNoneAstray(
      "Tap",
      `SELECT id FROM tap WHERE state IS NOT
       (SELECT state FROM event WHERE kind = 'tap' AND subject = tap.id ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
    this.assertNoneAstray(
      "Refund",
      `SELECT tap_id || '/' || refund_id AS id FROM refund WHERE state IS NOT
       (SELECT state FROM event WHERE kind = 'refund' AND subject = tap_id || '/' || refund_id ORDER BY seq DESC LIMIT 1) LIMIT 1`,
    );
    // Calls from before they had events of their own are told by none.
    this.assertNoneAstray(
      "Call",
      `SELECT id FROM chain_call WHERE state <> coalesce(
       (SELECT state FROM event WHERE kind = 'chain-call' AND subject = chain_call.id ORDER BY seq DESC LIMIT 1), state) LIMIT 1`,
    );
  }

  /** Throws JOURNAL_CORRUPT for the first row that the query finds in another state than its last event tells. */
  private assertNoneAstray(what: string, query: string): void {
    const astray = this.statements.prepare<[], { readonly id: string }>(query).get();
    if (astray === undefined) return;
    throw new JournalError(
      "JOURNAL_CORRUPT",
      `${what} ${astray.id} is in another state than the journal's chain tells.`,
    );
  }
}
