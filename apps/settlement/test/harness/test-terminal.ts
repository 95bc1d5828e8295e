import { randomBytes } from "node:crypto";
import {
  createSigner,
  digestOf,
  encodeReversal,
  encodeTerminalRequest,
  encodeUpload,
  encodeUploadBody,
  journalHead,
  reversalEntry,
  stateProofEntry,
  toAddress,
  toHex,
  uncompressKey,
  voucherEntry,
  type Address,
  type Domain,
  type PayRequest,
  type SignedStateProof,
  type Signer,
  type TerminalRequest,
  type TerminalRequestKind,
  type UploadEntry,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { TerminalRequestBody, UploadRequest } from "@tallystick/protocol/wire";

/** What one upload of the tests holds. */
export interface TestUpload {
  readonly vouchers?: readonly VoucherBundle[];
  readonly reversals?: readonly { cardKey: Uint8Array; request: PayRequest }[];
  readonly stateProofs?: readonly SignedStateProof[];
  readonly entries?: readonly UploadEntry[];
}

/** A terminal in memory for tests: signs uploads and keeps its chain of them. */
export class TestTerminal {
  readonly signer: Signer = createSigner(randomBytes(32));
  readonly terminalId: Uint8Array = randomBytes(8);
  readonly payee: Address;
  readonly domain: Domain;
  certificate = { certificate: "0x", signature: "0x" };
  seq = 1;
  head: Uint8Array = new Uint8Array(32);

  constructor(domain: Domain, payee: Uint8Array = randomBytes(20)) {
    this.domain = domain;
    this.payee = toAddress(payee);
  }

  /** The request for a certificate, valid now for a day. */
  certificateRequest(change: Record<string, unknown> = {}): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1_000);
    return {
      payee: toHex(this.payee),
      category: 3,
      terminalId: toHex(this.terminalId),
      terminalKey: toHex(uncompressKey(this.signer.publicKey)),
      notBefore: now - 86_400,
      notAfter: now + 86_400,
      perTap: "100.00",
      unsentSum: "1000.00",
      unsentCount: 1_000,
      perCardSum: "500.00",
      softwareSum: "0",
      reason: "a test",
      ...change,
    };
  }

  /** Signs the next upload of the chain. */
  async upload(upload: TestUpload): Promise<UploadRequest> {
    const reversals = await Promise.all((upload.reversals ?? []).map((reversed) => this.reverse(reversed)));
    const entries = [
      ...(upload.entries ?? []),
      ...reversals,
      ...(upload.vouchers ?? []).map(voucherEntry),
      ...(upload.stateProofs ?? []).map(stateProofEntry),
    ];
    const body = encodeUploadBody({ version: 1, entries });
    const head = {
      domain: this.domain,
      payee: this.payee,
      terminalId: this.terminalId,
      uploadSeq: this.seq,
      previousJournalHead: this.head,
      bodyHash: digestOf(body),
    };
    const bytes = encodeUpload(head);
    this.seq += 1;
    this.head = journalHead(head);
    return {
      upload: toHex(bytes),
      signature: toHex(await this.signer.sign(digestOf(bytes))),
      certificate: this.certificate.certificate,
      certificateSignature: this.certificate.signature,
      body: toHex(body),
    };
  }

  /** Signs a request; whatever is changed is changed before it is signed. */
  async ask(
    kind: TerminalRequestKind,
    body: Uint8Array,
    change: Partial<TerminalRequest> = {},
  ): Promise<TerminalRequestBody> {
    const request = encodeTerminalRequest({
      ...{ domain: this.domain, payee: this.payee, terminalId: this.terminalId, kind },
      ...{ time: Math.floor(Date.now() / 1_000), nonce: randomBytes(16), bodyHash: digestOf(body) },
      ...change,
    });
    return {
      request: toHex(request),
      signature: toHex(await this.signer.sign(digestOf(request))),
      certificate: this.certificate.certificate,
      certificateSignature: this.certificate.signature,
      body: toHex(body),
    };
  }

  private async reverse({ cardKey, request }: { cardKey: Uint8Array; request: PayRequest }): Promise<UploadEntry> {
    const reversal = { domain: this.domain, cardKey, request };
    const signature = await this.signer.sign(digestOf(encodeReversal(reversal)));
    return reversalEntry({ reversal, signature });
  }
}
