import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** What a tap's UPDATE ALLOWANCE came to. */
export interface AllowanceUpdateRecord {
  readonly tapId: string;
  readonly domainBytes: Uint8Array;
  readonly cardKey: Uint8Array;
  /** The mailbox's entry, 134 bytes. */
  readonly entry: Uint8Array;
  /** What the card answered; null where no whole answer came. */
  readonly sw: string | null;
  /** SELECT's answer before and after it, 234 bytes each. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

interface AllowanceUpdateRow {
  readonly tap_id: string;
  readonly domain: Uint8Array;
  readonly card_key: Uint8Array;
  readonly entry: Uint8Array;
  readonly sw: string | null;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Updates of cards at taps (spec §5.10): durable before the sale is decided. */
export class AllowanceUpdateStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  keep({ tapId, domainBytes, cardKey, entry, sw, before, after }: AllowanceUpdateRecord, now: number): void {
    this.statements.run(
      `INSERT INTO allowance_update (tap_id, domain, card_key, entry, sw, before, after, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[tapId, domainBytes, cardKey, entry, sw, before, after, now],
    );
    const details = { entry: toHex(entry), sw, before: toHex(before), select: toHex(after) };
    this.events.append({ at: now, kind: "allowance-update", subject: tapId, state: "", details });
  }

  ofTap(tapId: string): AllowanceUpdateRecord | null {
    const row = this.statements.one<AllowanceUpdateRow>("SELECT * FROM allowance_update WHERE tap_id = ?", tapId);
    if (row === undefined) return null;
    const { domain, card_key: cardKey, entry, sw, before, after } = row;
    return {
      ...{ tapId, sw, domainBytes: plain(domain), cardKey: plain(cardKey) },
      ...{ entry: plain(entry), before: plain(before), after: plain(after) },
    };
  }
}
