import { Inject, Injectable } from "@nestjs/common";
import { digestOf, encodeMerchantCertificate, type Domain, type MerchantCertificate } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";

export type CertificateTerms = Omit<MerchantCertificate, "domain" | "issuerKeyId">;

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

  /** Throws Problem CERTIFICATE_RANGE. */
  async certify(terms: CertificateTerms): Promise<{ certificate: Uint8Array; signature: Uint8Array }> {
    if (terms.notAfter < terms.notBefore) throw new Problem("CERTIFICATE_RANGE", "notAfter is before notBefore.");
    const certificate = encodeMerchantCertificate({ ...terms, domain: this.domain, issuerKeyId: this.issuer.keyId });
    await this.db
      .insertInto("terminals")
      .values({
        payee: terms.payee,
        terminal_id: terms.terminalId,
        certificate,
        signature: null,
        issued_at: new Date(this.clock.now()),
      })
      .onConflict((conflict) => conflict.columns(["payee", "terminal_id", "certificate"]).doNothing())
      .execute();
    const signature = await this.issuer.sign(digestOf(certificate));
    await this.db.updateTable("terminals").set({ signature }).where("certificate", "=", certificate).execute();
    return { certificate, signature };
  }
}
