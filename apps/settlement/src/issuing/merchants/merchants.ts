import { Inject, Injectable } from "@nestjs/common";
import {
  digestOf,
  encodeMerchantCertificate,
  toHex,
  type Domain,
  type MerchantCertificate,
} from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { terminalName, withdrawnFrom } from "./withdrawals.ts";

export type CertificateTerms = Omit<MerchantCertificate, "domain" | "issuerKeyId">;

/** A certificate and its signature. */
export interface SignedCertificate {
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Certifies terminals. The certificate is stored before it is signed; the same terms gives the same
 * certificate.
 */
@Injectable()
export class Merchants {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The certificate by each key that signs, the present one's first; they are equal but for the key id
   * (spec §6.10). Throws Problem CERTIFICATE_RANGE or CERTIFICATE_WITHDRAWN.
   */
  async certify(terms: CertificateTerms, actor: Actor): Promise<readonly SignedCertificate[]> {
    if (terms.notAfter < terms.notBefore) throw new Problem("CERTIFICATE_RANGE", "notAfter is before notBefore.");
    const signed: SignedCertificate[] = [];
    for (const { id, sign } of this.issuer.signers) {
      const certificate = encodeMerchantCertificate({ ...terms, domain: this.domain, issuerKeyId: id });
      await this.store(terms, certificate, actor);
      const signature = await sign(digestOf(certificate));
      await this.db.updateTable("terminals").set({ signature }).where("certificate", "=", certificate).execute();
      signed.push({ certificate, signature });
    }
    return signed;
  }

  private async store({ payee, terminalId }: CertificateTerms, certificate: Uint8Array, actor: Actor): Promise<void> {
    const at = new Date(this.clock.now());
    await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "certificates");
      if ((await withdrawnFrom(trx, { payee, terminalId })) !== null) {
        throw new Problem("CERTIFICATE_WITHDRAWN", "Give the terminal a new id and a new key, and certify that one.");
      }
      const inserted = await trx
        .insertInto("terminals")
        .values({ payee, terminal_id: terminalId, certificate, signature: null, issued_at: at })
        .onConflict((conflict) => conflict.columns(["payee", "terminal_id", "certificate"]).doNothing())
        .returning("payee")
        .executeTakeFirst();
      if (inserted === undefined) return;
      const subject = terminalName({ payee, terminalId });
      const details = { certificate: toHex(digestOf(certificate)) };
      await recordAction(trx, { action: "certificate", actor, subject, details, at });
    });
  }
}
