import { Inject, Injectable } from "@nestjs/common";
import { digestOf, type Domain } from "@tallystick/protocol";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { VerificationPool } from "../verification/verification-pool.ts";
import type { UploadBytes, UploadFault } from "../verification/verify-upload.ts";
import { storeUpload } from "./store-upload.ts";
import type { EntryOutcome } from "./upload-to-store.ts";

const faults: Readonly<Record<UploadFault, string>> = {
  DOMAIN: "The upload or its certificate is for another vault or chain.",
  CERTIFICATE: "The certificate is for another payee or terminal than the upload names.",
  CERTIFICATE_SIGNATURE: "The certificate is not signed by this issuer.",
  UPLOAD_SIGNATURE: "The upload is not signed by the certified terminal key.",
  BODY_HASH: "The body is not the one whose hash the upload signs.",
};

/**
 * Takes uploads in: verifies them, then stores everything they bring in one transaction. The same
 * upload may come any number of times, at once, and by several ways; it has one effect.
 */
@Injectable()
export class Intake {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(VerificationPool) private readonly pool: VerificationPool,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Returns each voucher's outcome in the body's order. Throws Problem UPLOAD_UNTRUSTED and
   * ProtocolError.
   */
  async take(bytes: UploadBytes): Promise<readonly EntryOutcome[]> {
    const now = this.clock.now();
    const verdict = await this.pool.verify(bytes, {
      domain: this.domain,
      issuerKeys: this.issuer.knownKeys,
      receivedAt: Math.floor(now / 1_000),
      uploadWindowSeconds: this.config.uploadWindowSeconds,
      clockSkewSeconds: LIMITS.clockSkewSeconds,
    });
    if (!verdict.ok) throw new Problem("UPLOAD_UNTRUSTED", faults[verdict.fault]);
    const hash = digestOf(bytes.upload);
    return retryingTransaction(this.db, (trx) =>
      storeUpload(trx, {
        hash,
        bytes,
        upload: verdict.upload,
        entries: verdict.entries,
        receivedAt: new Date(now),
        postings: this.postings,
      }),
    );
  }
}
