import { randomBytes } from "node:crypto";
import {
  addressOfKey,
  contextHash,
  createSigner,
  decodeAllowanceBody,
  digestOf,
  encodeOpening,
  encodeStateProof,
  encodeVoucherMessage,
  messageHash,
  toAddress,
  toHex,
  voucherId,
  type Address,
  type AllowanceBody,
  type Domain,
  type SignedStateProof,
  type Signer,
  type VoucherBundle,
} from "@tallystick/protocol";

/** What a terminal asks of a card. */
export interface TestPayment {
  readonly payee: Address;
  readonly amount: bigint;
  readonly terminalId: Uint8Array;
  readonly category?: number;
  readonly time?: number;
  readonly challenge?: Uint8Array;
}

/**
 * A card in memory for tests: it keeps counter, spent and head as an applet does, and judges
 * nothing.
 */
export class TestCard {
  readonly address: Address;
  readonly signer: Signer;
  readonly domain: Domain;
  counter = 0;
  spent = 0n;
  head: Uint8Array = new Uint8Array(32);
  allowance: { body: AllowanceBody; signature: Uint8Array } | null = null;

  constructor(domain: Domain, secret: Uint8Array = randomBytes(32)) {
    this.domain = domain;
    this.signer = createSigner(secret);
    this.address = addressOfKey(this.signer.publicKey);
  }

  /** r ‖ s over TLYO for this owner. */
  opening(owner: string): Promise<Uint8Array> {
    return this.signer.sign(
      digestOf(encodeOpening({ domain: this.domain, owner: toAddress(Buffer.from(owner.slice(2), "hex")) })),
    );
  }

  load(allowance: { body: string; signature: string }): void {
    this.allowance = {
      body: decodeAllowanceBody(Buffer.from(allowance.body.slice(2), "hex")),
      signature: Buffer.from(allowance.signature.slice(2), "hex"),
    };
  }

  async pay(payment: TestPayment): Promise<VoucherBundle> {
    if (this.allowance === null) throw new Error("The test card holds no allowance.");
    const spent = this.spent + payment.amount;
    const context = {
      challenge: payment.challenge ?? randomBytes(16),
      terminalId: payment.terminalId,
      time: payment.time ?? Math.floor(Date.now() / 1_000),
      spent,
      allowanceSeq: this.allowance.body.seq,
      category: payment.category ?? 3,
      cvm: 0 as const,
      flags: 0 as const,
      link: this.head,
    };
    const message = {
      domain: this.domain,
      payee: payment.payee,
      counter: this.counter + 1,
      amount: payment.amount,
      context: contextHash(context),
    };
    const signature = await this.signer.sign(digestOf(encodeVoucherMessage(message)));
    this.counter += 1;
    this.spent = spent;
    this.head = messageHash(message);
    return {
      cardKey: this.signer.publicKey,
      message,
      context,
      signature,
      allowanceBody: this.allowance.body,
      allowanceSignature: this.allowance.signature,
    };
  }

  /** A copy that will sign the same counters: what a broken chip allows. */
  clone(): TestCard {
    const copy: TestCard = Object.create(TestCard.prototype) as TestCard;
    return Object.assign(copy, this);
  }

  async prove(state: 0x07 | 0x7f = 0x07): Promise<SignedStateProof> {
    const proof = {
      domain: this.domain,
      challenge: randomBytes(16),
      counter: this.counter,
      spent: this.spent,
      seq: this.allowance?.body.seq ?? 0,
      state,
      head: this.head,
    };
    const signature = await this.signer.sign(digestOf(encodeStateProof(proof)));
    return { cardKey: this.signer.publicKey, proof, signature };
  }
}

/** The id of a bundle as hex. */
export function idOf(bundle: VoucherBundle): string {
  return toHex(voucherId(addressOfKey(bundle.cardKey), bundle.message));
}
