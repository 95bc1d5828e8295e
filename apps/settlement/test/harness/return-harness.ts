import { expect } from "@jest/globals";
import {
  cardTag,
  decodeAllowanceBody,
  digestOf,
  encodeVoucherMessage,
  signatureParity,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import { refundCall, releaseCall, type SignedMessage } from "@tallystick/vault";
import { idOf, type TestCard } from "./test-card.ts";
import type { TestTerminal, TestUpload } from "./test-terminal.ts";
import {
  certifiedTerminal,
  createWorld,
  eventually,
  ISSUER_TOKEN,
  type TestAnswer,
  type TestService,
  type TestWorld,
} from "./settlement-harness.ts";

/** One vault with its service and a shop that gives payments back with the payee's own key. */
export class GiveBackWorld {
  readonly world: TestWorld;
  readonly service: TestService;
  readonly shop: TestTerminal;

  private constructor(world: TestWorld, service: TestService, shop: TestTerminal) {
    this.world = world;
    this.service = service;
    this.shop = shop;
  }

  static async create(vault: string): Promise<GiveBackWorld> {
    const world = await createWorld(vault);
    world.startMining();
    const service = await world.start(await world.createDatabase());
    return new GiveBackWorld(world, service, await certifiedTerminal(world, service));
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.world.stop();
  }

  pay(card: TestCard, amount: bigint): Promise<VoucherBundle> {
    return card.pay({ payee: this.shop.payee, amount, terminalId: this.shop.terminalId });
  }

  async send(upload: TestUpload, service: TestService = this.service): Promise<void> {
    const answer = await service.call("POST", "/v1/uploads", { body: await this.shop.upload(upload) });
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  }

  /** A voucher that the vault has paid, finally. */
  async paid(card: TestCard, amount: bigint): Promise<VoucherBundle> {
    const sale = await this.pay(card, amount);
    await this.send({ vouchers: [sale] });
    await this.becomes(sale, { state: "final" });
    return sale;
  }

  /** The cancellation of the request that a voucher answers. */
  cancellation({ cardKey, message, context }: VoucherBundle) {
    return {
      cardKey,
      request: {
        cardTag: cardTag(this.world.domain, cardKey),
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
    await this.world.sendAs(toHex(this.shop.payee), releaseCall(signedMessage(bundle)));
  }

  async refund(card: TestCard, units: bigint, sale?: VoucherBundle): Promise<void> {
    const named = sale === undefined ? {} : { voucherId: Buffer.from(idOf(sale).slice(2), "hex") };
    await this.world.sendAs(toHex(this.shop.payee), refundCall({ card: card.address, units, ...named }));
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

  giveBacks(): Promise<TestAnswer["body"]> {
    return this.service.call("GET", "/v1/give-backs").then(({ body }) => body);
  }

  /** Waits until every unit is accounted for and nothing is held any more. */
  balanced(): Promise<TestAnswer> {
    return eventually(
      () => this.service.call("GET", "/v1/reconciliation"),
      ({ body }) => body.ledgerDifference === "0" && body.acceptedUnpaid === "0.00",
    );
  }

  /**
   * Gives something back in a block that is not final, checks that it does not count yet, neither at once nor in the last block before
   * it is final, and lets it become final.
   */
  async overTheBoundary(card: TestCard, giveBack: () => Promise<void>, kind: string): Promise<void> {
    await this.world.stopMining();
    const [bound, allowance] = [await this.bound(card), await this.allowance(card)];
    await giveBack();
    const seen = () =>
      this.giveBacks().then(({ giveBacks }) =>
        giveBacks.find((row: { card: string; kind: string }) => row.card === toHex(card.address) && row.kind === kind),
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
      await this.world.mine(1);
    }
    await eventually(seen, ({ final }) => final === true);
    this.world.startMining();
  }
}

/** A voucher as the vault takes it. */
export function signedMessage({ message, signature, cardKey }: VoucherBundle): SignedMessage {
  const bytes = encodeVoucherMessage(message);
  return { message: bytes, signature, parity: signatureParity(signature, digestOf(bytes), cardKey) };
}
