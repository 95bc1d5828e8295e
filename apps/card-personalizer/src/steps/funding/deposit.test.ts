import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { card, cardKey, configOf, settlementOf, StepsHarness } from "../../../test/harness/steps-harness.ts";
import { Failure } from "../../failures.ts";
import type { FundingAnswer, SettlementClient } from "../../settlement/settlement-client.ts";
import { depositKey } from "../funding-options.ts";
import { awaitFinality } from "./final.ts";
import { requestDeposit } from "./fund.ts";
import { registerCard } from "./register.ts";

const owner = new Uint8Array(20).fill(0x0a);
let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness({ opening: { openingSignature: "0x5151" } });
});
afterEach(() => {
  harness.remove();
});

const optionsOf = (answers: Partial<SettlementClient>) => ({
  ...{ settlement: settlementOf(answers), config: configOf(), owner, fund: 20_000_000n, reference: "r" },
  environment: harness.environment,
});
const funding = (id: string, state: string) => ({ id, state }) as unknown as FundingAnswer;

describe("registering a card", () => {
  it("names its key, owner, opening and reference, and keeps the card's index", async () => {
    const asked: unknown[] = [];
    const registerIt = (registration: unknown) => {
      asked.push(registration);
      return Promise.resolve({ card, cardIndex: 7 } as never);
    };
    await registerCard(harness.runner(), optionsOf({ registerCard: registerIt }));
    const openingSignature = "0x5151";
    expect(asked).toEqual([{ cardKey, owner: `0x${"0a".repeat(20)}`, openingSignature, reference: "r" }]);
    expect(harness.step("register")).toEqual({ state: "done", data: { cardIndex: 7 } });
  });

  it("is refused where another card was registered", async () => {
    const registerIt = () => Promise.resolve({ card: `0x${"11".repeat(20)}`, cardIndex: 7 } as never);
    await expect(registerCard(harness.runner(), optionsOf({ registerCard: registerIt }))).rejects.toMatchObject({
      code: "SETTLEMENT_ANSWER",
    });
    expect(harness.step("register")?.state).toBe("begun");
  });
});

describe("a card's first deposit", () => {
  /** A settlement where the first `failing` keys have failed. */
  const failingFirst = (failing: number, keys: string[] = []) => ({
    keys,
    fund: (of: string, { amount, key }: { amount: string; key: string }) => {
      expect([of, amount]).toEqual([card, "20.00"]);
      keys.push(key);
      return Promise.resolve(funding(`id of ${key}`, keys.length <= failing ? "failed" : "pending"));
    },
  });

  it("is asked for once, with the key of its attempt", async () => {
    const settlement = failingFirst(0);
    await requestDeposit(harness.runner(), optionsOf(settlement));
    expect(settlement.keys).toEqual([depositKey(1)]);
    expect(harness.step("fund")).toEqual({ state: "done", data: { funding: `id of ${depositKey(1)}`, attempt: 1 } });
  });

  it("is asked for once in a run, also where it failed at once", async () => {
    const settlement = failingFirst(1);
    await requestDeposit(harness.runner(), optionsOf(settlement));
    expect(settlement.keys).toEqual([depositKey(1)]);
    expect(harness.step("fund")?.data).toMatchObject({ attempt: 1 });
  });
});

/** The code of a failure, and whether it says this. */
const saidBy = async (work: Promise<void>, words: string): Promise<unknown> =>
  await work.then(
    () => null,
    (error: unknown) => error instanceof Failure && [error.code, error.message.includes(words)],
  );

describe("waiting for the deposit", () => {
  const asked = (attempt: number) => {
    harness.finish("fund", { funding: "first", attempt });
  };
  /** Answers of settlement in turn, the last one again and again. */
  const inTurn = <T>(...answers: readonly T[]) => {
    let next = 0;
    return () => {
      const answer = answers[Math.min(next, answers.length - 1)];
      next += 1;
      return Promise.resolve(answer as never);
    };
  };

  it("ends when it is final and the card is open", async () => {
    asked(1);
    const ids: string[] = [];
    const answer = inTurn(funding("first", "pending"), funding("first", "final"));
    const options = optionsOf({
      funding: (id) => {
        ids.push(id);
        return answer();
      },
      card: inTurn({ state: "registered" }, { state: "registered" }, { state: "open" }),
    });
    await awaitFinality(harness.runner(), options);
    expect(ids).toEqual(["first", "first"]);
    expect(harness.pauses).toHaveLength(1);
    expect(harness.step("final")).toEqual({ state: "done", data: {} });
  });

  it.each([
    ["the deposit", inTurn(funding("first", "pending")), inTurn({ state: "open" })],
    ["the card", inTurn(funding("first", "final")), inTurn({ state: "registered" })],
  ])("is given up in time where %s does not come", async (_what, fundingOf, cardOf) => {
    asked(1);
    const options = optionsOf({ funding: fundingOf, card: cardOf });
    await expect(awaitFinality(harness.runner(), options)).rejects.toMatchObject({ code: "NOT_FINAL" });
    expect(harness.step("final")?.state).toBe("begun");
  });

  it("asks for another deposit where it failed, remembers that one, and waits for it", async () => {
    asked(1);
    const keys: string[] = [];
    const options = optionsOf({
      funding: (id) => Promise.resolve(id === "first" ? funding(id, "failed") : funding(id, "final")),
      fund: (of, { amount, key }) => {
        keys.push(`${of} ${amount} ${key}`);
        return Promise.resolve(funding("second", "pending"));
      },
      card: inTurn({ state: "open" }),
    });
    await awaitFinality(harness.runner(), options);
    expect(keys).toEqual([`${card} 20.00 ${depositKey(2)}`]);
    expect(harness.step("fund")?.data).toEqual({ funding: "second", attempt: 2 });
  });

  it("is refused with settlement's reason where the next one fails too, and asks for one a run", async () => {
    asked(1);
    const keys: string[] = [];
    const failed = (id: string) => ({ ...funding(id, "failed"), reason: "ERC20InsufficientBalance" });
    const options = optionsOf({
      ...{ card: inTurn({ state: "open" }), funding: (id: string) => Promise.resolve(failed(id)) },
      fund: (_of, { key }) => {
        keys.push(key);
        return Promise.resolve(failed(key));
      },
    });
    for (const attempt of [2, 3]) {
      expect(await saidBy(awaitFinality(harness.runner(), options), "ERC20InsufficientBalance")).toEqual([
        "FUNDING_REFUSED",
        true,
      ]);
      expect(keys.at(-1)).toBe(depositKey(attempt));
      expect(harness.step("fund")?.data).toEqual({ funding: depositKey(attempt), attempt });
    }
    expect(keys).toHaveLength(2);
  });

  it("asks for no second deposit in the run that asked for the first, nor for one that fails while it waits", async () => {
    const runner = harness.runner();
    const first = { fund: inTurn(funding("first", "planned")), card: inTurn({ state: "open" }) };
    await requestDeposit(runner, optionsOf(first));
    const never = { card: first.card, funding: inTurn(funding("first", "failed")) };
    await expect(awaitFinality(runner, optionsOf(never))).rejects.toMatchObject({ code: "FUNDING_REFUSED" });
    const later = { card: first.card, funding: inTurn(funding("first", "planned"), funding("first", "failed")) };
    await expect(awaitFinality(harness.runner(), optionsOf(later))).rejects.toMatchObject({ code: "FUNDING_REFUSED" });
  });

  it("counts a final deposit of whatever key, paid out or not, and none that is too small", async () => {
    asked(9);
    const failed = inTurn(funding("first", "failed"));
    const holding = (balanceFinal: string, paidFinal: string, state = "open") =>
      optionsOf({
        ...{ funding: failed, fund: inTurn(funding("x", "failed")) },
        card: inTurn({ state, balanceFinal, paidFinal }),
      });
    for (const options of [holding("19.99", "0.00"), holding("20.00", "0.00", "opening")])
      await expect(awaitFinality(harness.runner(), options)).rejects.toMatchObject({ code: "FUNDING_REFUSED" });
    await awaitFinality(harness.runner(), holding("17.50", "2.50"));
    expect(harness.step("final")?.state).toBe("done");
  });

  it("says what the deposit waits for where it does not come in time", async () => {
    asked(1);
    const waiting = { ...funding("first", "planned"), reason: "the treasury holds 1.00" };
    const options = optionsOf({ funding: inTurn(waiting), card: inTurn({ state: "open" }) });
    expect(await saidBy(awaitFinality(harness.runner(), options), "the treasury holds 1.00")).toEqual([
      "NOT_FINAL",
      true,
    ]);
  });
});
