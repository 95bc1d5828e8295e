import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { assertKnownTerminal, type NamedTerminal } from "./known-merchants.ts";

/** What a person asks for. */
export interface RequestedWithdrawal {
  readonly terminal: NamedTerminal;
  /** Seconds; null for now. */
  readonly from: number | null;
  readonly reason: string;
}

/** A terminal in the texts of the audit log. */
export function terminalName({ payee, terminalId }: NamedTerminal): string {
  return `${toHex(payee)}:${toHex(terminalId)}`;
}

/**
 * Seconds from which on a terminal's certificates are withdrawn, the earliest of all; null while
 * they are not (spec §6.12).
 */
export async function withdrawnFrom(
  db: Database | DatabaseTransaction,
  { payee, terminalId }: NamedTerminal,
): Promise<number | null> {
  const { earliest } = await db
    .selectFrom("certificate_withdrawals")
    .select((select) => select.fn.min("withdrawn_from").as("earliest"))
    .where("payee", "=", payee)
    .where("terminal_id", "=", terminalId)
    .executeTakeFirstOrThrow();
  return earliest === null ? null : Number(earliest);
}

/**
 * The refusal of a terminal whose certificate is withdrawn: it names from when on, so that the
 * terminal sells nothing more (spec §5.17).
 */
export function withdrawnProblem(from: number, what: string): Problem {
  return new Problem("CERTIFICATE_NOT_VALID", `The issuer withdrew the certificate; ${what}.`, {
    members: { withdrawnFrom: from },
  });
}

/** Withdraws the certificates of terminals. */
@Injectable()
export class Withdrawals {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Answers the seconds that count afterwards. A later time than the one that counts changes
   * nothing. Throws Problem NOT_FOUND, WITHDRAWAL_RANGE or NAME_NEEDED.
   */
  async withdraw({ terminal, from, reason }: RequestedWithdrawal, actor: Actor): Promise<number> {
    const who = personOf(actor);
    return retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "certificates");
      const at = new Date(this.clock.now());
      const now = Math.floor(at.getTime() / 1_000);
      const start = from ?? now;
      const known = await withdrawnFrom(trx, terminal);
      if (known !== null && known <= start) return known;
      if (start < now) {
        throw new Problem("WITHDRAWAL_RANGE", `What was sold before now is promised: name a time from ${now} on.`);
      }
      if (known === null) await assertKnownTerminal(trx, terminal);
      const { payee, terminalId } = terminal;
      await trx
        .insertInto("certificate_withdrawals")
        .values({ payee, terminal_id: terminalId, withdrawn_from: BigInt(start), reason, who, recorded_at: at })
        .execute();
      const details = { from: String(start), reason };
      const subject = terminalName(terminal);
      await recordAction(trx, { action: "certificate-withdrawn", actor, subject, details, at });
      return start;
    });
  }
}
