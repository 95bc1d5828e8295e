import {
  challengeEntry,
  decodeReceipt,
  digestOf,
  encodeDomain,
  equalBytes,
  findIssuerKey,
  fromHex,
  isProtocolError,
  type Receipt,
  toHex,
  type UploadEntry,
  verifyDigest,
} from "@tallystick/protocol";
import type { ReceiptMembers } from "@tallystick/protocol/wire";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { PolicyKeys } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReceiptRecord } from "../journal/payments/receipt-store.ts";
import type { UploadRecord } from "../journal/payments/upload-store.ts";
import { CHALLENGE_PAUSE_SECONDS, LIVE_ANSWER_PERIOD_SECONDS, LIVE_ANSWER_SECONDS } from "../limits.ts";
import { SettlementError } from "./settlement-client.ts";

export interface UploadReceiptsParts {
  readonly journal: Pick<Journal, "receipts">;
  readonly config: Pick<GatewayConfig, "payee" | "terminalId">;
  readonly keys: PolicyKeys;
  readonly clock: TerminalClock;
  /** Seconds of the clock that nobody sets. */
  readonly readUptimeSeconds: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** A receipt that was verified for an upload. */
type Verified = ReceiptRecord & Pick<Receipt, "uploadSeq">;

/**
 * Receipts of uploads (spec §3.10), and the questions to which they are live answers (spec §5.5):
 * what was drawn and first sent when is known for this run alone.
 */
export class UploadReceipts {
  private readonly parts: UploadReceiptsParts;
  /** Uploads with a challenge of this run by the hash of `TLYU`, with when each was first sent. */
  private readonly asked = new Map<string, number | null>();
  /** When a domain's last challenge was drawn. */
  private readonly drawn = new Map<string, number>();

  constructor(parts: UploadReceiptsParts) {
    this.parts = parts;
  }

  /**
   * Whether an upload with nothing but a challenge is due: the clock has no live answer, an old
   * one, or a fault.
   */
  isQuestionDue({ domainBytes }: ServedDomain): boolean {
    const { clock, readUptimeSeconds } = this.parts;
    const last = this.drawn.get(toHex(domainBytes));
    if (last !== undefined && readUptimeSeconds() - last < CHALLENGE_PAUSE_SECONDS) return false;
    const judged = clock.of(domainBytes);
    const age = judged.answerAgeSeconds();
    return age === null || age >= LIVE_ANSWER_PERIOD_SECONDS || judged.fault() !== null;
  }

  /** A new challenge, for the upload that is being packed. */
  challenge({ domainBytes }: ServedDomain): UploadEntry {
    this.drawn.set(toHex(domainBytes), this.parts.readUptimeSeconds());
    return challengeEntry({ challenge: this.parts.randomBytes(16) });
  }

  /** The upload that holds the challenge was packed. */
  packed({ head }: Pick<UploadRecord, "head">): void {
    this.asked.set(toHex(digestOf(head)), null);
  }

  /** An upload is about to be sent; answers the receipt that goes along with one that has it. */
  sending({ domainBytes, seq, head }: UploadRecord): ReceiptMembers {
    const name = toHex(digestOf(head));
    if (this.asked.get(name) === null) this.asked.set(name, this.parts.readUptimeSeconds());
    const held = this.parts.journal.receipts.of(domainBytes, seq);
    return held === null ? {} : { receipt: toHex(held.receipt), receiptSignature: toHex(held.signature) };
  }

  /**
   * The receipt in an answer to this upload; null where there is none. Throws SettlementError for
   * one that is not its receipt.
   */
  verify(served: ServedDomain, upload: UploadRecord, { receipt, receiptSignature }: ReceiptMembers): Verified | null {
    if (receipt === undefined && receiptSignature === undefined) return null;
    if (receipt === undefined || receiptSignature === undefined) throw unreadable("is cut");
    let bytes: Uint8Array;
    let content: Receipt;
    try {
      bytes = fromHex(receipt);
      content = decodeReceipt(bytes);
    } catch (error) {
      if (isProtocolError(error)) throw unreadable(`is malformed (${error.code})`);
      throw error;
    }
    if (!this.isOf(served, upload, content)) throw unreadable("is of another upload");
    const key = findIssuerKey(this.parts.keys.issuerKeys, { domain: served.domain, id: content.issuerKeyId });
    if (key === undefined) throw unreadable("names an issuer key that is not pinned");
    const signature = fromHex(receiptSignature, 64);
    if (!verifyDigest(signature, digestOf(bytes), key.publicKey)) throw unreadable("is not signed by the issuer");
    return { receipt: bytes, signature, receivedAt: content.receivedAt, uploadSeq: content.uploadSeq };
  }

  /** Keeps a verified receipt in the caller's transaction; a live answer goes to the clock. */
  keep({ domainBytes, seq, head }: UploadRecord, verified: Verified | null, now: number): void {
    const name = toHex(digestOf(head));
    const sentAt = this.asked.get(name) ?? null;
    this.asked.delete(name);
    if (verified === null) return;
    this.parts.journal.receipts.keep(domainBytes, seq, verified, now);
    if (sentAt === null || this.parts.readUptimeSeconds() - sentAt > LIVE_ANSWER_SECONDS) return;
    const { receivedAt: time, uploadSeq } = verified;
    this.parts.clock.of(domainBytes).takeLiveAnswer({ time, uploadSeq });
  }

  private isOf(served: ServedDomain, upload: UploadRecord, content: Receipt): boolean {
    const { payee, terminalId } = this.parts.config;
    return (
      equalBytes(encodeDomain(content.domain), served.domainBytes) &&
      equalBytes(content.payee, payee) &&
      equalBytes(content.terminalId, terminalId) &&
      content.uploadSeq === upload.seq &&
      equalBytes(content.uploadHash, digestOf(upload.head))
    );
  }
}

function unreadable(what: string): SettlementError {
  return new SettlementError(
    "SETTLEMENT_ANSWER_UNREADABLE",
    `Settlement's receipt ${what}. The upload is sent again later; nothing of the answer was taken.`,
  );
}
