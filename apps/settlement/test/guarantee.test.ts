import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { createHarness, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const ENDED = ["final", "compensated", "disputed", "withheld"];

describe("the issuer's guarantee", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const view = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const ended = (bundle: VoucherBundle) =>
    eventually(
      () => view(bundle),
      ({ state }) => ENDED.includes(state),
    );
  const send = async (terminal: TestTerminal, vouchers: readonly VoucherBundle[]) =>
    service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
  const pay = (card: TestCard, terminal: TestTerminal, amount: bigint) =>
    card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });

  it("bears none of twelve messages of one counter that one terminal brings, also in a second wave", async () => {
    const terminal = await certifiedTerminal(harness, service, { perCardSum: "50.00" });
    const card = await fundedCard(harness, service, "50.00");
    const clones = Array.from({ length: 12 }, () => card.clone());
    const messages = await Promise.all(clones.map((clone) => pay(clone, terminal, 50_000_000n)));
    await send(terminal, messages.slice(0, 8));
    await eventually(
      async () => Promise.all(messages.slice(0, 8).map(view)),
      (views) => views.every(({ state }) => ENDED.includes(state)),
    );
    await eventually(
      () => service.platform.contract.card(card.address, "finalized"),
      ({ flagged }) => flagged,
    );
    await send(terminal, messages.slice(8));
    const views = await Promise.all(messages.map(ended));
    const states = views.map(({ state }) => state as string);
    expect(states.filter((state) => state === "final")).toHaveLength(1);
    expect(states.filter((state) => state === "disputed")).toHaveLength(11);
    expect(views.find(({ state }) => state === "disputed")?.code).toBe("COUNTER_TWICE");
    expect(await service.platform.contract.tokenBalance(terminal.payee, "latest")).toBe(0n);
  });

  it("bears one message of a counter at each of two terminals, within perCardSum", async () => {
    const [one, two, small] = [
      await certifiedTerminal(harness, service),
      await certifiedTerminal(harness, service, { perCardSum: "3.00" }),
      await certifiedTerminal(harness, service, { perCardSum: "2.99" }),
    ];
    const card = await fundedCard(harness, service, "20.00");
    const [clone, other] = [card.clone(), card.clone()];
    const first = await pay(card, one, 3_000_000n);
    await send(one, [first]);
    expect(await ended(first)).toMatchObject({ state: "final" });
    const [second, third] = [await pay(clone, two, 3_000_000n), await pay(other, small, 3_000_000n)];
    await send(two, [second]);
    await send(small, [third]);
    expect(await ended(second)).toMatchObject({ state: "compensated" });
    expect(await ended(third)).toMatchObject({ state: "disputed", code: "CARD_SUM" });
  });

  it("withholds what exceeds its published limits", async () => {
    const limited = await harness.start(await harness.createDatabase(), {
      guarantee: { bears: true, perCard: "1.00", perPayeePerDay: "1000.00", keyFile: harness.guaranteeKeyFile },
    });
    try {
      const [one, two] = [await certifiedTerminal(harness, limited), await certifiedTerminal(harness, limited)];
      const card = await fundedCard(harness, limited, "20.00");
      const clone = card.clone();
      const [first, second] = [await pay(card, one, 3_000_000n), await pay(clone, two, 3_000_000n)];
      for (const [terminal, vouchers] of [
        [one, [first]],
        [two, [second]],
      ] as const) {
        await limited.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
      }
      const shown = await eventually(
        () => limited.call("GET", `/v1/vouchers/${idOf(second)}`),
        ({ body }) => ENDED.includes(body.state),
      );
      expect(shown.body).toMatchObject({ state: "withheld", code: "PER_CARD" });
      const { body } = await limited.call("GET", "/v1/domain");
      expect(body.guarantee).toEqual({
        ...{ bears: true, perCard: "1.00", perPayeePerDay: "1000.00" },
        account: harness.guarantee,
      });
    } finally {
      await limited.stop();
    }
  });
});
