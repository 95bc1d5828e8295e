import { Inject, Injectable } from "@nestjs/common";
import {
  certificateRequestDigits,
  decodeCertificateRequest,
  decodeMerchantCertificate,
  encodeMerchantCertificate,
  equalBytes,
  fromHex,
  toChecksumAddress,
  toHex,
  type CertificateRequest,
  type Domain,
} from "@tallystick/protocol";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Merchants, type CertificateTerms } from "../merchants/merchants.ts";
import { Admissions } from "./admissions.ts";
import { findRequest, unknownRequest, type RequestRow } from "./certificate-requests.ts";
import { FirstUnits } from "./first-units.ts";
import type { RequestList } from "./joining-wire.ts";
import { DIGIT_BYTES } from "./limits.ts";
import { isInTime, readBackFault } from "./request-checks.ts";

/** What a person gives a terminal, beside what the terminal asked for itself. */
export type GivenTerms = Omit<CertificateTerms, "payee" | "category" | "terminalId" | "terminalKey">;

/** An approval: what was read back, and what is given. */
export interface RequestApproval {
  readonly read: { readonly digits: string; readonly payee: string };
  readonly given: GivenTerms;
  /** For the audit log. */
  readonly reason: string;
}

const readBack = {
  DIGITS_DIFFER:
    "Compare all 20 digits with the terminal's own screen: another request has others. Approve none that differs.",
  PAYEE_DIFFERS: "Type the payee as the merchant reads it back, with its capitals (EIP-55).",
} as const;

/** What persons decide about requests for certificates (spec §6.15). */
@Injectable()
export class RequestDecisions {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Merchants) private readonly merchants: Merchants,
    @Inject(Admissions) private readonly admissions: Admissions,
    @Inject(FirstUnits) private readonly units: FirstUnits,
  ) {}

  /** Those that wait, the oldest first; then the decided ones, the newest first. Of these digits alone where some are given. */
  async list(digits: string | null): Promise<RequestList> {
    const rows = await this.db
      .selectFrom("certificate_requests")
      .selectAll()
      .$if(digits !== null, (query) =>
        query.where(sql`substr(id, 1, ${DIGIT_BYTES})`, "=", fromHex(`0x${digits ?? ""}`)),
      )
      .orderBy(sql`state <> 'waiting'`)
      .orderBy(sql`case when state = 'waiting' then received_at end`)
      .orderBy("received_at", "desc")
      .limit(LIMITS.listRows)
      .execute();
    const requests: RequestList["requests"] = [];
    for (const row of rows) requests.push(await this.listed(row));
    return { requests };
  }

  /**
   * Certifies the terminal that asked. The same approval again is answered as before. Throws Problem
   * CERTIFICATE_REQUEST_UNKNOWN, DIGITS_DIFFER, PAYEE_DIFFERS, REQUEST_DECIDED, REQUEST_OUT_OF_TIME,
   * TERMINAL_KEY_TAKEN, CERTIFICATE_WITHDRAWN, CERTIFICATE_RANGE and NAME_NEEDED.
   */
  async approve(id: Uint8Array, { read, given, reason }: RequestApproval, actor: Actor): Promise<RequestRow> {
    const who = personOf(actor);
    const row = await retryingTransaction(this.db, async (trx) => {
      const { row, request } = await this.asked(trx, id);
      const fault = readBackFault({ request, bytes: row.request }, read);
      if (fault !== null) throw new Problem(fault, readBack[fault]);
      const { payee, category, terminalId, terminalKey } = request;
      const terms = { payee, category, terminalId, terminalKey, ...given };
      if (row.state !== "waiting") return this.sameApproval(row, terms);
      const at = new Date(this.clock.now());
      if (!isInTime(request.time, Math.floor(at.getTime() / 1_000)))
        throw new Problem("REQUEST_OUT_OF_TIME", "The request is older than seven days: have the terminal ask anew.");
      const isNewPayee = await isUnknown(trx, payee);
      if (isNewPayee) await this.units.send(trx, payee, at);
      const certificate = encodeMerchantCertificate({
        ...terms,
        ...{ domain: this.domain, issuerKeyId: this.issuer.keyId },
      });
      const decided = await trx
        .updateTable("certificate_requests")
        .set({
          ...{ state: "approved", decided_at: at, decided_by: who },
          ...{ certificate, terms: this.admissions.termsText() },
        })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await this.merchants.certifyWithin(trx, terms, { actor, at, details: { request: toHex(id), reason } });
      return decided;
    });
    return this.signed(row);
  }

  /** Throws Problem CERTIFICATE_REQUEST_UNKNOWN, REQUEST_DECIDED where it was approved, and NAME_NEEDED. */
  async refuse(id: Uint8Array, reason: string, actor: Actor): Promise<RequestRow> {
    const who = personOf(actor);
    return retryingTransaction(this.db, async (trx) => {
      const { row, request } = await this.asked(trx, id);
      if (row.state === "refused") return row;
      if (row.state === "approved")
        throw new Problem("REQUEST_DECIDED", "It was approved: withdraw the terminal's certificates instead.");
      const at = new Date(this.clock.now());
      const decided = await trx
        .updateTable("certificate_requests")
        .set({ state: "refused", decided_at: at, decided_by: who, reason })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const subject = `${toHex(request.payee)}:${toHex(request.terminalId)}`;
      const details = { request: toHex(id), reason };
      await recordAction(trx, { action: "certificate-request-refused", actor, subject, details, at });
      return decided;
    });
  }

  /** An approved request with what the terminal gets: signed now where a stop, or an HSM that was away, kept it open. */
  async signed(row: RequestRow): Promise<RequestRow> {
    const { id, state, certificate, terms, decided_at: at } = row;
    if (state !== "approved" || row.admission !== null) return row;
    if (certificate === null || terms === null || at === null) throw new Error("What is approved has its terms.");
    const certificateTerms = decodeMerchantCertificate(new Uint8Array(certificate));
    const issuedAt = Math.floor(at.getTime() / 1_000);
    const admission = JSON.stringify(await this.admissions.sign({ id, certificateTerms, terms, issuedAt }));
    await this.db.updateTable("certificate_requests").set({ admission }).where("id", "=", id).execute();
    return { ...row, admission };
  }

  /** The request under its lock, and under that of certificates. */
  private async asked(
    trx: DatabaseTransaction,
    id: Uint8Array,
  ): Promise<{ readonly row: RequestRow; readonly request: CertificateRequest }> {
    await takeLock(trx, "certificateRequests");
    await takeLock(trx, "certificates");
    const row = await findRequest(trx, id);
    if (row === undefined) throw unknownRequest();
    return { row, request: decodeCertificateRequest(new Uint8Array(row.request)) };
  }

  private sameApproval(row: RequestRow, terms: CertificateTerms): RequestRow {
    const { certificate } = row;
    if (certificate !== null) {
      const { issuerKeyId } = decodeMerchantCertificate(new Uint8Array(certificate));
      const same = encodeMerchantCertificate({ ...terms, domain: this.domain, issuerKeyId });
      if (equalBytes(same, new Uint8Array(certificate))) return row;
    }
    throw new Problem("REQUEST_DECIDED", "It was refused, or approved on other terms: have the terminal ask anew.");
  }

  private async listed(row: RequestRow): Promise<RequestList["requests"][number]> {
    const bytes = new Uint8Array(row.request);
    const { payee, terminalId, terminalKey, category, time } = decodeCertificateRequest(bytes);
    const { state, reason } = row;
    return {
      ...{ id: toHex(row.id), digits: certificateRequestDigits(bytes), payee: toChecksumAddress(payee) },
      ...{ terminalId: toHex(terminalId), terminalKey: toHex(terminalKey), category, time },
      receivedAt: row.received_at.toISOString(),
      ...{ state, reason, decidedBy: row.decided_by },
      knownPayee: !(await isUnknown(this.db, payee)),
      knownTerminal: !(await isUnknown(this.db, payee, terminalId)),
    };
  }
}

/** Whether nobody was certified for a payee, or for this terminal of it. */
async function isUnknown(
  db: Database | DatabaseTransaction,
  payee: Uint8Array,
  terminalId?: Uint8Array,
): Promise<boolean> {
  const row = await db
    .selectFrom("terminals")
    .select("payee")
    .where("payee", "=", payee)
    .$if(terminalId !== undefined, (query) => query.where("terminal_id", "=", terminalId ?? payee))
    .limit(1)
    .executeTakeFirst();
  return row === undefined;
}
