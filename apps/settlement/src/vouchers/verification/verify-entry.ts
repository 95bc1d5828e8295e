import {
  addressOfKey,
  cardTag,
  concatBytes,
  contextHash,
  copyBytes,
  decodeUploadEntry,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeReversal,
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
  type SignedReversal,
  type SignedStateProof,
  type UploadEntry,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";
import { disputeOf, type ArrivalTimes } from "./dispute.ts";
import type { EntryVerdict, RefusalCode } from "./upload-verdict.ts";

export interface IssuerKey {
  readonly id: number;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
}

/** What entries are checked against. */
export interface VerificationContext extends ArrivalTimes {
  readonly domain: Domain;
  readonly issuerKeys: readonly IssuerKey[];
}

/** What is derived once for a card of an upload and used by each of its vouchers. */
interface KnownCard {
  readonly address: ReturnType<typeof addressOfKey>;
  readonly tag: Uint8Array;
  /** Allowances of this card whose signature was checked already, by their bytes. */
  readonly allowances: Map<string, boolean>;
}

/**
 * Verifies the entries of one upload, each by itself; what a card's entries share is derived once.
 */
export class EntryVerifier {
  private readonly cards = new Map<string, KnownCard>();
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
    const kind = entry.kind === 1 ? "voucher" : entry.kind === 2 ? "reversal" : "stateProof";
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
        case "reversal":
          return this.reversal(content, position, refuse);
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
      dispute: disputeOf(bundle, this.certificate, this.context),
    };
  }

  private voucherFault(bundle: VoucherBundle, card: KnownCard): RefusalCode | null {
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

  private reversal(
    { reversal, signature }: SignedReversal,
    position: number,
    refuse: (code: RefusalCode) => EntryVerdict,
  ): EntryVerdict {
    const { request } = reversal;
    if (!equalBytes(encodeDomain(reversal.domain), this.domain)) return refuse("WRONG_DOMAIN");
    const own =
      equalBytes(request.payee, this.certificate.payee) && equalBytes(request.terminalId, this.certificate.terminalId);
    const digest = digestOf(encodeReversal(reversal));
    if (!own || !this.engine.verify(signature, digest, this.certificate.terminalKey)) {
      return refuse("CANCELLATION_UNTRUSTED");
    }
    return {
      kind: "reversal",
      position,
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

  private cardOf(cardKey: Uint8Array): KnownCard {
    const name = toHex(cardKey);
    const known = this.cards.get(name);
    if (known !== undefined) return known;
    const card = {
      address: addressOfKey(cardKey),
      tag: cardTag(this.context.domain, cardKey),
      allowances: new Map<string, boolean>(),
    };
    this.cards.set(name, card);
    return card;
  }
}

const KEY_BYTES = 33;
const MESSAGE_BYTES = 82;

/**
 * The name of an entry that could not be decoded. Where it holds a card's key, it is the id that
 * its sender knows, SHA-256(card address ‖ M); otherwise the hash of its bytes.
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
