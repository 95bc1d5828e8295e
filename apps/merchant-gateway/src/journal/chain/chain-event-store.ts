import { plain } from "../events/blob.ts";
import type { Statements } from "../events/statements.ts";

/** How far a domain's chain was read. */
export interface ChainCursor {
  /** Null where the reading is to begin anew. */
  readonly block: bigint | null;
  readonly hash: string | null;
  /** Seconds; timestamp of the newest final block that was read. */
  readonly asOf: number;
}

/** An owner's request for units of a card, or for a counter. */
export interface OwnerRequest {
  readonly card: Uint8Array;
  /** Seconds; from then on the owner may carry it out. */
  readonly readyAt: number;
}

/** What vouchers of a card with a pending withdrawal may come to. */
export interface CardCover {
  readonly card: Uint8Array;
  /** Units, voided counters not yet counted: `spent` above it is not paid for (spec §6.3). May be below zero. */
  readonly bound: bigint;
  /** The vault has flagged the card: nothing that it says of its own payments is counted. */
  readonly flagged: boolean;
  /** Seconds; from then on the request counts as none. */
  readonly until: number;
}

/** A counter of a card. */
interface CardCounter {
  readonly card: Uint8Array;
  readonly counter: number;
}

/** What the vault logged, of each domain. */
export class ChainEventStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  cursor(domainBytes: Uint8Array): ChainCursor | null {
    const row = this.statements.one<{
      readonly block: bigint | null;
      readonly hash: string | null;
      readonly as_of: bigint;
    }>("SELECT block, hash, as_of FROM chain_cursor WHERE domain = ?", domainBytes);
    return row === undefined ? null : { block: row.block, hash: row.hash, asOf: Number(row.as_of) };
  }

  moveCursor(domainBytes: Uint8Array, { block, hash, asOf }: ChainCursor): void {
    this.statements.run(
      `INSERT INTO chain_cursor (domain, block, hash, as_of) VALUES (?, ?, ?, ?)
       ON CONFLICT (domain) DO UPDATE SET block = excluded.block, hash = excluded.hash, as_of = excluded.as_of`,
      ...[domainBytes, block, hash, asOf],
    );
  }

  /** Forgets what was read, but not how far: the chain is read from the start again. */
  forget(domainBytes: Uint8Array): void {
    for (const table of ["chain_withdrawal", "chain_released", "chain_void", "chain_voided"])
      this.statements.run(`DELETE FROM ${table} WHERE domain = ?`, domainBytes);
    this.statements.run("UPDATE chain_cursor SET block = NULL, hash = NULL WHERE domain = ?", domainBytes);
  }

  /** A final request for units; null ends it. */
  withdrawal(domainBytes: Uint8Array, card: Uint8Array, request: { units: bigint; readyAt: number } | null): void {
    if (request === null) {
      this.statements.run("DELETE FROM chain_withdrawal WHERE domain = ? AND card = ?", domainBytes, card);
      return;
    }
    this.statements.run(
      "INSERT OR REPLACE INTO chain_withdrawal (domain, card, units, ready_at) VALUES (?, ?, ?, ?)",
      ...[domainBytes, card, request.units, request.readyAt],
    );
  }

  /** Final requests for units. */
  withdrawals(domainBytes: Uint8Array): readonly (OwnerRequest & { readonly units: bigint })[] {
    return this.statements
      .many<{
        readonly card: Uint8Array;
        readonly units: bigint;
        readonly ready_at: bigint;
      }>("SELECT card, units, ready_at FROM chain_withdrawal WHERE domain = ?", domainBytes)
      .map(({ card, units, ready_at: readyAt }) => ({ card: plain(card), units, readyAt: Number(readyAt) }));
  }

  /** A counter was released: its units stay behind the card. */
  released(domainBytes: Uint8Array, card: Uint8Array, units: bigint): void {
    this.statements.run(
      `INSERT INTO chain_released (domain, card, units) VALUES (?, ?, ?)
       ON CONFLICT (domain, card) DO UPDATE SET units = chain_released.units + excluded.units`,
      ...[domainBytes, card, units],
    );
  }

  releasedUnits(domainBytes: Uint8Array, card: Uint8Array): bigint {
    const row = this.statements.one<{ readonly units: bigint }>(
      "SELECT units FROM chain_released WHERE domain = ? AND card = ?",
      ...[domainBytes, card],
    );
    return row?.units ?? 0n;
  }

  voidRequested(domainBytes: Uint8Array, { card, counter, readyAt }: OwnerRequest & CardCounter): void {
    this.statements.run(
      "INSERT OR REPLACE INTO chain_void (domain, card, counter, ready_at) VALUES (?, ?, ?, ?)",
      ...[domainBytes, card, counter, readyAt],
    );
  }

  /** Counters that owners want to void. */
  voids(domainBytes: Uint8Array): readonly CardCounter[] {
    return this.counters("SELECT card, counter FROM chain_void WHERE domain = ?", domainBytes);
  }

  /** A counter was voided because its payment was lost: the request is at its end. */
  voided(domainBytes: Uint8Array, card: Uint8Array, counter: number): void {
    const values = [domainBytes, card, counter];
    this.statements.run("DELETE FROM chain_void WHERE domain = ? AND card = ? AND counter = ?", ...values);
    this.statements.run("INSERT OR IGNORE INTO chain_voided (domain, card, counter) VALUES (?, ?, ?)", ...values);
  }

  /** Voided counters of one card, upwards. */
  voidedCounters(domainBytes: Uint8Array, card: Uint8Array): readonly number[] {
    return this.statements
      .many<{
        readonly counter: bigint;
      }>("SELECT counter FROM chain_voided WHERE domain = ? AND card = ? ORDER BY counter", domainBytes, card)
      .map(({ counter }) => Number(counter));
  }

  /** Voided counters of all cards. */
  allVoided(domainBytes: Uint8Array): readonly CardCounter[] {
    return this.counters("SELECT card, counter FROM chain_voided WHERE domain = ?", domainBytes);
  }

  /** Replaces what is known of all cards with a pending withdrawal. */
  keepCovers(domainBytes: Uint8Array, covers: readonly CardCover[]): void {
    this.statements.run("DELETE FROM chain_cover WHERE domain = ?", domainBytes);
    for (const { card, bound, flagged, until } of covers)
      this.statements.run(
        "INSERT INTO chain_cover (domain, card, bound, flagged, until) VALUES (?, ?, ?, ?, ?)",
        ...[domainBytes, card, bound, flagged ? 1 : 0, until],
      );
  }

  covers(domainBytes: Uint8Array): readonly CardCover[] {
    return this.statements
      .many<{
        readonly card: Uint8Array;
        readonly bound: bigint;
        readonly flagged: bigint;
        readonly until: bigint;
      }>("SELECT card, bound, flagged, until FROM chain_cover WHERE domain = ?", domainBytes)
      .map(({ card, bound, flagged, until }) => ({
        ...{ card: plain(card), bound, flagged: flagged === 1n },
        until: Number(until),
      }));
  }

  private counters(sql: string, domainBytes: Uint8Array): readonly CardCounter[] {
    return this.statements
      .many<{ readonly card: Uint8Array; readonly counter: bigint }>(sql, domainBytes)
      .map(({ card, counter }) => ({ card: plain(card), counter: Number(counter) }));
  }
}
