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
  MAX_UPLOAD_ENTRIES,
  type Signer,
  toHex,
  type UploadEntry,
  uploadEntryKinds,
} from "@tallystick/protocol";
import type { UploadResult } from "@tallystick/protocol/wire";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { UploadRecord } from "../journal/payments/upload-store.ts";
import type { DeliveryState } from "../journal/payments/voucher-record.ts";
import { isIntended } from "../taps/tap-journal.ts";
import { SettlementError, type SettlementPort } from "./settlement-client.ts";

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

/** A refused voucher stays with the terminal as disputed; settlement has every other one from now on. */
const deliveryByStatus: { readonly [status in UploadResult["status"]]: DeliveryState } = {
  new: "taken",
  duplicate: "taken",
  forked: "taken",
  refused: "disputed",
};

/** The journal head before the first upload (spec §3.7). */
const noHead = new Uint8Array(32);

/** Packs vouchers into uploads and sends each, byte for byte the same, until settlement has answered (spec §3.7, §3.8). */
export class Uploader {
  private readonly journal: Pick<Journal, "write" | "vouchers" | "reversals" | "uploads">;
  private readonly config: Pick<GatewayConfig, "payee" | "terminalId">;
  private readonly signer: Signer;

  constructor(
    journal: Pick<Journal, "write" | "vouchers" | "reversals" | "uploads">,
    config: Pick<GatewayConfig, "payee" | "terminalId">,
    signer: Signer,
  ) {
    this.journal = journal;
    this.config = config;
    this.signer = signer;
  }

  /** The upload to send next: the one without an answer, or a new one of what has not been packed; null when all is sent. */
  async next(served: ServedDomain, now: number): Promise<UploadRecord | null> {
    return this.journal.uploads.pending(served.domainBytes) ?? (await this.pack(served, now));
  }

  /** Sends an upload and records what settlement answers for each voucher. Throws SettlementError. */
  async send(
    served: ServedDomain,
    upload: UploadRecord,
    settlement: SettlementPort,
    now: number,
  ): Promise<UploadCounts> {
    if (served.certificate === null) throw new RangeError("an upload needs a certificate");
    const { results } = await settlement.upload({
      upload: toHex(upload.head),
      signature: toHex(upload.signature),
      certificate: toHex(served.certificate.certificate),
      certificateSignature: toHex(served.certificate.signature),
      body: toHex(upload.body),
    });
    this.assertAnswersAll(upload, results);
    return this.journal.write(() => {
      let counts = noCounts;
      for (const { voucherId, status, code } of results) {
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

  /** Signing waits, so the vouchers are read and marked in the transaction after it, and only if nothing was packed meanwhile. */
  private async pack(served: ServedDomain, now: number): Promise<UploadRecord | null> {
    const { domainBytes } = served;
    const vouchers = this.journal.vouchers.toPack(domainBytes, MAX_UPLOAD_ENTRIES);
    const reversed = this.journal.reversals.toPack(domainBytes, MAX_UPLOAD_ENTRIES - vouchers.length);
    if (vouchers.length + reversed.length === 0) return null;
    const last = this.journal.uploads.last(domainBytes);
    const seq = (last?.seq ?? 0) + 1;
    const entries: UploadEntry[] = vouchers.map(({ entry }) => ({ kind: uploadEntryKinds.voucher, data: entry }));
    for (const tap of reversed) entries.push(await this.reversalOf(served, tap));
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
