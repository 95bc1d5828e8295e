import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  digestOf,
  encodeRefundOrder,
  encodeReturnOrder,
  encodeReversal,
  fromHex,
  type RefundOrder,
  type Reversal,
  returnOrderKinds,
  terminalRequestKinds,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import { returnOrderAnswerSchema } from "@tallystick/protocol/wire";
import { setDelegateCall } from "@tallystick/vault";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { ReturnHarness } from "./harness/return-harness.ts";
import type { TestAnswer, TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const now = (): number => Math.floor(Date.now() / 1_000);
const HOUR = 3_600;
/** What the terminal may give back in a day. */
const DAY_LIMIT = 6_000_000n;

// What comes back is tested on the packed vault alone: its own tests hold it equal to the reference.
describe("refund orders", () => {
  let harness: ReturnHarness;

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
    await appoint(harness.terminal, DAY_LIMIT * 10n);
  });
  afterAll(async () => {
    await harness.stop();
  });

  async function appoint(terminal: TestTerminal, unitsPerDay: bigint): Promise<void> {
    const delegate = addressOfKey(terminal.signer.publicKey);
    await harness.settlement.sendAs(toHex(terminal.payee), setDelegateCall({ delegate, unitsPerDay }));
  }

  const funded = (): Promise<TestCard> => fundedCard(harness.settlement, harness.service, "10.00");
  const ask = async (
    body: Uint8Array,
    { terminal = harness.terminal, service = harness.service }: { terminal?: TestTerminal; service?: TestService } = {},
  ): Promise<TestAnswer> =>
    service.call("POST", "/v1/requests", { body: await terminal.ask(terminalRequestKinds.refundOrder, body) });

  async function refundBody(
    sale: VoucherBundle,
    total: bigint,
    change: Partial<RefundOrder> & { terminal?: TestTerminal } = {},
  ): Promise<Uint8Array> {
    const { terminal = harness.terminal, ...fields } = change;
    const refund = {
      ...{ domain: harness.settlement.domain, voucherId: fromHex(idOf(sale), 32), total, deadline: now() + HOUR },
      ...fields,
    };
    const { cardKey, message, signature } = sale;
    const refundSignature = await terminal.signer.sign(digestOf(encodeRefundOrder(refund)));
    return encodeReturnOrder({ order: returnOrderKinds.refund, cardKey, message, signature, refund, refundSignature });
  }

  async function releaseBody(sale: VoucherBundle, change: Partial<Reversal["request"]> = {}): Promise<Uint8Array> {
    const { cardKey, request } = harness.reversal(sale);
    const reversal = { domain: harness.settlement.domain, cardKey, request: { ...request, ...change } };
    const { message, signature } = sale;
    const reversalSignature = await harness.terminal.signer.sign(digestOf(encodeReversal(reversal)));
    return encodeReturnOrder({ order: returnOrderKinds.release, message, signature, reversal, reversalSignature });
  }

  const refused = (answer: TestAnswer): unknown[] => [answer.status, answer.body.code, answer.body.reason];
  const final = (body: Uint8Array): Promise<TestAnswer> =>
    eventually(
      () => ask(body),
      (answer) => answer.body.state === "final",
    );
  const actionsOf = async (kind: string): Promise<number> => {
    const text = "select count(*)::int as n from chain_actions where kind = $1";
    const { rows } = await harness.service.platform.pool.query(text, [kind]);
    return (rows[0] as { n: number }).n;
  };

  it("gives back what a terminal signed, out of earnings alone, and raises the card's allowance", async () => {
    const card = await funded();
    const [older, sale] = [await harness.paid(card, 1_000_000n), await harness.paid(card, 4_000_000n)];
    const body = await refundBody(older, 300_000n);
    const answer = await ask(body);
    expect([answer.status, answer.body.state]).toEqual([200, "planned"]);
    expect(returnOrderAnswerSchema.safeParse(answer.body).success).toBe(true);
    const ended = await final(body);
    expect(ended.body).toMatchObject({ id: answer.body.id, tx: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    // The refund names the older payment: without its name the newest would take it.
    const seen = await harness.becomes(older, { refunded: "0.30" });
    expect(seen.refunds).toEqual([{ amount: "0.30", tx: ended.body.tx }]);
    expect(await harness.view(sale)).toMatchObject({ refunded: "0.00" });
    await eventually(
      () => harness.allowance(card),
      ({ maxSpent }) => maxSpent === 10_300_000n,
    );
    await harness.balanced();
  });

  it("moves units once, by whatever is ordered again: the total counts", async () => {
    const card = await funded();
    const sale = await harness.paid(card, 5_000_000n);
    const first = await refundBody(sale, 1_000_000n);
    const before = await actionsOf("return");
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(first)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    // One that asks no more is the same action while that is under way; one that asks more follows.
    await harness.settlement.stopMining();
    const second = await refundBody(sale, 3_000_000n);
    const more = await ask(second);
    const less = await ask(await refundBody(sale, 2_000_000n));
    expect(less.body.id).toBe(more.body.id);
    expect(more.body.id).not.toBe(answers[0]?.body.id);
    harness.settlement.startMining();
    await final(first);
    await final(second);
    await harness.becomes(sale, { refunded: "3.00" });
    expect(await actionsOf("return")).toBe(before + 2);
    expect(refused(await ask(await refundBody(sale, 3_000_000n, { deadline: now() + 2 * HOUR })))).toEqual([
      ...[409, "REFUND_ORDER_REFUSED", "AlreadyReturned"],
    ]);
    // What was done is answered as done, long after its deadline too.
    expect((await ask(first)).body).toMatchObject({ state: "final" });
    await harness.balanced();
  });

  it("releases what the terminal reversed, once, and its value is the card's again", async () => {
    const card = await funded();
    const sale = await harness.pay(card, 2_000_000n);
    await harness.send({ vouchers: [sale], reversals: [harness.reversal(sale)] });
    const body = await releaseBody(sale);
    expect((await ask(body)).status).toBe(200);
    const ended = await final(body);
    expect(await harness.becomes(sale, { state: "released" })).toMatchObject({ tx: ended.body.tx });
    await eventually(
      () => harness.bound(card),
      (bound) => bound === "12000000",
    );
    expect(refused(await ask(await refundBody(sale, 1n)))).toEqual([409, "REFUND_ORDER_REFUSED", "AlreadyReturned"]);
    await harness.balanced();
  });

  it("releases far ahead of unpaid counters, whatever must be recorded first", async () => {
    const card = await funded();
    card.counter = 900;
    card.spent = 900n;
    const sale = await harness.pay(card, 1_000_000n);
    const body = await releaseBody(sale);
    expect((await ask(body)).status).toBe(200);
    await final(body);
    expect(await actionsOf("advance")).toBe(1);
  });

  it("names what the vault would refuse, and plans nothing", async () => {
    const card = await funded();
    const [sale, unpaid] = [await harness.paid(card, 1_000_000n), await harness.pay(card, 1_000_000n)];
    const other = await certifiedTerminal(harness.settlement, harness.service);
    const before = await actionsOf("return");
    const domain = { ...harness.settlement.domain, chainId: 1n };
    const next = await harness.pay(card, 1n);
    const cases: readonly [Promise<Uint8Array>, string][] = [
      [refundBody(sale, 1_000_001n), "MoreThanPaid"],
      [refundBody(sale, 1n, { deadline: now() - 1 }), "Expired"],
      [refundBody(sale, 1n, { domain }), "OtherVoucher"],
      [refundBody(sale, 1n, { voucherId: fromHex(idOf(unpaid), 32) }), "OtherVoucher"],
      [refundBody(sale, 1n, { terminal: other }), "BadSignature"],
      [refundBody({ ...sale, signature: unpaid.signature }, 1n), "BadSignature"],
      [refundBody({ ...sale, cardKey: other.signer.publicKey }, 1n), "BadSignature"],
      [refundBody({ ...sale, message: { ...sale.message, domain } }, 1n), "MalformedMessage"],
      [refundBody(unpaid, 1n), "CounterUnused"],
      [releaseBody(sale), "CounterUsed"],
      [releaseBody(unpaid, { amount: 1n }), "OtherVoucher"],
      [releaseBody(unpaid, { counter: next.message.counter }), "OtherVoucher"],
    ];
    for (const [body, reason] of cases) {
      expect(refused(await ask(await body))).toEqual([409, "REFUND_ORDER_REFUSED", reason]);
    }
    // Another payee's terminal orders nothing of this one's vouchers, whoever signed.
    for (const signer of [harness.terminal, other]) {
      const body = await refundBody(sale, 1n, { terminal: signer });
      expect(refused(await ask(body, { terminal: other }))).toEqual([409, "REFUND_ORDER_REFUSED", "NotPayee"]);
    }
    expect(await actionsOf("return")).toBe(before);
  });

  it("refuses who is no delegate, and what exceeds a delegate's day", async () => {
    const card = await funded();
    const terminal = await certifiedTerminal(harness.settlement, harness.service);
    const sale = await card.pay({ payee: terminal.payee, amount: 7_000_000n, terminalId: terminal.terminalId });
    const answer = await harness.service.call("POST", "/v1/uploads", {
      body: await terminal.upload({ vouchers: [sale] }),
    });
    expect(answer.status).toBe(200);
    await harness.becomes(sale, { state: "final" });
    const order = async (total: bigint): Promise<TestAnswer> =>
      ask(await refundBody(sale, total, { terminal }), { terminal });
    expect(refused(await order(1n))).toEqual([409, "REFUND_ORDER_REFUSED", "NotDelegate"]);
    await appoint(terminal, DAY_LIMIT);
    expect(refused(await order(DAY_LIMIT + 1n))).toEqual([409, "REFUND_ORDER_REFUSED", "OverDayLimit"]);
    expect((await order(DAY_LIMIT)).status).toBe(200);
    await harness.becomes(sale, { refunded: "6.00" });
  });

  it("takes no body that is none", async () => {
    const card = await funded();
    const sale = await harness.paid(card, 1_000_000n);
    const body = await refundBody(sale, 1n);
    const bodies = [
      new Uint8Array(0),
      body.slice(0, -1),
      Buffer.concat([body, Buffer.of(0)]),
      Buffer.of(9, ...body.slice(1)),
    ];
    for (const each of bodies) {
      const { status, body: problem } = await ask(each);
      expect([status, problem.code]).toEqual([400, "MALFORMED_REQUEST"]);
    }
  });

  it("tries an order again that ended without effect, within the payee's quota", async () => {
    const { settlement } = harness;
    const database = await settlement.createDatabase();
    const quota = { refundOrdersPerDay: 2 };
    let service = await settlement.start(database, quota);
    const restart = async (change: Record<string, unknown>): Promise<void> => {
      await service.stop();
      service = await settlement.start(database, { ...quota, ...change });
    };
    const becomes = (sale: VoucherBundle, field: string, value: string): Promise<unknown> =>
      eventually(
        () => harness.view(sale, service),
        (view) => view[field] === value,
      );
    try {
      const terminal = await certifiedTerminal(settlement, service);
      await appoint(terminal, DAY_LIMIT);
      const card = await fundedCard(settlement, service, "10.00");
      const sale = await card.pay({ payee: terminal.payee, amount: 3_000_000n, terminalId: terminal.terminalId });
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
      await becomes(sale, "state", "final");
      const body = await refundBody(sale, 1_000_000n, { terminal });
      // Nobody sends while the order is planned, and then its delegate is no longer one.
      await restart({ roles: ["api"] });
      const planned = await ask(body, { terminal, service });
      expect([planned.status, planned.body.state]).toEqual([200, "planned"]);
      await appoint(terminal, 0n);
      await restart({});
      await eventually(
        () => service.platform.pool.query("select state from chain_actions where id = $1", [planned.body.id]),
        ({ rows }) => (rows[0] as { state: string }).state === "refused",
      );
      expect(refused(await ask(body, { terminal, service }))).toEqual([409, "REFUND_ORDER_REFUSED", "NotDelegate"]);
      await appoint(terminal, DAY_LIMIT);
      expect((await ask(body, { terminal, service })).body).toMatchObject({ id: planned.body.id, state: "planned" });
      await becomes(sale, "refunded", "1.00");
      const more = await ask(await refundBody(sale, 2_000_000n, { terminal }), { terminal, service });
      expect([more.status, more.body.code]).toEqual([429, "REFUND_QUOTA"]);
    } finally {
      await service.stop();
    }
  });
});
