import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";
import { plain } from "../events/blob.ts";

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
    this.statements
      .prepare(
        "INSERT INTO upload (domain, seq, head, signature, body, state, packed_at) VALUES (?, ?, ?, ?, ?, 'packed', ?)",
      )
      .run(upload.domainBytes, upload.seq, upload.head, upload.signature, upload.body, now);
    this.note(upload, "packed", now);
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
    const changed = this.statements
      .prepare(
        "UPDATE upload SET state = 'answered', answered_at = ? WHERE domain = ? AND seq = ? AND state = 'packed'",
      )
      .run(now, upload.domainBytes, upload.seq).changes;
    if (changed > 0) this.note(upload, "answered", now);
  }

  private one(sql: string, domainBytes: Uint8Array): UploadRecord | null {
    const row = this.statements.prepare<[Uint8Array], UploadRow>(sql).get(domainBytes);
    return row === undefined ? null : uploadOf(row);
  }

  private note(upload: Omit<UploadRecord, "state">, state: string, now: number): void {
    this.events.append({
      at: now,
      kind: "upload",
      subject: `${toHex(upload.domainBytes)}/${upload.seq}`,
      state,
      body: JSON.stringify({ head: toHex(upload.head) }),
    });
  }
}
