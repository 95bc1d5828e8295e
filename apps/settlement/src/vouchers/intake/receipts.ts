import { Inject, Injectable } from "@nestjs/common";
import {
  decodeReceipt,
  digestOf,
  type Domain,
  encodeDomain,
  encodeReceipt,
  equalBytes,
  isProtocolError,
  type Receipt,
  type Upload,
  verifyDigest,
} from "@tallystick/protocol";
import { sql } from "kysely";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { DAY_MS, LIMITS } from "../../foundation/limits/limits.ts";
import type { NamedTerminal } from "../../issuing/merchants/known-merchants.ts";

/** `TLYR` with the issuer's signature. */
export interface SignedReceipt {
  /** 101 bytes. */
  readonly receipt: Uint8Array;
  readonly signature: Uint8Array;
}

/** A receipt on its way into the database. */
export interface ReceiptToKeep extends SignedReceipt {
  readonly content: Receipt;
  readonly givenAt: Date;
  readonly brought: BroughtEntries;
}

/** What an upload brings, as it counts against its terminal's day. */
export interface BroughtEntries {
  readonly bodyBytes: number;
  readonly refused: number;
}

/**
 * Receipts of uploads (spec §3.10, §6.8): one for each upload, with the time of its first arrival.
 */
@Injectable()
export class Receipts {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * What the database knows of an upload before it is verified: its receipt, and from which seconds
   * on its terminal's certificates are withdrawn (spec §6.12).
   */
  async known(
    upload: Uint8Array,
    { payee, terminalId }: NamedTerminal,
  ): Promise<{ readonly receipt: SignedReceipt | null; readonly withdrawnAt: number | null }> {
    const { rows } = await sql<{ receipt: Uint8Array | null; signature: Uint8Array | null; withdrawn: string | null }>`
      select r.receipt, r.signature, (
        select min(w.withdrawn_from) from certificate_withdrawals w
        where w.payee = ${payee}::bytea and w.terminal_id = ${terminalId}::bytea)::text as withdrawn
      from (select) as one left join receipts r on r.upload = ${upload}::bytea`.execute(this.db);
    const { receipt = null, signature = null, withdrawn = null } = rows[0] ?? {};
    return {
      receipt: receipt === null || signature === null ? null : { receipt, signature },
      withdrawnAt: withdrawn === null ? null : Number(withdrawn),
    };
  }

  /**
   * Seconds at which the upload with this hash arrived first: as the database knows it, or by the
   * receipt that comes with the upload, which may be older than the database, whichever is earlier.
   * Null for neither.
   */
  firstArrival(
    upload: Uint8Array,
    { known, shown }: { readonly known: SignedReceipt | null; readonly shown: SignedReceipt | null },
  ): number | null {
    const times = [
      known === null ? null : decodeReceipt(known.receipt).receivedAt,
      shown === null ? null : this.timeOf(upload, shown),
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * Signs the receipt of an upload that is trusted. Null where settlement no longer holds the key
   * that signed the certificate. Throws RECEIPT_QUOTA for a terminal that has brought what it may in
   * a day, where this upload has no receipt yet.
   */
  async sign(
    upload: Upload,
    made: {
      readonly hash: Uint8Array;
      readonly issuerKeyId: number;
      readonly receivedAt: number;
      readonly givenAt: Date;
      readonly known: SignedReceipt | null;
      readonly brought: BroughtEntries;
    },
  ): Promise<ReceiptToKeep | null> {
    const { hash, issuerKeyId, receivedAt, givenAt, known, brought } = made;
    const signer = this.issuer.signerOf(issuerKeyId);
    if (signer === null) return null;
    if (known === null) await this.assertQuota(upload, brought, givenAt);
    const content: Receipt = {
      ...{ domain: this.domain, issuerKeyId, payee: upload.payee, terminalId: upload.terminalId },
      ...{ uploadSeq: upload.uploadSeq, uploadHash: hash, receivedAt },
    };
    const receipt = encodeReceipt(content);
    return { content, receipt, signature: await signer.sign(digestOf(receipt)), givenAt, brought };
  }

  /**
   * The time in a receipt of this very upload by a key of this issuer; any other is worth nothing.
   */
  private timeOf(upload: Uint8Array, { receipt, signature }: SignedReceipt): number | null {
    let content: Receipt;
    try {
      content = decodeReceipt(receipt);
    } catch (error) {
      if (isProtocolError(error)) return null;
      throw error;
    }
    if (!equalBytes(content.uploadHash, upload)) return null;
    if (!equalBytes(encodeDomain(content.domain), encodeDomain(this.domain))) return null;
    const key = this.issuer.knownKeys.find(({ id }) => id === content.issuerKeyId);
    if (key === undefined || !verifyDigest(signature, digestOf(receipt), key.publicKey)) return null;
    return content.receivedAt;
  }

  private async assertQuota(upload: Upload, brought: BroughtEntries, now: Date): Promise<void> {
    const { given, bytes, refused } = await this.db
      .selectFrom("receipts")
      .select((select) => [
        select.fn.countAll<string>().as("given"),
        select.fn.coalesce(select.fn.sum<string>("body_bytes"), sql<string>`0`).as("bytes"),
        select.fn.coalesce(select.fn.sum<string>("refused_entries"), sql<string>`0`).as("refused"),
      ])
      .where("payee", "=", upload.payee)
      .where("terminal_id", "=", upload.terminalId)
      .where("given_at", ">", new Date(now.getTime() - DAY_MS))
      .executeTakeFirstOrThrow();
    const { receiptsPerDay, uploadBytesPerDay, refusedEntriesPerDay } = this.config;
    const over = [
      { what: "receipts", had: Number(given), more: 1, most: receiptsPerDay },
      { what: "bytes of bodies", had: Number(bytes), more: brought.bodyBytes, most: uploadBytesPerDay },
      { what: "refused entries", had: Number(refused), more: brought.refused, most: refusedEntriesPerDay },
    ].find(({ had, more, most }) => had + more > most);
    if (over === undefined) return;
    throw new Problem(
      "RECEIPT_QUOTA",
      `This terminal had ${over.had} ${over.what} in a day. Send the same upload again later; nothing of it was stored.`,
      { retryAfterSeconds: LIMITS.quotaRetrySeconds },
    );
  }
}

/**
 * Keeps a receipt in the caller's transaction. Answers the one that counts: the first of its
 * upload.
 */
export async function keepReceipt(trx: DatabaseTransaction, made: ReceiptToKeep): Promise<SignedReceipt> {
  const { content, receipt, signature, givenAt, brought } = made;
  const { payee, terminalId, uploadHash, receivedAt } = content;
  const kept = await trx
    .insertInto("receipts")
    .values({
      ...{ upload: uploadHash, payee, terminal_id: terminalId, given_at: givenAt },
      ...{ received_at: BigInt(receivedAt), receipt, signature },
      ...{ body_bytes: brought.bodyBytes, refused_entries: brought.refused },
    })
    .onConflict((conflict) => conflict.column("upload").doNothing())
    .returning(["receipt", "signature"])
    .executeTakeFirst();
  if (kept !== undefined) return kept;
  return trx
    .selectFrom("receipts")
    .select(["receipt", "signature"])
    .where("upload", "=", uploadHash)
    .executeTakeFirstOrThrow();
}
