import {
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  digestOf,
  encodeDomain,
  equalBytes,
  fromHex,
  isProtocolError,
  toHex,
  uploadEntryKinds,
  verifyDigest,
} from "@tallystick/protocol";
import type { UploadResponse, UploadResult } from "@tallystick/protocol/wire";
import type { GivenCertificate, ServedDomain } from "../config/gateway-config.ts";
import type { UploadRecord } from "../journal/payments/upload-store.ts";
import type { DeliveryState } from "../journal/payments/voucher-record.ts";
import { Packer, type PackerParts } from "./packer.ts";
import { entriesIn, parcelsOf } from "./parcels.ts";
import { SettlementError, type SettlementPort } from "./settlement-client.ts";

/** How many vouchers of an upload became what. */
export interface UploadCounts {
  readonly new: number;
  readonly duplicate: number;
  readonly forked: number;
  readonly refused: number;
  /** Uploads that were set aside, to be packed anew in halves. */
  readonly setAside: number;
}

export const noCounts: UploadCounts = Object.freeze({ new: 0, duplicate: 0, forked: 0, refused: 0, setAside: 0 });

export function addCounts(left: UploadCounts, right: UploadCounts): UploadCounts {
  return {
    new: left.new + right.new,
    duplicate: left.duplicate + right.duplicate,
    forked: left.forked + right.forked,
    refused: left.refused + right.refused,
    setAside: left.setAside + right.setAside,
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

export type UploaderParts = PackerParts;

/**
 * Sends uploads, each byte for byte the same, until settlement has answered (spec §3.7), and sets
 * aside what cannot be taken as it is (spec §5.8).
 */
export class Uploader {
  private readonly parts: UploaderParts;
  private readonly packer: Packer;

  constructor(parts: UploaderParts) {
    this.parts = parts;
    this.packer = new Packer(parts);
  }

  /**
   * The upload to send next: the one without an answer, or a new one of what has not been packed or
   * was set aside; null when all is sent. With a question that is due, one with nothing but a
   * challenge serves (spec §5.5).
   */
  async next(
    served: ServedDomain,
    now: number,
    { question = false }: { readonly question?: boolean } = {},
  ): Promise<UploadRecord | null> {
    return this.parts.journal.uploads.pending(served.domainBytes) ?? (await this.packer.pack(served, now, question));
  }

  /**
   * Sends an upload and records what settlement answers for each voucher; or sets it aside, where
   * that counts against it. Throws SettlementError, also where a single entry is not taken by
   * somebody on the way.
   */
  async send(
    served: ServedDomain,
    upload: UploadRecord,
    settlement: SettlementPort,
    now: number,
  ): Promise<UploadCounts> {
    const { certificate } = served;
    if (certificate === null) throw new RangeError("an upload needs a certificate");
    let answer: UploadResponse;
    try {
      answer = await this.answerTo({ ...served, certificate }, upload, settlement, now);
    } catch (error) {
      if (error instanceof SettlementError && error.against !== null && upload.state === "packed")
        return this.setAside(upload, error, now);
      throw error;
    }
    this.assertAnswersAll(upload, answer.results);
    const { journal, receipts } = this.parts;
    const receipt = receipts.verify(served, upload, answer);
    if (journal.setAside.has(upload.domainBytes, upload.seq)) this.packer.mended(upload);
    return journal.write(() => {
      receipts.keep(upload, receipt, now);
      this.rememberForgotten(served, answer, now);
      let counts = noCounts;
      for (const { voucherId, status, code } of answer.results) {
        journal.vouchers.deliver({ id: fromHex(voucherId, 32), status, code, delivery: deliveryByStatus[status] }, now);
        counts = addCounts(counts, { ...noCounts, [status]: 1 });
      }
      journal.reversals.taken(upload.domainBytes, upload.seq);
      journal.uploads.answer(upload, now);
      journal.setAside.tell(upload.domainBytes, [upload.seq, ...toldIn(upload)]);
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
    const { journal, receipts } = this.parts;
    try {
      return await settlement.upload({
        upload: toHex(upload.head),
        signature: toHex(upload.signature),
        certificate: toHex(certificate),
        certificateSignature: toHex(signature),
        body: toHex(upload.body),
        ...receipts.sending(upload),
      });
    } catch (error) {
      if (error instanceof SettlementError && error.receipt !== null) {
        const receipt = receipts.verify(served, upload, error.receipt);
        journal.write(() => {
          receipts.keep(upload, receipt, now);
        });
      }
      throw error;
    }
  }

  /**
   * Sets an upload aside, so that its entries are packed anew in halves. A single entry that
   * travelled alone is disputed by settlement's own answer; else it is tried again later, and the
   * fault is thrown, because nothing smaller can be sent.
   */
  private setAside(upload: UploadRecord, error: SettlementError, now: number): UploadCounts {
    const { journal } = this.parts;
    const by = error.against ?? "anybody";
    const parcels = parcelsOf(journal, upload.domainBytes, upload.seq);
    const entries = entriesIn(parcels);
    const [only, ...others] = decodeUploadBody(upload.body).entries;
    const alone = only !== undefined && others.length === 0 && only.kind !== uploadEntryKinds.challenge;
    const disputed = alone && by === "settlement" ? parcels.flatMap(({ voucher }) => voucher ?? []) : [];
    const code = error.reason;
    journal.write(() => {
      journal.setAside.add(upload, { code, by, entries, parcels: parcels.length, alone }, now);
      for (const { id } of disputed)
        journal.vouchers.deliver({ id, status: "refused", code, delivery: "disputed" }, now);
      // A settlement that does not hear of a single one set aside is not told of it.
      if (alone && entries === 0 && by === "settlement")
        journal.setAside.tell(upload.domainBytes, [upload.seq, ...toldIn(upload)]);
    });
    if (error.status === 413 && !alone) this.packer.refused(upload, now);
    if (alone && by === "anybody") throw error;
    return { ...noCounts, refused: disputed.length, setAside: 1 };
  }

  /**
   * Settlement shows an upload that this terminal signed. One that is not in the journal proves that
   * the journal forgot (spec §5.7); what somebody else signed says nothing.
   */
  private rememberForgotten(
    served: ServedDomain,
    { latestUpload, latestUploadSignature }: UploadResponse,
    now: number,
  ): void {
    if (latestUpload === undefined || latestUploadSignature === undefined) return;
    const { journal, config, signer } = this.parts;
    const [head, signature] = [fromHex(latestUpload), fromHex(latestUploadSignature)];
    try {
      const { domain, payee, terminalId, uploadSeq: seq } = decodeUpload(head);
      const own =
        equalBytes(encodeDomain(domain), served.domainBytes) &&
        equalBytes(payee, config.payee) &&
        equalBytes(terminalId, config.terminalId) &&
        verifyDigest(signature, digestOf(head), signer.publicKey);
      if (own) journal.uploads.forget({ domainBytes: served.domainBytes, seq, head, signature }, now);
    } catch (error) {
      if (!isProtocolError(error)) throw error;
    }
  }

  private assertAnswersAll(upload: UploadRecord, results: readonly UploadResult[]): void {
    const sent = this.parts.journal.vouchers.ofUpload(upload.domainBytes, upload.seq);
    const answered = new Set(results.map(({ voucherId }) => voucherId));
    if (results.length !== sent.length || !sent.every(({ id }) => answered.has(toHex(id)))) {
      throw new SettlementError(
        "SETTLEMENT_ANSWER_UNREADABLE",
        "Settlement's answer does not name every voucher of the upload once. The upload is sent again later.",
      );
    }
  }
}

/** The numbers of the uploads set aside that an upload tells of. */
function toldIn({ body }: UploadRecord): readonly number[] {
  return decodeUploadBody(body)
    .entries.filter(({ kind }) => kind === uploadEntryKinds.setAside)
    .flatMap((entry) => {
      const content = decodeUploadEntry(entry);
      return content.kind === "setAside" ? [content.upload.uploadSeq] : [];
    });
}
