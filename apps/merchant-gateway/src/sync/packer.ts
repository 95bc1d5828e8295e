import {
  decodePayRequest,
  decodeUpload,
  digestOf,
  encodeReversal,
  encodeUpload,
  encodeUploadBody,
  journalHead,
  MAX_PACKED_BODY_LENGTH,
  reversalEntry,
  setAsideEntry,
  SIGNATURE_LENGTH,
  type Signer,
  toHex,
  UPLOAD_LENGTH,
  type UploadEntry,
  uploadBodyLength,
  uploadEntryKinds,
} from "@tallystick/protocol";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { StateProofRecord } from "../journal/knowledge/state-proof-store.ts";
import type { UploadRecord } from "../journal/payments/upload-store.ts";
import { MAX_TOLD_UPLOADS, OFFER_SECONDS } from "../limits.ts";
import { MAX_PACKED_PROOFS } from "./limits.ts";
import { isIntended } from "../taps/tap-journal.ts";
import { fitting, type Load, nextLoad, rowsOf, voucherEntryOf } from "./parcels.ts";
import type { UploadReceipts } from "./upload-receipts.ts";

/** The journal head before the first upload (spec §3.7). */
const noHead = new Uint8Array(32);

const noLoad: Load = { parcels: [], from: null, alone: false };

/** Bytes that an upload set aside takes in a body: `TLYU` with its signature. */
const TOLD_BYTES: number = uploadBodyLength([{ data: new Uint8Array(UPLOAD_LENGTH + SIGNATURE_LENGTH) }]) - 1;

/** The same for what a card proves of itself. */
const PROOF_BYTES: number = uploadBodyLength([{ data: new Uint8Array(192) }]) - 1;

/** What is left of a body beside a challenge. */
const ROOM_FOR_WORDS: number = uploadBodyLength([{ data: new Uint8Array(16) }]);

function proofEntryOf({ entry }: StateProofRecord): UploadEntry {
  return { kind: uploadEntryKinds.stateProof, data: entry };
}

function toldOf(untold: readonly UploadRecord[]): readonly UploadEntry[] {
  return untold.map(({ head, signature }) => setAsideEntry({ upload: decodeUpload(head), signature }));
}

export interface PackerParts {
  readonly journal: Pick<Journal, "write" | "vouchers" | "reversals" | "uploads" | "setAside" | "stateProofs">;
  readonly config: Pick<GatewayConfig, "payee" | "terminalId">;
  readonly signer: Signer;
  readonly receipts: UploadReceipts;
}

/** What a domain's line is offered after a refusal, until that was long ago. */
interface Offer {
  /** Bytes of body. */
  readonly bytes: number;
  readonly since: number;
}

/** Packs what is unsent, or was set aside, into uploads that fit any line (spec §5.8). */
export class Packer {
  private readonly parts: PackerParts;
  private readonly offers = new Map<string, Offer>();

  constructor(parts: PackerParts) {
    this.parts = parts;
  }

  /** The line did not take a body of so many bytes: for a while it is offered half of that. */
  refused({ domainBytes, body }: Pick<UploadRecord, "domainBytes" | "body">, now: number): void {
    const bytes = Math.min(Math.floor(body.length / 2), this.mostBytes(domainBytes, now));
    this.offers.set(toHex(domainBytes), { bytes, since: now });
  }

  /** The line took what it had refused: it is another line, or was mended. */
  mended({ domainBytes }: Pick<UploadRecord, "domainBytes">): void {
    this.offers.delete(toHex(domainBytes));
  }

  /**
   * Signs and stores the next upload; null where nothing is left, or where nothing can be sent before
   * an upload that is tried again. With a question that is due, one with nothing but a challenge
   * serves.
   */
  async pack(served: ServedDomain, now: number, question: boolean): Promise<UploadRecord | null> {
    const { domainBytes } = served;
    const { journal, receipts } = this.parts;
    if (journal.setAside.isTelling(domainBytes)) return null;
    const load = nextLoad(journal, domainBytes);
    const most = this.mostBytes(domainBytes, now);
    const untold = journal.setAside.untold(domainBytes, MAX_TOLD_UPLOADS);
    const along = load?.alone === true ? 0 : Math.floor(most / 2 / TOLD_BYTES);
    if (untold.length > (load === null ? 0 : along)) return await this.tell(served, untold, now);
    const proofs = this.proofs(domainBytes, load === null ? most - ROOM_FOR_WORDS : Math.floor(most / 4));
    if (load === null && !question && proofs.length === 0) return null;
    if (load?.alone === true) return await this.seal(served, load, [], now);
    const words = [receipts.challenge(served), ...toldOf(untold), ...proofs.map(proofEntryOf)];
    const parcels = load === null ? [] : fitting(load.parcels, most - uploadBodyLength(words));
    const upload = await this.seal(served, { from: load?.from ?? null, parcels, alone: false, proofs }, words, now);
    receipts.packed(upload);
    return upload;
  }

  /**
   * An upload that brings nothing but uploads set aside, the newest ones first, because it follows
   * them. Where the line takes one only, it travels alone.
   */
  private async tell(served: ServedDomain, untold: readonly UploadRecord[], now: number): Promise<UploadRecord> {
    const { receipts } = this.parts;
    const fits = Math.floor((this.mostBytes(served.domainBytes, now) - uploadBodyLength([])) / TOLD_BYTES);
    if (fits <= 1) return await this.seal(served, noLoad, toldOf(untold.slice(0, 1)), now);
    const words = [receipts.challenge(served), ...toldOf(untold.slice(0, fits - 1))];
    const upload = await this.seal(served, noLoad, words, now);
    receipts.packed(upload);
    return upload;
  }

  /** Proofs of cards that fit into so many bytes. */
  private proofs(domainBytes: Uint8Array, bytes: number): readonly StateProofRecord[] {
    const fits = Math.max(0, Math.floor(bytes / PROOF_BYTES));
    return this.parts.journal.stateProofs.toPack(domainBytes, Math.min(fits, MAX_PACKED_PROOFS));
  }

  private mostBytes(domainBytes: Uint8Array, now: number): number {
    const offer = this.offers.get(toHex(domainBytes));
    return offer === undefined || now - offer.since > OFFER_SECONDS ? MAX_PACKED_BODY_LENGTH : offer.bytes;
  }

  /**
   * Signing waits, so the entries are marked in the transaction after it; an exchange is alone while
   * it packs.
   */
  private async seal(
    served: ServedDomain,
    { parcels, from, proofs = [] }: Load & { readonly proofs?: readonly StateProofRecord[] },
    words: readonly UploadEntry[],
    now: number,
  ): Promise<UploadRecord> {
    const { journal, config, signer } = this.parts;
    const { domainBytes } = served;
    const entries: UploadEntry[] = parcels.flatMap(({ voucher }) =>
      voucher === null ? [] : [voucherEntryOf(voucher)],
    );
    for (const { reversal } of parcels) if (reversal !== null) entries.push(await this.reversalOf(served, reversal));
    const body = encodeUploadBody({ version: 1, entries: [...entries, ...words] });
    const before = journal.uploads.chainEnd(domainBytes);
    const seq = (before?.seq ?? 0) + 1;
    const head = encodeUpload({
      domain: served.domain,
      payee: config.payee,
      terminalId: config.terminalId,
      uploadSeq: seq,
      previousJournalHead: before === null ? noHead : journalHead(decodeUpload(before.head)),
      bodyHash: digestOf(body),
    });
    const signature = await signer.sign(digestOf(head));
    const upload: UploadRecord = { domainBytes, seq, head, signature, body, state: "packed" };
    const rows = rowsOf(parcels);
    journal.write(() => {
      journal.uploads.keep(upload, now);
      journal.stateProofs.pack(proofs, seq);
      if (from !== null) journal.setAside.move(domainBytes, rows, seq);
      else {
        journal.vouchers.pack(rows.voucherIds, seq);
        journal.reversals.pack(rows.tapIds, seq);
      }
    });
    return upload;
  }

  /** "I gave nothing for this request", signed by this terminal (spec §3.7). */
  private async reversalOf(served: ServedDomain, tap: TapRecord): Promise<UploadEntry> {
    if (!isIntended(tap)) throw new RangeError(`tap ${tap.id} was never sent to a card`);
    const reversal = { domain: served.domain, cardKey: tap.cardKey, request: decodePayRequest(tap.intent.request) };
    return reversalEntry({
      reversal,
      signature: await this.parts.signer.sign(digestOf(encodeReversal(reversal))),
    });
  }
}
