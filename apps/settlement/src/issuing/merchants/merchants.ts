import { Inject, Injectable } from "@nestjs/common";
import {
  digestOf,
  encodeMerchantCertificate,
  toHex,
  type Domain,
  type MerchantCertificate,
} from "@tallystick/protocol";
import type { CertificateResponse } from "@tallystick/protocol/wire";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { assertSameKey } from "./last-certificate.ts";
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
   * (spec §6.10). Throws Problem CERTIFICATE_RANGE, CERTIFICATE_WITHDRAWN or TERMINAL_KEY_TAKEN.
   */
  async certify(
    terms: CertificateTerms,
    { actor, reason }: { readonly actor: Actor; readonly reason: string },
  ): Promise<readonly SignedCertificate[]> {
    const at = new Date(this.clock.now());
    await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "certificates");
      await this.certifyWithin(trx, terms, { actor, at, details: { reason } });
    });
    return this.sign(terms);
  }

  /**
   * Stores what a person certifies, in the caller's transaction, which holds the lock of certificates; called last, for
   * it adds to the audit log. Throws as `certify`.
   */
  async certifyWithin(
    trx: DatabaseTransaction,
    terms: CertificateTerms,
    {
      actor,
      at,
      details,
    }: { readonly actor: Actor; readonly at: Date; readonly details: Readonly<Record<string, string>> },
  ): Promise<void> {
    if (terms.notAfter < terms.notBefore) throw new Problem("CERTIFICATE_RANGE", "notAfter is before notBefore.");
    if ((await withdrawnFrom(trx, terms)) !== null)
      throw new Problem("CERTIFICATE_WITHDRAWN", "Give the terminal a new id and a new key, and certify that one.");
    await assertSameKey(trx, terms);
    const subject = terminalName(terms);
    for (const stored of await this.store(trx, terms, { at, renewedSeconds: null })) {
      const recorded = { certificate: toHex(digestOf(stored)), ...details };
      await recordAction(trx, { action: "certificate", actor, subject, details: recorded, at });
    }
  }

  /**
   * Stores the certificate by each key that signs, in the caller's transaction, which holds the lock of
   * certificates; answers those that were not there.
   */
  async store(
    trx: DatabaseTransaction,
    terms: CertificateTerms,
    { at, renewedSeconds }: { readonly at: Date; readonly renewedSeconds: number | null },
  ): Promise<readonly Uint8Array[]> {
    const { payee, terminalId } = terms;
    const added: Uint8Array[] = [];
    for (const { certificate } of this.certificatesOf(terms)) {
      const inserted = await trx
        .insertInto("terminals")
        .values({
          ...{ payee, terminal_id: terminalId, certificate, signature: null, issued_at: at },
          renewed_seconds: renewedSeconds === null ? null : BigInt(renewedSeconds),
        })
        .onConflict((conflict) => conflict.columns(["payee", "terminal_id", "certificate"]).doNothing())
        .returning("payee")
        .executeTakeFirst();
      if (inserted !== undefined) added.push(certificate);
    }
    return added;
  }

  /** Signs what is stored, by each key that signs. */
  async sign(terms: CertificateTerms): Promise<readonly SignedCertificate[]> {
    const signed: SignedCertificate[] = [];
    for (const { certificate, sign } of this.certificatesOf(terms)) {
      const signature = await sign(digestOf(certificate));
      await this.db.updateTable("terminals").set({ signature }).where("certificate", "=", certificate).execute();
      signed.push({ certificate, signature });
    }
    return signed;
  }

  private certificatesOf(terms: CertificateTerms) {
    return this.issuer.signers.map(({ id, sign }) => ({
      certificate: encodeMerchantCertificate({ ...terms, domain: this.domain, issuerKeyId: id }),
      sign,
    }));
  }
}

/** As it is answered; `others` are there while several keys sign. */
export function certificateAnswer(signed: readonly SignedCertificate[]): CertificateResponse {
  const [present, ...others] = signed.map(({ certificate, signature }) => ({
    certificate: toHex(certificate),
    signature: toHex(signature),
  }));
  if (present === undefined) throw new Error("The issuer has no key.");
  return { ...present, ...(others.length === 0 ? {} : { others }) };
}
