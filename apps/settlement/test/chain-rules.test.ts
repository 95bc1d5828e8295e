import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { Compensator } from "../src/vouchers/forks/compensator.ts";
import {
  allow,
  bringTokens,
  depositBrought,
  fundByHand,
  outsider,
  settleByHand,
  settleCallOf,
} from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { booksBecome, metricsBecome, reasonsBecome } from "./harness/readiness.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

const DELAY_SECONDS = 16 * 86_400;

describe("what follows the chain", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;
  /** How far the service's clock is ahead of the system's, milliseconds. */
  let aheadMs = 0;
  /** Where the service's clock stands still, milliseconds. */
  let stillMs: number | null = null;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    // Every allowance is one of the test: the policy issues none that makes a deposit payable.
    const config = { allowancePolicy: { everySeconds: 0, step: "1000000.00" } };
    service = await harness.start(await harness.createDatabase(), config, {
      now: () => stillMs ?? Date.now() + aheadMs,
    });
    terminal = await certifiedTerminal(harness, service);
  });
  afterEach(() => {
    aheadMs = 0;
    stillMs = null;
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
  const view = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const becomes = (bundle: VoucherBundle, state: string) =>
    eventually(
      () => view(bundle),
      (seen) => seen.state === state,
    );
  const statusOf = async (card: TestCard): Promise<string> =>
    (await service.call("GET", `/v1/cards/${toHex(card.address)}`, { token: ISSUER_TOKEN })).body.status;
  const anomalies = async (kind: string) => {
    const { body } = await service.call("GET", "/v1/queues");
    return body.anomalies.filter((found: { kind: string }) => found.kind === kind);
  };
  const balanced = (figures: Record<string, unknown> = {}) => booksBecome(service, figures);

  /** A message of a counter far from every other one, so that no neighbour contradicts it. */
  async function payAt(card: TestCard, counter: number, amount: bigint, to: TestTerminal = terminal) {
    Object.assign(card, { counter: counter - 1, spent: 0n });
    return pay(card, amount, to);
  }

  it("revokes a card once what is held of it, one message a counter, exceeds every maxSpent", async () => {
    const card = await fundedCard(harness, service, "10.00");
    const first = await payAt(card, 3, 6_000_000n);
    expect(await send([first, first, await payAt(card, 5, 4_000_000n)])).toEqual(["new", "duplicate", "new"]);
    expect(await statusOf(card)).toBe("valid");
    await send([await payAt(card, 7, 1n)]);
    expect(await statusOf(card)).toBe("revoked");
    expect(await anomalies("CARD_OVERSPENT")).toHaveLength(1);
  });

  it("counts what the vault paid and nobody uploaded, each counter once", async () => {
    const card = await fundedCard(harness, service, "10.00");
    const elsewhere = new TestTerminal(harness.domain);
    const paid = await payAt(card, 3, 6_000_000n, elsewhere);
    await settleByHand(harness, [paid]);
    const own = await payAt(card, 5, 4_000_000n);
    await send([own]);
    await becomes(own, "final");
    expect(await statusOf(card)).toBe("valid");
    const { db } = service.platform;
    const row = () => db.selectFrom("cards").select("signed_units").where("card", "=", card.address).executeTakeFirst();
    expect(await row()).toEqual({ signed_units: 10_000_000n });
    await settleByHand(harness, [await payAt(card, 7, 1n, elsewhere)]);
    await fundByHand(harness, card, 1n);
    await settleByHand(harness, [await payAt(card, 9, 1n, elsewhere)]);
    await eventually(
      () => statusOf(card),
      (status) => status === "revoked",
    );
  });

  it("leaves a card alone whose running sum is too high and whose messages are not", async () => {
    const card = await fundedCard(harness, service, "10.00");
    const { db } = service.platform;
    await db.updateTable("cards").set({ signed_units: 9_000_000n }).where("card", "=", card.address).execute();
    await send([await payAt(card, 3, 2_000_000n)]);
    expect(await statusOf(card)).toBe("valid");
    // An allowance that only the card's own voucher shows counts as well.
    await allow(service, card, { seq: 2, maxSpent: 11_000_000n, softSpent: 11_000_000n });
    await send([await payAt(card, 5, 9_000_000n)]);
    expect(await statusOf(card)).toBe("valid");
    await send([await payAt(card, 7, 1n)]);
    expect(await statusOf(card)).toBe("revoked");
  });

  it("withholds a promised voucher that its card could not cover for W after its time, until a deposit pays it", async () => {
    const card = await fundedCard(harness, service, "2.00");
    await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    const unpaid = await pay(card, 3_000_000n);
    await send([unpaid]);
    await becomes(unpaid, "skipped");
    const due = unpaid.context.time + DELAY_SECONDS;
    stillMs = (due - 5) * 1_000;
    await service.app.get(Compensator).consider(Buffer.from(idOf(unpaid).slice(2), "hex"));
    expect((await view(unpaid)).state).toBe("skipped");
    aheadMs = due * 1_000 - Date.now();
    stillMs = null;
    expect(await becomes(unpaid, "withheld")).toMatchObject({ code: "STILL_UNPAID", tx: null });
    aheadMs = 0;
    await fundByHand(harness, card, 1_000_000n);
    expect(await becomes(unpaid, "final")).toMatchObject({ code: null });
    await balanced();
  });

  it("does not withhold what the issuer does not promise", async () => {
    const card = await fundedCard(harness, service, "2.00");
    const over = await pay(card, 3_000_000n);
    await send([over]);
    const honest = await fundedCard(harness, service, "1.00");
    await allow(service, honest, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    const promised = await pay(honest, 3_000_000n);
    await send([promised]);
    aheadMs = DELAY_SECONDS * 1_000 + 60_000;
    await becomes(promised, "withheld");
    expect(await view(over)).toMatchObject({ state: "skipped", code: "OVER_MAX_SPENT" });
  });

  it("raises an alarm when the vault pays what was compensated, with both transactions", async () => {
    const other = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service, "5.00");
    const clone = card.clone();
    const [first, late] = [await pay(card, 3_000_000n), await pay(card, 4_000_000n)];
    await allow(service, card, { seq: 2, maxSpent: 50_000_000n, softSpent: 50_000_000n });
    const rival = await pay(clone, 1_000_000n, other);
    await send([first]);
    await becomes(first, "final");
    await service.call("POST", "/v1/uploads", { body: await other.upload({ vouchers: [rival] }) });
    await becomes(rival, "compensated");
    const sent = await pay(card, 2_500_000n);
    await send([late, sent]);
    const borne = await becomes(sent, "compensated");

    // The vault forgets the flag, as no vault may.
    await forgetFlag(card);
    await fundByHand(harness, card, 7_000_000n);
    await settleByHand(harness, [sent]);
    const [found] = await eventually(
      () => anomalies("PAID_TWICE"),
      (all) => all.length > 0,
    );
    const settled = (await view(sent)).tx as string;
    expect(borne.tx).not.toBe(settled);
    for (const named of [idOf(sent), borne.tx, settled]) expect(found.detail).toContain(named);
    expect((await reasonsBecome(service, ["PAID_TWICE"])).body).toMatchObject({ ready: false });
    await metricsBecome(service, (metrics) => {
      expect(metrics).toContain("tallystick_paid_twice_units 2500000");
      expect(metrics).toContain('tallystick_alarm{code="PAID_TWICE"} 1');
    });
    // Both payments stand in the books, and the chain says the same.
    await balanced({ paidTwice: "2.50", acceptedUnpaid: expect.any(String) });
    expect(await service.platform.contract.tokenBalance(terminal.payee, "latest")).toBe(2_500_000n);
    aheadMs = 31 * 86_400_000;
    expect((await reasonsBecome(service, [])).body).toMatchObject({ ready: true });
  });

  it("raises it as well when the vault pays while the transfer is on its way, and keeps the books right", async () => {
    const card = await fundedCard(harness, service, "5.00");
    const clone = card.clone();
    await allow(service, card, { seq: 2, maxSpent: 50_000_000n, softSpent: 50_000_000n });
    const first = await pay(card, 3_000_000n);
    const rival = await pay(clone, 1_000_000n);
    await send([first, rival]);
    await eventually(
      () => service.platform.contract.card(card.address, "finalized"),
      ({ flagged, paid }) => flagged && paid > 0n,
    );
    const sale = await pay(card, 4_500_000n);
    await harness.stopMining();
    await bringTokens(harness, 7_000_000n);
    // The final block shows the flag and too little on the card for one block more.
    await forgetFlag(card);
    await depositBrought(harness, card, 7_000_000n);
    await harness.rpc("evm_setAutomine", [false]);
    await send([sale]);
    await becomes(sale, "compensating");
    await eventually(
      async () => (await harness.rpc("txpool_status")) as { pending: string },
      ({ pending }) => Number(pending) > 0,
    );
    // The vault is called with a fee that puts it before the transfer.
    const fee = `0x${(200n * 10n ** 9n).toString(16)}`;
    await harness.rpc("eth_sendTransaction", [
      {
        ...{ from: outsider(harness), to: toHex(harness.domain.vault), data: toHex(settleCallOf([sale])) },
        ...{ maxFeePerGas: fee, maxPriorityFeePerGas: fee },
      },
    ]);
    await harness.rpc("evm_setAutomine", [true]);
    await harness.mine(1);
    harness.startMining();
    const [found] = await eventually(
      async () =>
        (await anomalies("PAID_TWICE")).filter(({ detail }: { detail: string }) => detail.includes(idOf(sale))),
      (all) => all.length > 0,
    );
    expect(found.detail).toContain((await view(sale)).tx);
    expect((await view(sale)).state).toBe("final");
    await balanced();
  });

  /** Clears the third member of the card's struct in the reference vault's storage. */
  async function forgetFlag(card: TestCard): Promise<void> {
    const { contract } = service.platform;
    const key = toHex(card.address).slice(2).padStart(64, "0");
    for (let place = 0; place < 32; place += 1) {
      const hash = (await harness.rpc("web3_sha3", [`0x${key}${place.toString(16).padStart(64, "0")}`])) as string;
      const word = (await harness.rpc("eth_getStorageAt", [toHex(contract.vault), hash, "latest"])) as string;
      if (BigInt(word) >> 96n !== 1n) continue;
      const cleared = BigInt(word) & ((1n << 96n) - 1n);
      await harness.rpc("anvil_setStorageAt", [
        toHex(contract.vault),
        hash,
        `0x${cleared.toString(16).padStart(64, "0")}`,
      ]);
      expect(await contract.card(card.address, "latest")).toMatchObject({ flagged: false });
      return;
    }
    throw new Error("No word of the vault holds this card with a flag.");
  }
});
