import { Inject, Injectable } from "@nestjs/common";
import { decodeUpload, digestOf, type Domain, toHex } from "@tallystick/protocol";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { count } from "../../foundation/figures/figures.ts";
import { someIds, tellEvent } from "../../foundation/figures/tell-event.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { VerificationPool } from "../verification/verification-pool.ts";
import type { VerificationContext } from "../verification/verify-entry.ts";
import type { UploadBytes, UploadFault, UploadVerdict } from "../verification/verify-upload.ts";
import { storedAllowances } from "./stored-allowances.ts";
import { storeUpload } from "./store-upload.ts";
import { keepReceipt, Receipts, type SignedReceipt } from "./receipts.ts";
import type { SignedUpload } from "./upload-chain.ts";
import type { EntryOutcome } from "./upload-to-store.ts";

const faults: Readonly<Record<UploadFault, string>> = {
  DOMAIN: "The upload or its certificate is for another vault or chain.",
  CERTIFICATE: "The certificate is for another payee or terminal than the upload names.",
  CERTIFICATE_SIGNATURE: "The certificate is not signed by this issuer.",
  UPLOAD_SIGNATURE: "The upload is not signed by the certified terminal key.",
  BODY_HASH: "The body is not the one whose hash the upload signs.",
};

/** What an upload brought. */
export interface TakenUpload {
  /** Each voucher's, in the body's order. */
  readonly outcomes: readonly EntryOutcome[];
  /** Null where settlement no longer holds the key that signed the certificate. */
  readonly receipt: SignedReceipt | null;
  /** The terminal's upload with the highest number; null where it is this one. */
  readonly latest: SignedUpload | null;
}

/** A trusted upload whose body no decoder takes; its bytes arrived all the same. */
export class MalformedBody extends Error {
  override readonly name = "MalformedBody";
  readonly receipt: SignedReceipt | null;

  constructor(message: string, receipt: SignedReceipt | null) {
    super(message);
    this.receipt = receipt;
  }
}

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
    @Inject(Receipts) private readonly receipts: Receipts,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Takes an upload, with the receipt of it that the terminal holds. Throws MalformedBody, Problem
   * UPLOAD_UNTRUSTED or RECEIPT_QUOTA, and ProtocolError.
   */
  async take(bytes: UploadBytes, shown: SignedReceipt | null = null): Promise<TakenUpload> {
    const now = this.clock.now();
    const hash = digestOf(bytes.upload);
    const { receipt: known, withdrawnAt } = await this.receipts.known(hash, decodeUpload(bytes.upload));
    const first = this.receipts.firstArrival(hash, { known, shown });
    const receivedAt = first ?? Math.floor(now / 1_000);
    const verdict = await this.verify(bytes, {
      domain: this.domain,
      issuerKeys: this.issuer.knownKeys.map((key) => ({ ...key, domain: this.domain })),
      arrival: { at: receivedAt, uploadWindowSeconds: this.config.uploadWindowSeconds },
      withdrawnAt,
    });
    if (!verdict.ok) throw new Problem("UPLOAD_UNTRUSTED", faults[verdict.fault]);
    const { upload, entries, issuerKeyId, malformed } = verdict;
    const givenAt = new Date(now);
    const refused = entries.filter(({ kind }) => kind === "refused").length;
    const brought = { bodyBytes: bytes.body.length, refused };
    const receipt = await this.receipts.sign(upload, { hash, issuerKeyId, receivedAt, givenAt, known, brought });
    const stored = { hash, bytes, upload, entries, postings: this.postings };
    return retryingTransaction(this.db, async (trx) => {
      const kept = receipt === null ? null : await keepReceipt(trx, receipt);
      // The receipt stays: what is thrown for the body is thrown after the transaction.
      if (malformed !== null) return { outcomes: [], receipt: kept, latest: null };
      const arrived = first === null ? new Date(now) : new Date(first * 1_000);
      const { outcomes, latest } = await storeUpload(trx, { ...stored, receivedAt: arrived });
      return { outcomes, receipt: kept, latest };
    }).then((taken) => {
      if (malformed !== null) throw new MalformedBody(malformed, taken.receipt);
      countEntries(taken.outcomes);
      tellEntries(taken.outcomes, toHex(hash));
      return taken;
    });
  }

  /** Once more where vouchers came with a newer allowance than they were paid under (spec §6.8). */
  private async verify(bytes: UploadBytes, context: VerificationContext): Promise<UploadVerdict> {
    const verdict = await this.pool.verify(bytes, context);
    if (!verdict.ok) return verdict;
    const paidUnder = await storedAllowances(this.db, verdict.entries);
    return paidUnder.size === 0 ? verdict : this.pool.verify(bytes, { ...context, paidUnder });
  }
}

function countEntries(outcomes: readonly EntryOutcome[]): void {
  const by = (...wanted: EntryOutcome["status"][]): number =>
    outcomes.filter(({ status }) => wanted.includes(status)).length;
  for (const result of ["new", "duplicate", "forked", "refused"] as const)
    count("tallystick_upload_entries_total", { result }, by(result));
  count("tallystick_stage_vouchers_total", { stage: "received" }, by("new", "forked", "refused"));
  count("tallystick_stage_vouchers_total", { stage: "verified" }, by("new", "forked"));
  count("tallystick_stage_vouchers_total", { stage: "posted" }, by("new"));
}

/** Forks and refusals of an upload, a line each; what was stored before is told no more. */
function tellEntries(outcomes: readonly EntryOutcome[], upload: string): void {
  const forked = outcomes.filter(({ status }) => status === "forked").map(({ id }) => toHex(id));
  if (forked.length > 0) tellEvent("fork", `upload ${upload} brought ${someIds(forked)}`);
  const refused = outcomes.filter(({ status }) => status === "refused");
  if (refused.length === 0) return;
  const codes = [...new Set(refused.map(({ code }) => code ?? ""))].sort();
  tellEvent("refusal", `upload ${upload}, ${refused.length} entries: ${codes.join(", ")}`);
}
