import type { Statements } from "../events/statements.ts";
import { plain } from "../events/blob.ts";

/** Where the reading of a domain's chain stands. */
export interface ChainCursor {
  /** Null where it is to begin anew. */
  readonly block: bigint | null;
  readonly hash: string | null;
  /** Seconds; timestamp of the newest final block that was read. */
  readonly asOf: number;
}

/** An owner's request for units of a card, or for a counter. */
export interface OwnerRequest {
  readonly card: Uint8Array;
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

/** What was read from the chain, of each domain. */
export class ChainEventStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  cursor(domainBytes: Uint8Array): ChainCursor | null {
    const row = this.statements
      .prepare<[Uint8Array], { readonly block: bigint | null; readonly hash: string | null; readonly as_of: bigint }>(
        "SELECT block, hash, as_of FROM chain_cursor WHERE domain = ?",
      )
      .get(domainBytes);
    return row === undefined ? null : { block: row.block, hash: row.hash, asOf: Number(row.as_of) };
  }

  moveCursor(domainBytes: Uint8Array, to: ChainCursor): void {
    this.statements
      .prepare(
        `INSERT INTO chain_cursor (domain, block, hash, as_of) VALUES (?, ?, ?, ?)
         ON CONFLICT (domain) DO UPDATE SET block = excluded.block, hash = excluded.hash, as_of = excluded.as_of`,
      )
      .run(domainBytes, to.block, to.hash, to.asOf);
  }

  /** Forgets what was read, but not how far: the chain is read from the start again. */
  forget(domainBytes: Uint8Array): void {
    for (const table of ["chain_withdrawal", "chain_released", "chain_void", "chain_voided"])
      this.statements.prepare(`DELETE FROM ${table} WHERE domain = ?`).run(domainBytes);
    this.statements.prepare("UPDATE chain_cursor SET block = NULL, hash = NULL WHERE domain = ?").run(domainBytes);
  }

  /** A final request for units; null ends it. */
  withdrawal(domainBytes: Uint8Array, card: Uint8Array, request: { units: bigint; readyAt: number } | null): void {
    if (request === null) {
      this.statements.prepare("DELETE FROM chain_withdrawal WHERE domain = ? AND card = ?").run(domainBytes, card);
      return;
    }
    this.statements
      .prepare("INSERT OR REPLACE INTO chain_withdrawal (domain, card, units, ready_at) VALUES (?, ?, ?, ?)")
      .run(domainBytes, card, request.units, request.readyAt);
  }

  /** Final requests for units. */
  withdrawals(domainBytes: Uint8Array): readonly (OwnerRequest & { readonly units: bigint })[] {
    return this.statements
      .prepare<[Uint8Array], { readonly card: Uint8Array; readonly units: bigint; readonly ready_at: bigint }>(
        "SELECT card, units, ready_at FROM chain_withdrawal WHERE domain = ?",
      )
      .all(domainBytes)
      .map(({ card, units, ready_at: readyAt }) => ({ card: plain(card), units, readyAt: Number(readyAt) }));
  }

  /** A counter was given up for nothing: its units stay behind the card. */
  released(domainBytes: Uint8Array, card: Uint8Array, units: bigint): void {
    this.statements
      .prepare(
        `INSERT INTO chain_released (domain, card, units) VALUES (?, ?, ?)
         ON CONFLICT (domain, card) DO UPDATE SET units = chain_released.units + excluded.units`,
      )
      .run(domainBytes, card, units);
  }

  releasedUnits(domainBytes: Uint8Array, card: Uint8Array): bigint {
    const row = this.statements
      .prepare<[Uint8Array, Uint8Array], { readonly units: bigint }>(
        "SELECT units FROM chain_released WHERE domain = ? AND card = ?",
      )
      .get(domainBytes, card);
    return row?.units ?? 0n;
  }

  voidRequested(domainBytes: Uint8Array, request: OwnerRequest & { readonly counter: number }): void {
    this.statements
      .prepare("INSERT OR REPLACE INTO chain_void (domain, card, counter, ready_at) VALUES (?, ?, ?, ?)")
      .run(domainBytes, request.card, request.counter, request.readyAt);
  }

  voids(domainBytes: Uint8Array): readonly (OwnerRequest & { readonly counter: number })[] {
    return this.statements
      .prepare<[Uint8Array], { readonly card: Uint8Array; readonly counter: bigint; readonly ready_at: bigint }>(
        "SELECT card, counter, ready_at FROM chain_void WHERE domain = ?",
      )
      .all(domainBytes)
      .map(({ card, counter, ready_at: readyAt }) => ({
        card: plain(card),
        counter: Number(counter),
        readyAt: Number(readyAt),
      }));
  }

  /** A counter was given up because its payment was lost: the request is at its end. */
  voided(domainBytes: Uint8Array, card: Uint8Array, counter: number): void {
    this.statements
      .prepare("DELETE FROM chain_void WHERE domain = ? AND card = ? AND counter = ?")
      .run(domainBytes, card, counter);
    this.statements
      .prepare("INSERT OR IGNORE INTO chain_voided (domain, card, counter) VALUES (?, ?, ?)")
      .run(domainBytes, card, counter);
  }

  /** Voided counters of one card, upwards. */
  voidedCounters(domainBytes: Uint8Array, card: Uint8Array): readonly number[] {
    return this.statements
      .prepare<[Uint8Array, Uint8Array], { readonly counter: bigint }>(
        "SELECT counter FROM chain_voided WHERE domain = ? AND card = ? ORDER BY counter",
      )
      .all(domainBytes, card)
      .map(({ counter }) => Number(counter));
  }

  /** Voided counters of all cards. */
  allVoided(domainBytes: Uint8Array): readonly { readonly card: Uint8Array; readonly counter: number }[] {
    return this.statements
      .prepare<[Uint8Array], { readonly card: Uint8Array; readonly counter: bigint }>(
        "SELECT card, counter FROM chain_voided WHERE domain = ?",
      )
      .all(domainBytes)
      .map(({ card, counter }) => ({ card: plain(card), counter: Number(counter) }));
  }

  /** Replaces what is known of all cards with a pending withdrawal. */
  keepCovers(domainBytes: Uint8Array, covers: readonly CardCover[]): void {
    this.statements.prepare("DELETE FROM chain_cover WHERE domain = ?").run(domainBytes);
    const insert = this.statements.prepare(
      "INSERT INTO chain_cover (domain, card, bound, flagged, until) VALUES (?, ?, ?, ?, ?)",
    );
    for (const { card, bound, flagged, until } of covers) insert.run(domainBytes, card, bound, flagged ? 1 : 0, until);
  }

  covers(domainBytes: Uint8Array): readonly CardCover[] {
    return this.statements
      .prepare<
        [Uint8Array],
        { readonly card: Uint8Array; readonly bound: bigint; readonly flagged: bigint; readonly until: bigint }
      >("SELECT card, bound, flagged, until FROM chain_cover WHERE domain = ?")
      .all(domainBytes)
      .map(({ card, bound, flagged, until }) => ({
        ...{ card: plain(card), bound, flagged: flagged === 1n },
        until: Number(until),
      }));
  }
}
