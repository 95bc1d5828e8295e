import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** An upload as it was signed; it is sent again byte for byte until it is answered. */
export interface UploadRecord {
  readonly domainBytes: Uint8Array;
  readonly seq: number;
  /** `TLYU`, 128 bytes. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
  readonly state: "packed" | "answered";
}

/** A row of the table `upload`. */
export interface UploadRow {
  readonly domain: Uint8Array;
  readonly seq: bigint;
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
  readonly state: "packed" | "answered";
}

/** An upload from its row. */
export function uploadOf(row: UploadRow): UploadRecord {
  return {
    domainBytes: plain(row.domain),
    seq: Number(row.seq),
    head: plain(row.head),
    signature: plain(row.signature),
    body: plain(row.body),
    state: row.state,
  };
}

const notSetAside =
  "NOT EXISTS (SELECT 1 FROM upload_set_aside AS aside WHERE aside.domain = upload.domain AND aside.seq = upload.seq)";

/** Uploads of each domain, numbered without a gap. */
export class UploadStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Keeps a new upload, in the transaction that marks its vouchers as packed. */
  keep(upload: Omit<UploadRecord, "state">, now: number): void {
    const { domainBytes, seq, head, signature, body } = upload;
    this.statements.run(
      "INSERT INTO upload (domain, seq, head, signature, body, state, packed_at) VALUES (?, ?, ?, ?, ?, 'packed', ?)",
      ...[domainBytes, seq, head, signature, body, now],
    );
    this.recordEvent(upload, "packed", now);
  }

  /** The newest upload of a domain. */
  last(domainBytes: Uint8Array): UploadRecord | null {
    return this.one("SELECT * FROM upload WHERE domain = ? ORDER BY seq DESC LIMIT 1", domainBytes);
  }

  /** The newest upload that is not set aside. */
  lastToSend(domainBytes: Uint8Array): UploadRecord | null {
    return this.one(`SELECT * FROM upload WHERE domain = ? AND ${notSetAside} ORDER BY seq DESC LIMIT 1`, domainBytes);
  }

  /** The oldest upload that was neither answered nor set aside. */
  pending(domainBytes: Uint8Array): UploadRecord | null {
    return this.one(
      `SELECT * FROM upload WHERE domain = ? AND state = 'packed' AND ${notSetAside} ORDER BY seq LIMIT 1`,
      domainBytes,
    );
  }

  /**
   * What the next upload follows: the newest one, or a later one that the journal forgot and a
   * person has accepted as lost. Null before the first.
   */
  chainEnd(domainBytes: Uint8Array): Pick<UploadRecord, "seq" | "head"> | null {
    const row = this.statements.one<Pick<UploadRow, "seq" | "head">>(
      `SELECT seq, head FROM upload WHERE domain = ? UNION ALL
       SELECT seq, head FROM upload_forgotten WHERE domain = ? AND accepted = 1 ORDER BY seq DESC LIMIT 1`,
      ...[domainBytes, domainBytes],
    );
    return row === undefined ? null : { seq: Number(row.seq), head: plain(row.head) };
  }

  /**
   * Records an upload that this terminal signed and its journal does not hold (spec §5.7). Answers
   * whether it is one: an upload of this journal, or up to one that was accepted as lost, is none.
   */
  forget({ domainBytes, seq, head, signature }: Omit<UploadRecord, "state" | "body">, now: number): boolean {
    const known = this.statements.one(
      `SELECT 1 FROM upload WHERE domain = ? AND head = ? UNION ALL
       SELECT 1 FROM upload_forgotten WHERE domain = ? AND (head = ? OR (accepted = 1 AND seq >= ?))`,
      ...[domainBytes, head, domainBytes, head, seq],
    );
    if (known !== undefined) return false;
    this.statements.run(
      "INSERT INTO upload_forgotten (domain, seq, head, signature, found_at) VALUES (?, ?, ?, ?, ?)",
      ...[domainBytes, seq, head, signature, now],
    );
    this.recordEvent({ domainBytes, seq, head }, "forgotten", now);
    return true;
  }

  /** Whether the journal is known to have forgotten, and nobody has accepted that. */
  hasForgotten(): boolean {
    return this.statements.one("SELECT 1 FROM upload_forgotten WHERE accepted = 0 LIMIT 1") !== undefined;
  }

  /** A person goes on although the journal forgot. */
  acceptForgotten(now: number): void {
    const lost = this.statements.many<UploadRow>("SELECT * FROM upload_forgotten WHERE accepted = 0");
    for (const { domain, seq, head } of lost) {
      this.statements.run("UPDATE upload_forgotten SET accepted = 1 WHERE domain = ? AND head = ?", domain, head);
      this.recordEvent({ domainBytes: plain(domain), seq: Number(seq), head: plain(head) }, "accepted", now);
    }
  }

  /** Records that settlement answered; a second answer changes nothing. */
  answer(upload: UploadRecord, now: number): void {
    const changed = this.statements.run(
      "UPDATE upload SET state = 'answered', answered_at = ? WHERE domain = ? AND seq = ? AND state = 'packed'",
      ...[now, upload.domainBytes, upload.seq],
    );
    if (changed > 0) this.recordEvent(upload, "answered", now);
  }

  private one(sql: string, domainBytes: Uint8Array): UploadRecord | null {
    const row = this.statements.one<UploadRow>(sql, domainBytes);
    return row === undefined ? null : uploadOf(row);
  }

  private recordEvent(
    upload: Pick<UploadRecord, "domainBytes" | "seq" | "head">,
    state: UploadRecord["state"] | "forgotten" | "accepted",
    now: number,
  ): void {
    const subject = `${toHex(upload.domainBytes)}/${upload.seq}`;
    this.events.append({ at: now, kind: "upload", subject, state, details: { head: toHex(upload.head) } });
  }
}
