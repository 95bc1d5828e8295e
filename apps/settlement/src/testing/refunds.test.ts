import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  cardTag,
  decodeAllowanceBody,
  encodeVoucherMessage,
  signatureParity,
  digestOf,
  toHex,
  withParity,
  type VoucherBundle,
} from "@tallystick/protocol";
import { idOf, type TestCard } from "./test-card.ts";
import type { TestTerminal } from "./test-terminal.ts";
import {
  certifiedTerminal,
  createWorld,
  eventually,
  fundedCard,
  ISSUER_TOKEN,
  type TestService,
  type TestWorld,
} from "./test-world.ts";

describe("cancellations and refunds", () => {
  let world: TestWorld;
  let service: TestService;
  let shop: TestTerminal;

  beforeAll(async () => {
    world = await createWorld();
    world.startMining();
    service = await world.start(await world.createDatabase());
    shop = await certifiedTerminal(world, service);
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await world.stop();
  }, 30_000);

  const send = async (upload: Parameters<TestTerminal["upload"]>[0]) => {
    const answer = await service.call("POST", "/v1/uploads", { body: await shop.upload(upload) });
    expect(answer.status).toBe(200);
  };
  const stateBecomes = (bundle: VoucherBundle, state: string) =>
    eventually(
      async () => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body.state as string,
      (seen) => seen === state,
    );
  const pay = (card: TestCard, amount: bigint) => card.pay({ payee: shop.payee, amount, terminalId: shop.terminalId });
  const cancellation = ({ cardKey, message, context }: VoucherBundle) => ({
    cardKey,
    request: {
      cardTag: cardTag(world.domain, cardKey),
      counter: message.counter,
      payee: message.payee,
      amount: message.amount,
      time: context.time,
      challenge: context.challenge,
      terminalId: context.terminalId,
      category: context.category,
    },
  });
  const latest = async (card: TestCard) => {
    const { body } = await service.call("GET", `/v1/cards/${toHex(card.address)}/allowances/latest`, {
      token: ISSUER_TOKEN,
    });
    return decodeAllowanceBody(Buffer.from(body.body.slice(2), "hex"));
  };
  const balanced = () =>
    eventually(
      () => service.call("GET", "/v1/reconciliation"),
      ({ body }) => body.ledgerDifference === "0" && body.acceptedUnpaid === "0.00",
    );

  it("raises the allowance by what a payee refunds, out of its earnings, once that is final", async () => {
    const card = await fundedCard(world, service, "10.00");
    const sale = await pay(card, 4_000_000n);
    await send({ vouchers: [sale] });
    await stateBecomes(sale, "final");
    expect((await latest(card)).maxSpent).toBe(10_000_000n);
    await world.callVaultAs(toHex(shop.payee), "refund", [toHex(card.address), 1_500_000n]);
    const raised = await eventually(
      () => latest(card),
      ({ seq }) => seq > 1,
    );
    expect(raised).toMatchObject({ seq: 2, maxSpent: 11_500_000n, softSpent: 11_500_000n });
    await balanced();
    const { body } = await service.call("GET", "/v1/reconciliation");
    expect(body.chain).toMatchObject({ cards: "7.50", owed: "2.50" });
  }, 60_000);

  it("gives a cancelled voucher's value back when its payee releases it", async () => {
    const card = await fundedCard(world, service, "10.00");
    const torn = await pay(card, 2_000_000n);
    await send({ vouchers: [torn], cancellations: [cancellation(torn)] });
    await stateBecomes(torn, "cancelled");
    const message = encodeVoucherMessage(torn.message);
    const signature = withParity(torn.signature, signatureParity(torn.signature, digestOf(message), torn.cardKey));
    await world.callVaultAs(toHex(shop.payee), "release", [
      toHex(message),
      toHex(signature.subarray(0, 32)),
      toHex(signature.subarray(32)),
    ]);
    await stateBecomes(torn, "released");
    const raised = await eventually(
      () => latest(card),
      ({ seq }) => seq > 1,
    );
    // The card has spent 2.00 for nothing: it may come to 12.00 in its own count, and 10.00 are there to pay for it.
    expect(raised.maxSpent).toBe(12_000_000n);
    await balanced();
  }, 60_000);

  it("shows a cancelled voucher that was paid as refunded when its amount comes back", async () => {
    const card = await fundedCard(world, service, "10.00");
    const sale = await pay(card, 3_000_000n);
    await send({ vouchers: [sale] });
    await stateBecomes(sale, "final");
    await send({ cancellations: [cancellation(sale)] });
    await stateBecomes(sale, "final");
    await world.callVaultAs(toHex(shop.payee), "refund", [toHex(card.address), 3_000_000n]);
    await stateBecomes(sale, "refunded");
    await eventually(
      () => latest(card),
      ({ maxSpent }) => maxSpent === 13_000_000n,
    );
    await balanced();
  }, 60_000);
});
