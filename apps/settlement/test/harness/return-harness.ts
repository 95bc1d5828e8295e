import { expect } from "@jest/globals";
import {
  cardTag,
  decodeAllowanceBody,
  digestOf,
  encodeVoucherMessage,
  signatureParity,
  toHex,
  type Domain,
  type VoucherBundle,
} from "@tallystick/protocol";
import { refundCall, releaseCall, type SignedMessage } from "@tallystick/vault";
import { eventually } from "./eventually.ts";
import { booksBecome } from "./readiness.ts";
import { certifiedTerminal } from "./issued.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  type TestAnswer,
  type TestService,
  type SettlementHarness,
} from "./settlement-harness.ts";
import { idOf, type TestCard } from "./test-card.ts";
import type { TestTerminal, TestUpload } from "./test-terminal.ts";

/** One vault with its service and a terminal that gives payments back with the payee's own key. */
export class ReturnHarness {
  readonly settlement: SettlementHarness;
  readonly service: TestService;
  readonly terminal: TestTerminal;

  private constructor(settlement: SettlementHarness, service: TestService, terminal: TestTerminal) {
    this.settlement = settlement;
    this.service = service;
    this.terminal = terminal;
  }

  static async create(vault: string, change: Record<string, unknown> = {}): Promise<ReturnHarness> {
    const settlement = await createHarness(vault);
    settlement.startMining();
    const service = await settlement.start(await settlement.createDatabase(), change);
    return new ReturnHarness(settlement, service, await certifiedTerminal(settlement, service));
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.settlement.stop();
  }

  pay(card: TestCard, amount: bigint): Promise<VoucherBundle> {
    return card.pay({ payee: this.terminal.payee, amount, terminalId: this.terminal.terminalId });
  }

  async send(upload: TestUpload, service: TestService = this.service): Promise<void> {
    const answer = await service.call("POST", "/v1/uploads", { body: await this.terminal.upload(upload) });
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  }

  /** A voucher that the vault has paid, finally. */
  async paid(card: TestCard, amount: bigint): Promise<VoucherBundle> {
    const sale = await this.pay(card, amount);
    await this.send({ vouchers: [sale] });
    await this.becomes(sale, { state: "final" });
    return sale;
  }

  /** The reversal of the request that a voucher answers. */
  reversal(bundle: VoucherBundle) {
    return reversalOf(this.settlement.domain, bundle);
  }

  async view(bundle: VoucherBundle, service: TestService = this.service): Promise<TestAnswer["body"]> {
    return (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  }

  /** Waits until the voucher's answer has these fields. */
  becomes(bundle: VoucherBundle, fields: Record<string, unknown>): Promise<TestAnswer["body"]> {
    return eventually(
      () => this.view(bundle),
      (body) => Object.entries(fields).every(([name, value]) => body[name] === value),
    );
  }

  async release(bundle: VoucherBundle): Promise<void> {
    await this.settlement.sendAs(toHex(this.terminal.payee), releaseCall(signedMessage(bundle)));
  }

  async refund(card: TestCard, units: bigint, sale?: VoucherBundle): Promise<void> {
    const named = sale === undefined ? {} : { voucherId: Buffer.from(idOf(sale).slice(2), "hex") };
    await this.settlement.sendAs(toHex(this.terminal.payee), refundCall({ card: card.address, units, ...named }));
  }

  async allowance(card: TestCard) {
    const path = `/v1/cards/${toHex(card.address)}/allowances/latest`;
    const { body } = await this.service.call("GET", path, { token: ISSUER_TOKEN });
    return decodeAllowanceBody(Buffer.from(body.body.slice(2), "hex"));
  }

  async bound(card: TestCard): Promise<string> {
    const answer = await this.service.call("GET", `/v1/cards/${toHex(card.address)}`, { token: ISSUER_TOKEN });
    return answer.body.boundUnits;
  }

  listReturns(): Promise<TestAnswer["body"]> {
    return this.service.call("GET", "/v1/returns").then(({ body }) => body);
  }

  /** Waits until every unit is accounted for and nothing is held any more. */
  balanced(): Promise<TestAnswer["body"]> {
    return booksBecome(this.service, { acceptedUnpaid: "0.00" });
  }

  /**
   * Gives something back in a block that is not final, checks that it does not count yet, neither
   * at once nor in the last block before it is final, and lets it become final.
   */
  async overTheBoundary(card: TestCard, returnValue: () => Promise<void>, kind: string): Promise<void> {
    await this.settlement.stopMining();
    const [bound, allowance] = [await this.bound(card), await this.allowance(card)];
    await returnValue();
    const seen = () =>
      this.listReturns().then(({ returns }) =>
        returns.find((row: { card: string; kind: string }) => row.card === toHex(card.address) && row.kind === kind),
      );
    const row = await eventually(seen, (found) => found !== undefined);
    expect(row.final).toBe(false);
    // The finalized block follows two blocks behind the newest one.
    for (const behind of [2n, 1n]) {
      const finalized = (await this.service.platform.rpc.block("finalized"))?.number;
      expect(finalized).toBe(BigInt(row.block) - behind);
      await eventually(
        () => this.service.call("GET", "/v1/reconciliation"),
        ({ body }) => body.block === String(finalized),
      );
      expect((await seen()).final).toBe(false);
      expect(await this.bound(card)).toBe(bound);
      expect(await this.allowance(card)).toEqual(allowance);
      await this.settlement.mine(1);
    }
    await eventually(seen, ({ final }) => final === true);
    this.settlement.startMining();
  }
}

/** The reversal of the request that a voucher answers. */
export function reversalOf(domain: Domain, { cardKey, message, context }: VoucherBundle) {
  return {
    cardKey,
    request: {
      cardTag: cardTag(domain, cardKey),
      counter: message.counter,
      payee: message.payee,
      amount: message.amount,
      time: context.time,
      challenge: context.challenge,
      terminalId: context.terminalId,
      category: context.category,
    },
  };
}

/** A voucher as the vault takes it. */
export function signedMessage({ message, signature, cardKey }: VoucherBundle): SignedMessage {
  const bytes = encodeVoucherMessage(message);
  return { message: bytes, signature, parity: signatureParity(signature, digestOf(bytes), cardKey) };
}
