import type { Statements } from "../events/statements.ts";

/** What the vault logged of this terminal's payee, in a final block. */
export interface PayeeEvent {
  /** `payout`: earnings left the vault to the payee; `refund`: earnings went back to a card. */
  readonly kind: "payout" | "refund";
  readonly block: bigint;
  readonly logIndex: number;
  /** 0x hex. */
  readonly tx: string;
  /** Units that left the payee's earnings. */
  readonly units: bigint;
}

/** The payee's account in the vault. */
export interface PayeeAccount {
  /** Units that the vault has paid to it since its beginning. */
  readonly earned: bigint;
  /** Units of them that left: by payouts and by refunds. */
  readonly withdrawn: bigint;
  /** Seconds: time of the final block that showed it. */
  readonly asOf: number;
}

/** Payouts and refunds of the payee, of each domain, with its account. */
export class PayeeEventStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  keep(domainBytes: Uint8Array, { kind, block, logIndex, tx, units }: PayeeEvent): void {
    this.statements.run(
      "INSERT OR IGNORE INTO chain_payee_event (domain, block, log_index, kind, tx, units) VALUES (?, ?, ?, ?, ?, ?)",
      ...[domainBytes, block, logIndex, kind, tx, units],
    );
  }

  /** The chain is read from the start again. */
  forget(domainBytes: Uint8Array): void {
    for (const table of ["chain_payee_event", "chain_payee"])
      this.statements.run(`DELETE FROM ${table} WHERE domain = ?`, domainBytes);
  }

  keepAccount(domainBytes: Uint8Array, { earned, withdrawn, asOf }: PayeeAccount): void {
    this.statements.run(
      "INSERT OR REPLACE INTO chain_payee (domain, earned, withdrawn, as_of) VALUES (?, ?, ?, ?)",
      ...[domainBytes, earned, withdrawn, asOf],
    );
  }

  /** Null where no final block showed it yet. */
  account(domainBytes: Uint8Array): PayeeAccount | null {
    const row = this.statements.one<{ readonly earned: bigint; readonly withdrawn: bigint; readonly as_of: bigint }>(
      "SELECT earned, withdrawn, as_of FROM chain_payee WHERE domain = ?",
      domainBytes,
    );
    return row === undefined ? null : { earned: row.earned, withdrawn: row.withdrawn, asOf: Number(row.as_of) };
  }

  /** The newest payouts, newest first. */
  payouts(domainBytes: Uint8Array, limit: number): readonly PayeeEvent[] {
    return this.statements
      .many<{ readonly block: bigint; readonly log_index: bigint; readonly tx: string; readonly units: bigint }>(
        `SELECT block, log_index, tx, units FROM chain_payee_event WHERE domain = ? AND kind = 'payout'
         ORDER BY block DESC, log_index DESC LIMIT ?`,
        ...[domainBytes, limit],
      )
      .map(({ block, log_index: logIndex, tx, units }) => ({
        ...{ kind: "payout", block, logIndex: Number(logIndex), tx, units },
      }));
  }

  /** Units that refunds took of the earnings since the last payout. */
  refundedSincePayout(domainBytes: Uint8Array): bigint {
    const [last] = this.payouts(domainBytes, 1);
    const row = this.statements.one<{ readonly units: bigint }>(
      `SELECT coalesce(sum(units), 0) AS units FROM chain_payee_event
       WHERE domain = ? AND kind = 'refund' AND (block, log_index) > (?, ?)`,
      ...[domainBytes, last?.block ?? -1n, last?.logIndex ?? -1],
    );
    return row?.units ?? 0n;
  }
}
