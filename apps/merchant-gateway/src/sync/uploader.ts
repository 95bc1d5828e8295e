import {
  reversalEntry,
  decodePayRequest,
  decodeUpload,
  encodeReversal,
  digestOf,
  encodeUpload,
  encodeUploadBody,
  fromHex,
  journalHead,
  type Signer,
  toHex,
  type UploadEntry,
  uploadEntryKinds,
} from "@tallystick/protocol";
import type { UploadResponse, UploadResult } from "@tallystick/protocol/wire";
import type { GatewayConfig, GivenCertificate, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { UploadRecord } from "../journal/payments/upload-store.ts";
import type { DeliveryState } from "../journal/payments/voucher-record.ts";
import { MAX_PACKED_ENTRIES } from "../limits.ts";
import { isIntended } from "../taps/tap-journal.ts";
import { SettlementError, type SettlementPort } from "./settlement-client.ts";
import type { UploadReceipts } from "./upload-receipts.ts";

/** How many vouchers of an upload became what. */
export interface UploadCounts {
  readonly new: number;
  readonly duplicate: number;
  readonly forked: number;
  readonly refused: number;
}

export const noCounts: UploadCounts = Object.freeze({ new: 0, duplicate: 0, forked: 0, refused: 0 });

export function addCounts(left: UploadCounts, right: UploadCounts): UploadCounts {
  return {
    new: left.new + right.new,
    duplicate: left.duplicate + right.duplicate,
    forked: left.forked + right.forked,
    refused: left.refused + right.refused,
  };
}

/**
 * A refused voucher stays with the terminal as disputed; settlement has every other one from now
 * on.
 */
const deliveryByStatus: { readonly [status in UploadResult["status"]]: DeliveryState } = {
  new: "taken",
  duplicate: "taken",
  forked: "taken",
  refused: "disputed",
};

/** The journal head before the first upload (spec §3.7). */
const noHead = new Uint8Array(32);

export interface UploaderParts {
  readonly journal: Pick<Journal, "write" | "vouchers" | "reversals" | "uploads">;
  readonly config: Pick<GatewayConfig, "payee" | "terminalId">;
  readonly signer: Signer;
  readonly receipts: UploadReceipts;
}

/**
 * Packs vouchers into uploads and sends each, byte for byte the same, until settlement has answered
 * (spec §3.7, §3.8).
 */
export class Uploader {
  private readonly journal: UploaderParts["journal"];
  private readonly config: UploaderParts["config"];
  private readonly signer: Signer;
  private readonly receipts: UploadReceipts;

  constructor({ journal, config, signer, receipts }: UploaderParts) {
    this.journal = journal;
    this.config = config;
    this.signer = signer;
    this.receipts = receipts;
  }

  /**
   * The upload to send next: the one without an answer, or a new one of what has not been packed;
   * null when all is sent. With a question that is due, one with nothing but a challenge serves
   * (spec §5.5).
   */
  async next(
    served: ServedDomain,
    now: number,
    { question = false }: { readonly question?: boolean } = {},
  ): Promise<UploadRecord | null> {
    return this.journal.uploads.pending(served.domainBytes) ?? (await this.pack(served, now, question));
  }

  /**
   * Sends an upload and records what settlement answers for each voucher. Throws SettlementError.
   */
  async send(
    served: ServedDomain,
    upload: UploadRecord,
    settlement: SettlementPort,
    now: number,
  ): Promise<UploadCounts> {
    const { certificate } = served;
    if (certificate === null) throw new RangeError("an upload needs a certificate");
    const answer = await this.answerTo({ ...served, certificate }, upload, settlement, now);
    this.assertAnswersAll(upload, answer.results);
    const receipt = this.receipts.verify(served, upload, answer);
    return this.journal.write(() => {
      this.receipts.keep(upload, receipt, now);
      let counts = noCounts;
      for (const { voucherId, status, code } of answer.results) {
        this.journal.vouchers.deliver(
          { id: fromHex(voucherId, 32), status, code, delivery: deliveryByStatus[status] },
          now,
        );
        counts = addCounts(counts, { ...noCounts, [status]: 1 });
      }
      this.journal.reversals.taken(upload.domainBytes, upload.seq);
      this.journal.uploads.answer(upload, now);
      return counts;
    });
  }

  /**
   * Settlement's answer; the receipt in a refusal is kept, because the bytes arrived (spec §6.8).
   */
  private async answerTo(
    served: ServedDomain & { readonly certificate: GivenCertificate },
    upload: UploadRecord,
    settlement: SettlementPort,
    now: number,
  ): Promise<UploadResponse> {
    const { certificate, signature } = served.certificate;
    try {
      return await settlement.upload({
        upload: toHex(upload.head),
        signature: toHex(upload.signature),
        certificate: toHex(certificate),
        certificateSignature: toHex(signature),
        body: toHex(upload.body),
        ...this.receipts.sending(upload),
      });
    } catch (error) {
      if (error instanceof SettlementError && error.receipt !== null) {
        const receipt = this.receipts.verify(served, upload, error.receipt);
        this.journal.write(() => {
          this.receipts.keep(upload, receipt, now);
        });
      }
      throw error;
    }
  }

  /**
   * Signing waits, so the vouchers are read and marked in the transaction after it, and only if
   * nothing was packed meanwhile.
   */
  private async pack(served: ServedDomain, now: number, question: boolean): Promise<UploadRecord | null> {
    const { domainBytes } = served;
    const vouchers = this.journal.vouchers.toPack(domainBytes, MAX_PACKED_ENTRIES);
    const reversed = this.journal.reversals.toPack(domainBytes, MAX_PACKED_ENTRIES - vouchers.length);
    if (vouchers.length + reversed.length === 0 && !question) return null;
    const last = this.journal.uploads.last(domainBytes);
    const seq = (last?.seq ?? 0) + 1;
    const entries: UploadEntry[] = vouchers.map(({ entry }) => ({ kind: uploadEntryKinds.voucher, data: entry }));
    for (const tap of reversed) entries.push(await this.reversalOf(served, tap));
    entries.push(this.receipts.challenge(served));
    const body = encodeUploadBody({ version: 1, entries });
    const head = encodeUpload({
      domain: served.domain,
      payee: this.config.payee,
      terminalId: this.config.terminalId,
      uploadSeq: seq,
      previousJournalHead: last === null ? noHead : journalHead(decodeUpload(last.head)),
      bodyHash: digestOf(body),
    });
    const signature = await this.signer.sign(digestOf(head));
    const upload: UploadRecord = { domainBytes, seq, head, signature, body, state: "packed" };
    this.journal.write(() => {
      this.journal.uploads.keep(upload, now);
      this.journal.vouchers.pack(
        vouchers.map(({ id }) => id),
        seq,
      );
      this.journal.reversals.pack(
        reversed.map(({ id }) => id),
        seq,
      );
    });
    this.receipts.packed(upload);
    return upload;
  }

  /** "I gave nothing for this request", signed by this terminal (spec §3.7). */
  private async reversalOf(served: ServedDomain, tap: TapRecord): Promise<UploadEntry> {
    if (!isIntended(tap)) throw new RangeError(`tap ${tap.id} was never sent to a card`);
    const reversal = { domain: served.domain, cardKey: tap.cardKey, request: decodePayRequest(tap.intent.request) };
    return reversalEntry({
      reversal,
      signature: await this.signer.sign(digestOf(encodeReversal(reversal))),
    });
  }

  private assertAnswersAll(upload: UploadRecord, results: readonly UploadResult[]): void {
    const sent = this.journal.vouchers.ofUpload(upload.domainBytes, upload.seq);
    const answered = new Set(results.map(({ voucherId }) => voucherId));
    if (results.length !== sent.length || !sent.every(({ id }) => answered.has(toHex(id)))) {
      throw new SettlementError(
        "SETTLEMENT_ANSWER_UNREADABLE",
        "Settlement's answer does not name every voucher of the upload once. The upload is sent again later.",
      );
    }
  }
}
