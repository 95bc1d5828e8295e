import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** A certificate that took the place of another one. */
export interface RenewedCertificate {
  readonly domainBytes: Uint8Array;
  /** SHA-256 of the new one, 32 bytes. */
  readonly hash: Uint8Array;
  /** Seconds, inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Limits that are others now: name, before, after. */
  readonly changes: readonly (readonly [string, string, string])[];
}

/** What settlement named of the terminal's own certificate. */
interface NamedWithdrawal {
  readonly domainBytes: Uint8Array;
  /** Seconds. */
  readonly from: number;
}

/**
 * Certificates that were taken up without a person, which themselves stand in their files, and from
 * when on the issuer has withdrawn them.
 */
export class CertificateStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Within the caller's transaction. */
  renewed({ domainBytes, hash, notBefore, notAfter, changes }: RenewedCertificate, now: number): void {
    const details = { hash: toHex(hash), notBefore, notAfter, changes };
    this.events.append({ at: now, kind: "certificate", subject: toHex(domainBytes), state: "renewed", details });
  }

  /** Seconds from which on it is withdrawn; null where settlement never said so (spec §5.17). */
  withdrawnFrom(domainBytes: Uint8Array): number | null {
    const row = this.statements.one<{ withdrawn_from: bigint }>(
      "SELECT withdrawn_from FROM certificate_withdrawal WHERE domain = ?",
      domainBytes,
    );
    return row === undefined ? null : Number(row.withdrawn_from);
  }

  /**
   * Keeps from when on it is withdrawn, within the caller's transaction; answers whether that is news:
   * the earliest time counts, and a later one changes nothing.
   */
  withdraw({ domainBytes, from }: NamedWithdrawal, now: number): boolean {
    const known = this.withdrawnFrom(domainBytes);
    if (known !== null && known <= from) return false;
    this.statements.run(
      `INSERT INTO certificate_withdrawal (domain, withdrawn_from, told_at) VALUES (?, ?, ?)
       ON CONFLICT (domain) DO UPDATE SET withdrawn_from = excluded.withdrawn_from, told_at = excluded.told_at`,
      ...[domainBytes, from, now],
    );
    const subject = toHex(domainBytes);
    this.events.append({ at: now, kind: "certificate", subject, state: "withdrawn", details: { from } });
    return true;
  }
}
