import { Inject, Injectable } from "@nestjs/common";
import type { Asset } from "@tallystick/money";
import { digestOf, encodeAdmission, toHex, type Domain } from "@tallystick/protocol";
import type { AdmissionAnswer, Terms } from "@tallystick/protocol/wire";
import { ISSUER_SIGNERS } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Merchants, type CertificateTerms } from "../merchants/merchants.ts";

/** An approved request, as it is stored before anything is signed. */
export interface Approved {
  /** SHA-256 of `TLYQ`. */
  readonly id: Uint8Array;
  readonly certificateTerms: CertificateTerms;
  /** The text that is signed. */
  readonly terms: string;
  /** Seconds. */
  readonly issuedAt: number;
}

/** Makes what an admitted terminal gets (spec §3.13). */
@Injectable()
export class Admissions {
  constructor(
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(Merchants) private readonly merchants: Merchants,
  ) {}

  /** The terms as they are now: the text that an approval stores, and every head signs. */
  termsText(): string {
    const { guarantee, publicUrl, uploadWindowSeconds } = this.config;
    const { code, decimals, scale } = this.asset;
    const account = guarantee.bears ? this.signers.guarantee?.address : undefined;
    const terms: Terms = {
      schema: "tallystick.terms/1",
      asset: { code, decimals, scale: scale.toString() },
      issuerKeys: this.issuer.signers.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) })),
      guaranteeAccount: account === undefined ? null : toHex(account),
      settlementUrl: publicUrl ?? null,
      uploadWindowSeconds,
      vaultDelaySeconds: LIMITS.vaultDelaySeconds,
    };
    return JSON.stringify(terms);
  }

  /** Signs certificate and admission by each key that signs, the present one's first. Rejects with KeystoreError. */
  async sign({ id, certificateTerms, terms, issuedAt }: Approved): Promise<AdmissionAnswer> {
    const termsHash = digestOf(new TextEncoder().encode(terms));
    const certificates = await this.merchants.sign(certificateTerms);
    const heads: AdmissionAnswer["heads"] = [];
    for (const [index, { id: issuerKeyId, sign }] of this.issuer.signers.entries()) {
      const signed = certificates[index];
      if (signed === undefined) throw new Error("Each key signs a certificate.");
      const certificateHash = digestOf(signed.certificate);
      const { domain } = this;
      const bytes = encodeAdmission({ domain, issuerKeyId, issuedAt, requestHash: id, certificateHash, termsHash });
      heads.push({
        admission: toHex(bytes),
        signature: toHex(await sign(digestOf(bytes))),
        certificate: toHex(signed.certificate),
        certificateSignature: toHex(signed.signature),
      });
    }
    return { terms, heads };
  }
}
