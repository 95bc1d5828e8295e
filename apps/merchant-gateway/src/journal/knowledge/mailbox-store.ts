import {
  decodeMailboxEntry,
  encodeMailboxEntry,
  MAILBOX_CURSOR_LENGTH,
  type MailboxEntry,
  type MailboxPage,
} from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { Statements } from "../events/statements.ts";

/** How many entries and how many cards a terminal remembers of one domain. */
export interface MailboxBounds {
  readonly entries: number;
  readonly cards: number;
}

/**
 * Allowances that the terminal carries to their cards (spec §5.10), none of them verified before its
 * card is there. The caller's transaction holds a page and its cursor together.
 */
export class MailboxStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Where the next page begins; zeros at the start. */
  cursor(domainBytes: Uint8Array): Uint8Array {
    const row = this.statements.one<{ readonly cursor: Uint8Array }>(
      "SELECT cursor FROM mailbox_cursor WHERE domain = ?",
      domainBytes,
    );
    return row === undefined ? new Uint8Array(MAILBOX_CURSOR_LENGTH) : plain(row.cursor);
  }

  /** Keeps a page and goes on behind it; the cards with the least left to spend are kept first. */
  keepPage(domainBytes: Uint8Array, { next, entries }: MailboxPage, bounds: MailboxBounds): void {
    for (const entry of entries) this.keep(domainBytes, entry);
    this.statements.run(
      "INSERT INTO mailbox_cursor VALUES (?, ?) ON CONFLICT (domain) DO UPDATE SET cursor = excluded.cursor",
      ...[domainBytes, next],
    );
    this.bound(domainBytes, bounds);
  }

  /** Keeps one entry where none of its card with as high a seq is held. */
  keep(domainBytes: Uint8Array, entry: MailboxEntry): void {
    this.statements.run(
      "DELETE FROM mailbox_entry WHERE domain = ? AND card_tag = ? AND seq < ?",
      ...[domainBytes, entry.cardTag, entry.body.seq],
    );
    this.statements.run(
      "INSERT OR IGNORE INTO mailbox_entry (domain, card_tag, seq, entry) VALUES (?, ?, ?, ?)",
      ...[domainBytes, entry.cardTag, entry.body.seq, encodeMailboxEntry(entry)],
    );
  }

  /** What is held for a card and was not refused by it; null where there is nothing. */
  of(domainBytes: Uint8Array, cardTag: Uint8Array): MailboxEntry | null {
    const row = this.statements.one<{ readonly entry: Uint8Array }>(
      "SELECT entry FROM mailbox_entry WHERE domain = ? AND card_tag = ? AND refused = 0",
      ...[domainBytes, cardTag],
    );
    return row === undefined ? null : decodeMailboxEntry(plain(row.entry));
  }

  /** Forgets an entry that its card has shown, or that is nobody's. */
  drop(domainBytes: Uint8Array, { cardTag, body }: Pick<MailboxEntry, "cardTag" | "body">): void {
    this.statements.run(
      "DELETE FROM mailbox_entry WHERE domain = ? AND card_tag = ? AND seq <= ?",
      ...[domainBytes, cardTag, body.seq],
    );
  }

  /** Its card refused it: only a newer one is sent to that card. */
  refuse(domainBytes: Uint8Array, { cardTag, body }: MailboxEntry): void {
    this.statements.run(
      "UPDATE mailbox_entry SET refused = 1 WHERE domain = ? AND card_tag = ? AND seq = ?",
      ...[domainBytes, cardTag, body.seq],
    );
  }

  /** What a card has left to spend, as it showed: cards with the least are in need first. */
  saw(domainBytes: Uint8Array, cardTag: Uint8Array, left: bigint): void {
    this.statements.run(
      `INSERT INTO card_seen (domain, card_tag, left_units) VALUES (?, ?, ?)
       ON CONFLICT (domain, card_tag) DO UPDATE SET left_units = excluded.left_units`,
      ...[domainBytes, cardTag, left],
    );
  }

  /** Entries that are held. */
  count(domainBytes: Uint8Array): number {
    return this.countOf("mailbox_entry", domainBytes);
  }

  private countOf(table: "mailbox_entry" | "card_seen", domainBytes: Uint8Array): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      `SELECT count(*) AS count FROM ${table} WHERE domain = ?`,
      domainBytes,
    );
    return Number(row?.count ?? 0n);
  }

  private bound(domainBytes: Uint8Array, { entries, cards }: MailboxBounds): void {
    if (this.countOf("mailbox_entry", domainBytes) > entries)
      this.statements.run(
        `DELETE FROM mailbox_entry WHERE number IN (
           SELECT mailbox_entry.number FROM mailbox_entry LEFT JOIN card_seen USING (domain, card_tag)
           WHERE domain = ? ORDER BY left_units IS NULL, left_units, mailbox_entry.number DESC LIMIT -1 OFFSET ?)`,
        ...[domainBytes, entries],
      );
    if (this.countOf("card_seen", domainBytes) > cards)
      this.statements.run(
        `DELETE FROM card_seen WHERE number IN (
           SELECT number FROM card_seen WHERE domain = ? ORDER BY number DESC LIMIT -1 OFFSET ?)`,
        ...[domainBytes, cards],
      );
  }
}
