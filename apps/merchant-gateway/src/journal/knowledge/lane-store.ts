import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** Readers that somebody gave to lanes in place of the configured ones. */
export class LaneStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /**
   * The reader that a lane was given while this one was configured for it; null where it has the
   * configured one. Another configuration ends it.
   */
  readerOf(name: string, configured: string): string | null {
    const row = this.statements.one<{ readonly reader: string }>(
      "SELECT reader FROM lane WHERE name = ? AND configured = ?",
      ...[name, configured],
    );
    return row?.reader ?? null;
  }

  /** Gives a lane a reader, within the caller's transaction. */
  give(lane: { readonly name: string; readonly configured: string; readonly reader: string }, now: number): void {
    const { name, configured, reader } = lane;
    this.statements.run(
      `INSERT INTO lane (name, configured, reader, changed_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET configured = excluded.configured, reader = excluded.reader, changed_at = excluded.changed_at`,
      ...[name, configured, reader, now],
    );
    this.events.append({ at: now, kind: "lane", subject: name, state: "", details: { reader } });
  }
}
