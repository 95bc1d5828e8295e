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

interface UploadRow {
  readonly domain: Uint8Array;
  readonly seq: bigint;
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
  readonly state: "packed" | "answered";
}

function uploadOf(row: UploadRow): UploadRecord {
  return {
    domainBytes: plain(row.domain),
    seq: Number(row.seq),
    head: plain(row.head),
    signature: plain(row.signature),
    body: plain(row.body),
    state: row.state,
  };
}

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

  /** The oldest upload without an answer. */
  pending(domainBytes: Uint8Array): UploadRecord | null {
    return this.one("SELECT * FROM upload WHERE domain = ? AND state = 'packed' ORDER BY seq LIMIT 1", domainBytes);
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
    state: UploadRecord["state"],
    now: number,
  ): void {
    const subject = `${toHex(upload.domainBytes)}/${upload.seq}`;
    this.events.append({ at: now, kind: "upload", subject, state, details: { head: toHex(upload.head) } });
  }
}
