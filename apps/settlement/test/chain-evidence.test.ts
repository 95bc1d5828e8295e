import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { encodeVoucherMessage, toHex, verifyDigest, digestOf, type VoucherBundle } from "@tallystick/protocol";
import { releaseCall } from "@tallystick/vault";
import { fundByHand, placeForwarder, settleByHand, settleCallOf, outsider } from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { signedMessage } from "./harness/return-harness.ts";
import { booksBecome, reasonsBecome } from "./harness/readiness.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

describe("the other message of a fork is read from the chain", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const pay = (card: TestCard, amount: bigint, to: TestTerminal = terminal): Promise<VoucherBundle> =>
    card.pay({ payee: to.payee, amount, terminalId: to.terminalId });
  const send = async (vouchers: readonly VoucherBundle[]): Promise<string[]> => {
    const { body } = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
    return body.results.map(({ status }: { status: string }) => status);
  };
  const stateOf = async (bundle: VoucherBundle): Promise<string> =>
    (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body.state;
  const becomes = (bundle: VoucherBundle, state: string) =>
    eventually(
      () => stateOf(bundle),
      (seen) => seen === state,
    );
  const cardAnswer = async (card: TestCard) =>
    (await service.call("GET", `/v1/cards/${toHex(card.address)}`, { token: ISSUER_TOKEN })).body;
  const flagged = (card: TestCard) =>
    eventually(
      () => cardAnswer(card),
      (seen) => seen.flagged === true,
    );
  const forkOf = async (card: TestCard) => {
    const { body } = await service.call("GET", "/v1/forks");
    return body.forks.find((fork: { card: string }) => fork.card === toHex(card.address));
  };
  const anomalies = async (kind: string, card: TestCard) => {
    const { body } = await service.call("GET", "/v1/queues");
    return body.anomalies.filter(
      (found: { kind: string; detail: string }) => found.kind === kind && found.detail.includes(toHex(card.address)),
    );
  };
  const recorded = (bundle: VoucherBundle) =>
    eventually(
      () =>
        service.platform.db
          .selectFrom("settled_items")
          .select("voucher_id")
          .where("voucher_id", "=", Buffer.from(idOf(bundle).slice(2), "hex"))
          .execute(),
      (rows) => rows.length === 1,
    );
  const balanced = () => booksBecome(service, { acceptedUnpaid: "0.00" });
  const earned = async (of: TestTerminal) => (await service.platform.contract.merchant(of.payee, "latest")).earned;
  const received = (of: TestTerminal) => service.platform.contract.tokenBalance(of.payee, "latest");

  it("pays nothing twice where the first message was settled by hand, whatever the issuer deposits then", async () => {
    const card = await fundedCard(harness, service, "5.00");
    const clone = card.clone();
    const elsewhere = new TestTerminal(harness.domain);
    const v1 = await pay(card, 3_000_000n, elsewhere);
    const v2 = await pay(clone, 1_000_000n);
    const v3 = await pay(card, 9_000_000n);
    await settleByHand(harness, [v1]);
    await recorded(v1);
    expect(await send([v2, v3])).toEqual(["forked", "new"]);
    expect(await flagged(card)).toMatchObject({ status: "revoked" });
    const fork = await forkOf(card);
    expect(fork).toMatchObject({ counter: 1, vouchers: [idOf(v2), idOf(v1)], paid: idOf(v1) });
    const [held, read] = fork.evidence;
    expect(held).toMatchObject({ voucherId: idOf(v2), source: "upload", tx: null });
    expect(read).toMatchObject({
      ...{ voucherId: idOf(v1), source: "chain", state: "final", amount: "3.00" },
      ...{ payee: toHex(elsewhere.payee), message: toHex(encodeVoucherMessage(v1.message)) },
      ...{ signature: toHex(v1.signature), tx: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    });
    const bytes = Buffer.from(read.message.slice(2), "hex");
    expect(verifyDigest(Buffer.from(read.signature.slice(2), "hex"), digestOf(bytes), v1.cardKey)).toBe(true);

    const outcomes = async () => Promise.all([v2, v3].map(stateOf));
    await eventually(outcomes, (states) => states.every((state) => ["compensated", "disputed"].includes(state)));
    // A flagged card takes no deposit, so that the vault can never pay what the issuer has paid.
    await expect(fundByHand(harness, card, 7_000_000n)).rejects.toThrow();
    await settleByHand(harness, [v2, v3]);
    const settled = (await service.platform.rpc.block("latest"))?.number ?? 0n;
    await eventually(
      () => service.call("GET", "/v1/reconciliation"),
      ({ body }) => BigInt(body.block) >= settled,
    );
    const paid = (
      await Promise.all(
        [v2, v3].map(async (bundle) => ((await stateOf(bundle)) === "compensated" ? bundle.message.amount : 0n)),
      )
    ).reduce((sum, each) => sum + each, 0n);
    expect([await earned(elsewhere), await earned(terminal), await received(terminal)]).toEqual([3_000_000n, 0n, paid]);
    expect((await reasonsBecome(service, [])).body).toMatchObject({ ready: true });
    await balanced();
  });

  it("reads it from the event where a contract called the vault, beside other vouchers", async () => {
    const forwarder = `0x${"f0".repeat(20)}`;
    await placeForwarder(harness, forwarder);
    const [card, honest] = [await fundedCard(harness, service), await fundedCard(harness, service)];
    const elsewhere = new TestTerminal(harness.domain);
    const clone = card.clone();
    const held = await pay(clone, 2_000_000n);
    const others = [await pay(honest, 1_000_000n, elsewhere), await pay(honest, 1_000_000n, elsewhere)];
    const paid = await pay(card, 4_000_000n, elsewhere);
    await harness.sendAs(outsider(harness), settleCallOf([...others, paid]), forwarder);
    await recorded(paid);
    expect(await send([held])).toEqual(["forked"]);
    await flagged(card);
    expect((await forkOf(card)).evidence[1]).toMatchObject({ voucherId: idOf(paid), source: "chain" });
    expect(await becomes(held, "compensated")).toBe("compensated");
    expect(await cardAnswer(honest)).toMatchObject({ status: "valid", flagged: false });
    await balanced();
  });

  it("convicts a card whose other message it held when the vault paid one that nobody uploads", async () => {
    const card = await fundedCard(harness, service);
    const clone = card.clone();
    const [held, paid] = [await pay(clone, 2_000_000n), await pay(card, 4_000_000n, new TestTerminal(harness.domain))];
    await harness.stopMining();
    await settleByHand(harness, [paid]);
    expect(await send([held])).toEqual(["new"]);
    harness.startMining();
    await flagged(card);
    expect(await becomes(held, "compensated")).toBe("compensated");
    await balanced();
  });

  it("what the vault paid outweighs an earlier claim to its counter", async () => {
    const card = await fundedCard(harness, service);
    const clone = card.clone();
    const [held, paid] = [await pay(clone, 2_000_000n), await pay(card, 4_000_000n)];
    await harness.stopMining();
    await settleByHand(harness, [paid]);
    expect(await send([held])).toEqual(["new"]);
    harness.startMining();
    await recorded(paid);
    expect(await send([paid])).toEqual(["new"]);
    expect(await stateOf(paid)).toBe("final");
    // Nor does a message that comes when nobody has claimed the counter.
    const other = await fundedCard(harness, service);
    const copy = other.clone();
    const [settled, second] = [await pay(other, 1_000_000n), await pay(copy, 2_000_000n)];
    await settleByHand(harness, [settled]);
    await recorded(settled);
    expect(await send([second])).toEqual(["forked"]);
    expect(await send([settled])).toEqual(["new"]);
  });

  it.each([
    ["before", true],
    ["after", false],
  ] as const)("convicts a card whose other message was released, which came %s the release", async (_name, early) => {
    const card = await fundedCard(harness, service);
    const clone = card.clone();
    const partner = new TestTerminal(harness.domain);
    const [held, released] = [await pay(clone, 2_000_000n), await pay(card, 4_000_000n, partner)];
    await harness.stopMining();
    if (!early) {
      await harness.sendAs(toHex(partner.payee), releaseCall(signedMessage(released)));
      await harness.mine(3);
      await releasedFinally(card);
    }
    // Not final yet where it is to come after the upload; but before its batch, to which the chain would belong.
    if (early) await harness.sendAs(toHex(partner.payee), releaseCall(signedMessage(released)));
    expect(await send([held])).toEqual([early ? "new" : "forked"]);
    harness.startMining();
    await flagged(card);
    expect((await forkOf(card)).evidence[1]).toMatchObject({ voucherId: idOf(released), state: "released" });
    // What its own messages say about it gives nothing back.
    expect((await cardAnswer(card)).bound).toBe("20.00");
    expect(await becomes(held, "compensated")).toBe("compensated");
  });

  it("says so where the other message stands nowhere, and goes on", async () => {
    const card = await fundedCard(harness, service);
    const clone = card.clone();
    const contract = new TestTerminal(harness.domain, Buffer.alloc(20, 0xf1));
    await placeForwarder(harness, toHex(contract.payee), 1);
    const [held, released] = [await pay(clone, 2_000_000n), await pay(card, 4_000_000n, contract)];
    const call = Buffer.concat([Buffer.alloc(1), releaseCall(signedMessage(released))]);
    await harness.sendAs(outsider(harness), call, toHex(contract.payee));
    await releasedFinally(card);
    expect(await send([held])).toEqual(["forked"]);
    await eventually(
      () => anomalies("FORK_UNPROVED", card),
      (found) => found.length === 1,
    );
    expect(await cardAnswer(card)).toMatchObject({ status: "revoked", flagged: false });
    expect(await becomes(held, "compensated")).toBe("compensated");
  });

  const releasedFinally = (card: TestCard) =>
    eventually(
      () =>
        service.platform.db
          .selectFrom("chain_events")
          .select("kind")
          .where("kind", "=", "released")
          .where("card", "=", card.address)
          .where("final", "=", true)
          .execute(),
      (rows) => rows.length === 1,
    );
});
