import {
  addressOfKey,
  assuranceClass,
  categoryAllowed,
  cardTag,
  concatBytes,
  contextHash,
  copyBytes,
  decodeMerchantCertificate,
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeCancellation,
  encodeDomain,
  encodePayRequest,
  encodeStateProof,
  encodeVoucherContext,
  encodeVoucherMessage,
  equalBytes,
  isProtocolError,
  toHex,
  voucherId,
  type Domain,
  type MerchantCertificate,
  type SignedCancellation,
  type SignedStateProof,
  type Upload,
  type UploadEntry,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { SignatureEngine } from "./signature-engine.ts";
import type { DisputeCode, EntryVerdict, RefusalCode } from "./upload-verdict.ts";

/** The five byte strings of an upload, as they came. */
export interface UploadBytes {
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Uint8Array;
  readonly certificateSignature: Uint8Array;
  readonly body: Uint8Array;
}

export interface IssuerKey {
  readonly id: number;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
}

export interface VerificationContext {
  readonly domain: Domain;
  readonly issuerKeys: readonly IssuerKey[];
  /** Seconds; U runs from the payment's time to this. */
  readonly receivedAt: number;
  readonly uploadWindowSeconds: number;
  /** A terminal's clock may be ahead by this much. */
  readonly clockSkewSeconds: number;
}

/** The upload as a whole cannot be believed. */
export type UploadFault = "CERTIFICATE" | "CERTIFICATE_SIGNATURE" | "UPLOAD_SIGNATURE" | "BODY_HASH" | "DOMAIN";

export type UploadVerdict =
  | { readonly ok: true; readonly upload: Upload; readonly entries: readonly EntryVerdict[] }
  | { readonly ok: false; readonly fault: UploadFault };

/**
 * Verifies an upload and every entry of it alone: pure, so that it runs in a worker thread. Throws ProtocolError where
 * the bytes of the upload or of its frame have no such form; a bad entry spoils no other.
 */
export function verifyUpload(bytes: UploadBytes, context: VerificationContext, engine: SignatureEngine): UploadVerdict {
  const upload = decodeUpload(bytes.upload);
  const certificate = decodeMerchantCertificate(bytes.certificate);
  const fault = uploadFault(bytes, upload, certificate, context, engine);
  if (fault !== null) return { ok: false, fault };
  const body = decodeUploadBody(bytes.body);
  const verifier = new EntryVerifier(certificate, context, engine);
  return { ok: true, upload, entries: body.entries.map((entry, position) => verifier.verify(entry, position)) };
}

function uploadFault(
  bytes: UploadBytes,
  upload: Upload,
  certificate: MerchantCertificate,
  context: VerificationContext,
  engine: SignatureEngine,
): UploadFault | null {
  const domain = encodeDomain(context.domain);
  if (!equalBytes(encodeDomain(upload.domain), domain)) return "DOMAIN";
  if (!equalBytes(encodeDomain(certificate.domain), domain)) return "DOMAIN";
  if (!equalBytes(certificate.payee, upload.payee)) return "CERTIFICATE";
  if (!equalBytes(certificate.terminalId, upload.terminalId)) return "CERTIFICATE";
  const issuer = context.issuerKeys.find((key) => key.id === certificate.issuerKeyId);
  if (issuer === undefined) return "CERTIFICATE_SIGNATURE";
  if (!engine.verify(bytes.certificateSignature, digestOf(bytes.certificate), issuer.publicKey)) {
    return "CERTIFICATE_SIGNATURE";
  }
  if (!engine.verify(bytes.signature, digestOf(bytes.upload), certificate.terminalKey)) return "UPLOAD_SIGNATURE";
  return equalBytes(digestOf(bytes.body), upload.bodyHash) ? null : "BODY_HASH";
}

/** What is known of one card within an upload: derived once, used by each of its vouchers. */
interface CardFacts {
  readonly address: ReturnType<typeof addressOfKey>;
  readonly tag: Uint8Array;
  /** Allowances of this card whose signature was checked already, by their bytes. */
  readonly allowances: Map<string, boolean>;
}

class EntryVerifier {
  private readonly cards = new Map<string, CardFacts>();
  private readonly domain: Uint8Array;
  private readonly certificate: MerchantCertificate;
  private readonly context: VerificationContext;
  private readonly engine: SignatureEngine;

  constructor(certificate: MerchantCertificate, context: VerificationContext, engine: SignatureEngine) {
    this.certificate = certificate;
    this.context = context;
    this.engine = engine;
    this.domain = encodeDomain(context.domain);
  }

  verify(entry: UploadEntry, position: number): EntryVerdict {
    const kind = entry.kind === 1 ? "voucher" : entry.kind === 2 ? "cancellation" : "stateProof";
    const refuse = (code: RefusalCode, id: Uint8Array = entryName(entry)): EntryVerdict => ({
      kind: "refused",
      position,
      entry: kind,
      id,
      code,
    });
    try {
      const content = decodeUploadEntry(entry);
      switch (content.kind) {
        case "voucher":
          return this.voucher(content.bundle, position, refuse);
        case "cancellation":
          return this.cancellation(content, position, refuse);
        case "stateProof":
          return this.stateProof(content, position, refuse);
      }
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      return refuse("MALFORMED_VOUCHER");
    }
  }

  private voucher(
    bundle: VoucherBundle,
    position: number,
    refuse: (code: RefusalCode, id?: Uint8Array) => EntryVerdict,
  ): EntryVerdict {
    const card = this.cardOf(bundle.cardKey);
    const id = voucherId(card.address, bundle.message);
    const fault = this.voucherFault(bundle, card);
    if (fault !== null) return refuse(fault, id);
    const message = encodeVoucherMessage(bundle.message);
    const parity = this.engine.parityOf(bundle.signature, digestOf(message), bundle.cardKey);
    if (parity === null) return refuse("VOUCHER_SIGNATURE", id);
    const { context } = bundle;
    return {
      kind: "voucher",
      position,
      id,
      card: card.address,
      cardKey: bundle.cardKey,
      counter: bundle.message.counter,
      payee: bundle.message.payee,
      amount: bundle.message.amount,
      message,
      context: encodeVoucherContext(context),
      signature: bundle.signature,
      parity,
      allowanceBody: encodeAllowanceBody(bundle.allowanceBody),
      allowanceSignature: bundle.allowanceSignature,
      allowanceSeq: bundle.allowanceBody.seq,
      terminalId: context.terminalId,
      time: context.time,
      spent: context.spent,
      link: context.link,
      request: encodePayRequest({
        cardTag: card.tag,
        counter: bundle.message.counter,
        payee: bundle.message.payee,
        amount: bundle.message.amount,
        time: context.time,
        challenge: context.challenge,
        terminalId: context.terminalId,
        category: context.category,
      }),
      dispute: this.disputeOf(bundle),
    };
  }

  private voucherFault(bundle: VoucherBundle, card: CardFacts): RefusalCode | null {
    const { message, allowanceBody: allowance } = bundle;
    if (!equalBytes(encodeDomain(message.domain), this.domain)) return "WRONG_DOMAIN";
    if (!equalBytes(message.payee, this.certificate.payee)) return "FOREIGN_PAYEE";
    if (!equalBytes(contextHash(bundle.context), message.context)) return "CONTEXT_MISMATCH";
    if (bundle.context.allowanceSeq !== allowance.seq) return "ALLOWANCE_SEQUENCE";
    const issuer = this.context.issuerKeys.find((key) => key.id === allowance.issuerKeyId);
    if (issuer === undefined) return "UNKNOWN_ISSUER_KEY";
    const bytes = encodeAllowance({ domain: this.context.domain, card: card.address, body: allowance });
    const memory = `${toHex(bytes)}${toHex(bundle.allowanceSignature)}`;
    const known = card.allowances.get(memory);
    const valid = known ?? this.engine.verify(bundle.allowanceSignature, digestOf(bytes), issuer.publicKey);
    card.allowances.set(memory, valid);
    return valid ? null : "ALLOWANCE_SIGNATURE";
  }

  /** What the issuer does not promise, although the vault may pay it (spec §6.1). */
  private disputeOf(bundle: VoucherBundle): DisputeCode | null {
    const { message, context, allowanceBody: allowance } = bundle;
    const certificate = this.certificate;
    if (this.context.receivedAt - context.time > this.context.uploadWindowSeconds) return "LATE";
    if (context.time - this.context.receivedAt > this.context.clockSkewSeconds) return "AHEAD_OF_CLOCK";
    if (message.amount > allowance.perTap) return "ABOVE_PER_TAP";
    if (context.spent > allowance.maxSpent) return "ABOVE_MAX_SPENT";
    if (message.counter > allowance.maxCounter) return "ABOVE_MAX_COUNTER";
    if (!categoryAllowed(allowance, context.category)) return "CATEGORY_NOT_ALLOWED";
    if (context.time < allowance.notBefore || context.time > allowance.notAfter) return "OUTSIDE_ALLOWANCE";
    if (message.amount > certificate.perTap) return "ABOVE_CERTIFICATE";
    if (context.time < certificate.notBefore || context.time > certificate.notAfter) return "OUTSIDE_CERTIFICATE";
    if (context.category !== certificate.category) return "CERTIFICATE_CATEGORY";
    if (!equalBytes(context.terminalId, certificate.terminalId)) return "OTHER_TERMINAL";
    return assuranceClass(allowance) >= 2 ? "SOFTWARE_CARD" : null;
  }

  private cancellation(
    { cancellation, signature }: SignedCancellation,
    position: number,
    refuse: (code: RefusalCode) => EntryVerdict,
  ): EntryVerdict {
    const { request } = cancellation;
    if (!equalBytes(encodeDomain(cancellation.domain), this.domain)) return refuse("WRONG_DOMAIN");
    const own =
      equalBytes(request.payee, this.certificate.payee) && equalBytes(request.terminalId, this.certificate.terminalId);
    const digest = digestOf(encodeCancellation(cancellation));
    if (!own || !this.engine.verify(signature, digest, this.certificate.terminalKey)) {
      return refuse("CANCELLATION_UNTRUSTED");
    }
    return {
      kind: "cancellation",
      position,
      cardKey: cancellation.cardKey,
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
    if (!equalBytes(encodeDomain(proof.domain), this.domain)) return refuse("WRONG_DOMAIN");
    const bytes = encodeStateProof(proof);
    if (!this.engine.verify(signature, digestOf(bytes), cardKey)) return refuse("STATE_PROOF_SIGNATURE");
    return {
      kind: "stateProof",
      position,
      card: this.cardOf(cardKey).address,
      proof: bytes,
      signature,
      counter: proof.counter,
      spent: proof.spent,
      seq: proof.seq,
      state: proof.state,
    };
  }

  private cardOf(cardKey: Uint8Array): CardFacts {
    const name = toHex(cardKey);
    const known = this.cards.get(name);
    if (known !== undefined) return known;
    const facts = {
      address: addressOfKey(cardKey),
      tag: cardTag(this.context.domain, cardKey),
      allowances: new Map<string, boolean>(),
    };
    this.cards.set(name, facts);
    return facts;
  }
}

const KEY_BYTES = 33;
const MESSAGE_BYTES = 82;

/**
 * The name of an entry that could not be decoded. Where it holds a card's key it is the id that its sender knows it by,
 * SHA-256(card address ‖ M); else the hash of its bytes.
 */
function entryName({ kind, data }: UploadEntry): Uint8Array {
  if (kind !== 1) return digestOf(data);
  try {
    const card = addressOfKey(copyBytes(data, 0, KEY_BYTES));
    return digestOf(concatBytes(card, copyBytes(data, KEY_BYTES, MESSAGE_BYTES)));
  } catch {
    return digestOf(data);
  }
}
