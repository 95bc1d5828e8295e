import {
  addressOfKey,
  cardTag,
  concatBytes,
  copyBytes,
  createSignatureChecks,
  decodeUploadEntry,
  digestOf,
  encodeAllowanceBody,
  encodePayRequest,
  encodeReversal,
  encodeStateProof,
  encodeUpload,
  encodeVoucherContext,
  encodeVoucherMessage,
  equalBytes,
  isProtocolError,
  judgeVoucher,
  sameDomain,
  toHex,
  uploadEntryKinds,
  VOUCHER_MESSAGE_LENGTH,
  type AllowanceBody,
  type Arrival,
  type Domain,
  type IssuerKey,
  type MerchantCertificate,
  type SetAsideUpload,
  type SignatureChecks,
  type SignatureEngine,
  type SignedReversal,
  type SignedStateProof,
  type UploadEntry,
  type VoucherBundle,
  type VoucherGrounds,
} from "@tallystick/protocol";
import { refusalOf, type EntryVerdict, type RefusalCode, type RefusedEntry } from "./upload-verdict.ts";

/** An allowance that the issuer stored and signed. */
export interface PaidUnder {
  readonly body: AllowanceBody;
  readonly signature: Uint8Array;
}

/** The name of a card's allowance in `paidUnder`. */
export function paidUnderName(cardKey: Uint8Array, seq: number): string {
  return `${toHex(cardKey)}:${seq}`;
}

/** What entries are checked against. */
export interface VerificationContext {
  readonly domain: Domain;
  /** Every key under which this issuer signed, of this domain. */
  readonly issuerKeys: readonly IssuerKey[];
  readonly arrival: Arrival;
  /** Seconds from which on the terminal's certificates are withdrawn; null while they are not. */
  readonly withdrawnAt: number | null;
  /** By `paidUnderName`: what vouchers are judged by that came with a newer allowance (spec §6.8). */
  readonly paidUnder?: ReadonlyMap<string, PaidUnder>;
}

/**
 * Verifies the entries of one upload, each by itself; what a card's entries share is derived once.
 */
export class EntryVerifier {
  private readonly tags = new Map<string, Uint8Array>();
  private readonly certificate: MerchantCertificate;
  private readonly context: VerificationContext;
  private readonly engine: SignatureEngine;
  private readonly grounds: VoucherGrounds & { readonly checks: SignatureChecks };

  constructor(certificate: MerchantCertificate, context: VerificationContext, engine: SignatureEngine) {
    this.certificate = certificate;
    this.context = context;
    this.engine = engine;
    this.grounds = {
      checks: createSignatureChecks(context.issuerKeys, engine),
      domain: context.domain,
      // What the terminal's other software vouchers take of its sum counts when one is to be compensated.
      terminal: {
        ...{ certificate, softwareBefore: 0n },
        ...(context.withdrawnAt === null ? {} : { withdrawnAt: context.withdrawnAt }),
      },
      arrival: context.arrival,
    };
  }

  verify(entry: UploadEntry, position: number): EntryVerdict {
    const refuse = (code: RefusalCode): EntryVerdict => ({
      kind: "refused",
      position,
      entry: KIND_NAMES[entry.kind],
      id: entryName(entry),
      code,
    });
    try {
      const content = decodeUploadEntry(entry);
      switch (content.kind) {
        case "voucher":
          return this.voucher(content.bundle, position, refuse);
        case "reversal":
          return this.reversal(content, position, refuse);
        case "stateProof":
          return this.stateProof(content, position, refuse);
        case "challenge":
          return { kind: "challenge", position };
        case "setAside":
          return this.setAside(content, position, refuse);
      }
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      return refuse("MALFORMED_VOUCHER");
    }
  }

  private voucher(came: VoucherBundle, position: number, refuse: (code: RefusalCode) => EntryVerdict): EntryVerdict {
    const bundle = this.underItsOwn(came);
    const verdict = judgeVoucher(bundle, this.grounds);
    if (verdict.worth === "nothing") return refuse(refusalOf[verdict.code]);
    const { voucher } = verdict;
    const { context, message } = bundle;
    const [dispute = null] = verdict.worth === "promised" ? [] : verdict.codes;
    return {
      kind: "voucher",
      position,
      id: voucher.id,
      card: voucher.card,
      cardKey: bundle.cardKey,
      counter: message.counter,
      payee: message.payee,
      amount: message.amount,
      message: encodeVoucherMessage(message),
      context: encodeVoucherContext(context),
      signature: bundle.signature,
      parity: voucher.parity,
      allowanceBody: encodeAllowanceBody(bundle.allowanceBody),
      allowanceSignature: bundle.allowanceSignature,
      allowanceSeq: context.allowanceSeq,
      showsAllowance: context.allowanceSeq === bundle.allowanceBody.seq,
      terminalId: context.terminalId,
      time: context.time,
      spent: context.spent,
      link: context.link,
      request: encodePayRequest({
        cardTag: this.tagOf(bundle.cardKey),
        counter: message.counter,
        payee: message.payee,
        amount: message.amount,
        time: context.time,
        challenge: context.challenge,
        terminalId: context.terminalId,
        category: context.category,
      }),
      dispute,
    };
  }

  /** With the stored allowance of its own seq, where a newer one came with it. */
  private underItsOwn(bundle: VoucherBundle): VoucherBundle {
    const { allowanceSeq } = bundle.context;
    if (allowanceSeq >= bundle.allowanceBody.seq) return bundle;
    const own = this.context.paidUnder?.get(paidUnderName(bundle.cardKey, allowanceSeq));
    return own === undefined ? bundle : { ...bundle, allowanceBody: own.body, allowanceSignature: own.signature };
  }

  private reversal(
    { reversal, signature }: SignedReversal,
    position: number,
    refuse: (code: RefusalCode) => EntryVerdict,
  ): EntryVerdict {
    const { request } = reversal;
    if (!sameDomain(reversal.domain, this.context.domain)) return refuse("WRONG_DOMAIN");
    const own =
      equalBytes(request.payee, this.certificate.payee) && equalBytes(request.terminalId, this.certificate.terminalId);
    const digest = digestOf(encodeReversal(reversal));
    if (!own || !this.engine.verify(signature, digest, this.certificate.terminalKey)) {
      return refuse("CANCELLATION_UNTRUSTED");
    }
    return {
      kind: "reversal",
      position,
      id: digest,
      cardKey: reversal.cardKey,
      request: encodePayRequest(request),
      payee: request.payee,
      terminalId: request.terminalId,
      signature,
    };
  }

  private stateProof(
    { cardKey, proof, signature }: SignedStateProof,
    position: number,
    refuse: (code: RefusalCode) => EntryVerdict,
  ): EntryVerdict {
    if (!sameDomain(proof.domain, this.context.domain)) return refuse("WRONG_DOMAIN");
    const bytes = encodeStateProof(proof);
    const card = this.grounds.checks.addressOf(cardKey);
    if (card === null || !this.engine.verify(signature, digestOf(bytes), cardKey))
      return refuse("STATE_PROOF_SIGNATURE");
    return {
      kind: "stateProof",
      position,
      card,
      proof: bytes,
      signature,
      counter: proof.counter,
      spent: proof.spent,
      seq: proof.seq,
      state: proof.state,
    };
  }

  private setAside(
    { upload, signature }: SetAsideUpload,
    position: number,
    refuse: (code: RefusalCode) => EntryVerdict,
  ): EntryVerdict {
    const own =
      sameDomain(upload.domain, this.context.domain) &&
      equalBytes(upload.payee, this.certificate.payee) &&
      equalBytes(upload.terminalId, this.certificate.terminalId) &&
      this.engine.verify(signature, digestOf(encodeUpload(upload)), this.certificate.terminalKey);
    return own ? { kind: "setAside", position, upload, signature } : refuse("SET_ASIDE_UNTRUSTED");
  }

  private tagOf(cardKey: Uint8Array): Uint8Array {
    const name = toHex(cardKey);
    const tag = this.tags.get(name) ?? cardTag(this.context.domain, cardKey);
    this.tags.set(name, tag);
    return tag;
  }
}

const KIND_NAMES: Readonly<Record<UploadEntry["kind"], RefusedEntry["entry"]>> = {
  [uploadEntryKinds.voucher]: "voucher",
  [uploadEntryKinds.reversal]: "reversal",
  [uploadEntryKinds.stateProof]: "stateProof",
  [uploadEntryKinds.challenge]: "challenge",
  [uploadEntryKinds.setAside]: "setAside",
};

/**
 * The name of an entry that could not be decoded. Where it holds a card's key, it is the id that
 * its sender knows, SHA-256(card address ‖ M); otherwise the hash of its bytes.
 */
function entryName({ kind, data }: UploadEntry): Uint8Array {
  if (kind !== 1) return digestOf(data);
  // A voucher's entry begins with the card's compressed key and M.
  const keyLength = 33;
  try {
    const card = addressOfKey(copyBytes(data, 0, keyLength));
    return digestOf(concatBytes(card, copyBytes(data, keyLength, VOUCHER_MESSAGE_LENGTH)));
  } catch {
    return digestOf(data);
  }
}
