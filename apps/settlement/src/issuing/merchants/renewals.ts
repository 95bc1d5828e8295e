import { Inject, Injectable, Logger } from "@nestjs/common";
import {
  CERTIFICATE_RENEWAL_SECONDS,
  equalBytes,
  type MerchantCertificate,
  type RenewalRequest,
} from "@tallystick/protocol";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { lastCertificate } from "./last-certificate.ts";
import { type CertificateTerms, Merchants, type SignedCertificate } from "./merchants.ts";
import { nextTerms, renewalFault, type RenewalFault } from "./renewal-terms.ts";
import { terminalName, withdrawnFrom, withdrawnProblem } from "./withdrawals.ts";

const faults: Readonly<Record<RenewalFault, string>> = {
  OtherTerminal: "It names another vault, payee, terminal id, key or category than the terminal's last certificate.",
  BadSignature: "It is not signed by the key that it names.",
  OutOfTime: "It is older than seven days, or of a time that is still to come.",
};

/** Renews the certificates of terminals that ask for it, by settlement itself (spec §6.13). */
@Injectable()
export class Renewals {
  private readonly log = new Logger(Renewals.name);
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Merchants) private readonly merchants: Merchants,
  ) {}

  /**
   * The terminal's last certificate where that is not near its end, else the next one; by each key that
   * signs, the present one's first. `held` is the certificate by which the terminal asks, signed by
   * the issuer. Throws Problem RENEWAL_REFUSED, or CERTIFICATE_NOT_VALID where it was withdrawn.
   */
  async renew(held: MerchantCertificate, request: RenewalRequest): Promise<readonly SignedCertificate[]> {
    const at = new Date(this.clock.now());
    const now = Math.floor(at.getTime() / 1_000);
    const fault = renewalFault(request, held, { engine: this.engine, now });
    if (fault !== null) throw refusal(fault);
    const { terms, isNew } = await retryingTransaction(this.db, (trx) => this.plan(trx, held, { at, now }));
    if (isNew) this.log.log(`${terminalName(terms)}: its certificate was renewed until ${String(terms.notAfter)}.`);
    return this.merchants.sign(terms);
  }

  private async plan(
    trx: DatabaseTransaction,
    held: MerchantCertificate,
    { at, now }: { readonly at: Date; readonly now: number },
  ): Promise<{ readonly terms: CertificateTerms; readonly isNew: boolean }> {
    await takeLock(trx, "certificates");
    const from = await withdrawnFrom(trx, held);
    if (from !== null) throw withdrawnProblem(from, "it is never renewed");
    const last = (await lastCertificate(trx, held)) ?? { terms: held, renewedSeconds: null };
    // A person may have certified another key or category meanwhile.
    const isSame = equalBytes(last.terms.terminalKey, held.terminalKey) && last.terms.category === held.category;
    if (!isSame) throw refusal("OtherTerminal");
    const next = nextTerms(last, { held, now, renewalSeconds: CERTIFICATE_RENEWAL_SECONDS });
    await this.merchants.store(trx, next.terms, { at, renewedSeconds: next.renewedSeconds });
    return { terms: next.terms, isNew: next.terms !== last.terms };
  }
}

/** Its name stands in the answer as `reason`. */
function refusal(reason: RenewalFault): Problem {
  return new Problem("RENEWAL_REFUSED", `${faults[reason]} Have the issuer certify the terminal.`, {
    members: { reason },
  });
}
