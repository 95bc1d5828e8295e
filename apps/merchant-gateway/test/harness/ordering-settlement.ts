import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  decodeReturnOrder,
  decodeTerminalRequest,
  decodeVoucherStatesRequest,
  digestOf,
  encodeRefundOrder,
  encodeReversal,
  encodeVoucherMessage,
  returnOrderKinds,
  signatureParity,
  splitCertifiedBytes,
  TERMINAL_REQUEST_LENGTH,
  type TerminalRequest,
  terminalRequestKinds,
  toHex,
} from "@tallystick/protocol";
import type { ReturnOrderAnswer, VoucherStateAnswer } from "@tallystick/protocol/wire";
import { refundForCall, releaseForCall } from "@tallystick/vault";
import type { TestChain } from "./chain/test-chain.ts";
import { terminalSigner } from "./test-terminal.ts";

/** What is known of a voucher that a test does not speak of. */
export const unknownState: Omit<VoucherStateAnswer, "voucherId"> = {
  ...{ state: null, code: null, batch: null, tx: null, owes: null, refunded: null, refunds: [] },
};

/** A settlement that answers signed requests alone, and sends orders with an account of its own. */
export class OrderingSettlement {
  /** What it answers of every voucher. */
  state: Omit<VoucherStateAnswer, "voucherId"> = unknownState;
  /** A problem in place of the next answers to orders; null sends them. */
  refusal: { readonly status: number; readonly body: object } | null = null;
  /** Takes an order and loses the line before it answers, so often. */
  loseAnswers = 0;
  readonly asked: TerminalRequest[] = [];
  private readonly sent = new Map<string, string>();
  private readonly chain: TestChain | null;
  private readonly server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { status, body } = await this.answer(request.url ?? "", Uint8Array.from(Buffer.concat(chunks)));
      if (status === 0) response.destroy();
      else response.writeHead(status, { "content-type": mediaType(status) }).end(JSON.stringify(body));
    })();
  });

  constructor(chain: TestChain | null = null) {
    this.chain = chain;
  }

  /** How many orders were sent to the vault. */
  get sentCount(): number {
    return this.sent.size;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(url: string, bytes: Uint8Array): Promise<{ readonly status: number; readonly body: unknown }> {
    if (url !== "/v1/requests") return { status: 404, body: { code: "NOT_FOUND" } };
    const { object, body } = splitCertifiedBytes(bytes, TERMINAL_REQUEST_LENGTH);
    const request = decodeTerminalRequest(object);
    this.asked.push(request);
    const { kind } = request;
    if (kind === terminalRequestKinds.voucherStates) {
      const states = decodeVoucherStatesRequest(body).map((id) => ({ voucherId: toHex(id), ...this.state }));
      return { status: 200, body: { states } };
    }
    if (this.refusal !== null) return this.refusal;
    const answer = await this.order(body);
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      return { status: 0, body: null };
    }
    return { status: 200, body: answer };
  }

  private async order(body: Uint8Array): Promise<ReturnOrderAnswer> {
    const { chain } = this;
    if (chain === null) throw new Error("this settlement sends nothing");
    const name = toHex(digestOf(body));
    let tx = this.sent.get(name);
    if (tx === undefined) {
      const { payer, domain, provider } = chain;
      const nonce = await provider.getTransactionCount(payer.address, "latest");
      const response = await payer.sendTransaction({ to: toHex(domain.vault), data: toHex(callOf(body)), nonce });
      await response.wait();
      tx = response.hash;
      this.sent.set(name, tx);
    }
    const receipt = await chain.provider.getTransactionReceipt(tx);
    const final = await chain.provider.getBlock("finalized");
    const isFinal = receipt !== null && final !== null && receipt.blockNumber <= final.number;
    return { id: name.slice(2, 34), state: isFinal ? "final" : "mined", tx };
  }
}

function mediaType(status: number): string {
  return status === 200 ? "application/json" : "application/problem+json";
}

function callOf(body: Uint8Array): Uint8Array {
  const order = decodeReturnOrder(body);
  const message = encodeVoucherMessage(order.message);
  const cardKey = order.order === returnOrderKinds.refund ? order.cardKey : order.reversal.cardKey;
  const signed = (signature: Uint8Array, bytes: Uint8Array, key: Uint8Array) => ({
    signature,
    parity: signatureParity(signature, digestOf(bytes), key),
  });
  const voucher = { message, ...signed(order.signature, message, cardKey) };
  const { publicKey } = terminalSigner;
  if (order.order === returnOrderKinds.release) {
    const object = encodeReversal(order.reversal);
    return releaseForCall({ voucher, reversal: { object, ...signed(order.reversalSignature, object, publicKey) } });
  }
  const { total, deadline } = order.refund;
  const object = encodeRefundOrder(order.refund);
  return refundForCall({ voucher, total, deadline, order: signed(order.refundSignature, object, publicKey) });
}
