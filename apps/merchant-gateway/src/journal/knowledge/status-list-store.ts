import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** A status list as it was received and verified. */
export interface StatusListRecord {
  readonly domainBytes: Uint8Array;
  /** `TLYS`, 81 bytes. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  /** Uncompressed. */
  readonly list: Uint8Array;
}

/** The newest status list of each domain. */
export class StatusListStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  of(domainBytes: Uint8Array): StatusListRecord | null {
    const row = this.statements.one<Pick<StatusListRecord, "head" | "signature" | "list">>(
      "SELECT head, signature, list FROM status_list WHERE domain = ?",
      domainBytes,
    );
    if (row === undefined) return null;
    return { domainBytes, head: plain(row.head), signature: plain(row.signature), list: plain(row.list) };
  }

  /** Replaces the list that is held; the caller has verified it and compared the numbers. */
  keep({ domainBytes, head, signature, list }: StatusListRecord, now: number): void {
    this.statements.run(
      `INSERT INTO status_list (domain, head, signature, list, fetched_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (domain) DO UPDATE SET head = excluded.head, signature = excluded.signature, list = excluded.list,
         fetched_at = excluded.fetched_at`,
      ...[domainBytes, head, signature, list, now],
    );
    const subject = toHex(domainBytes);
    this.events.append({ at: now, kind: "status-list", subject, state: "held", details: { head: toHex(head) } });
  }
}
