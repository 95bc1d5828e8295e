import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { configOf, settlementOf, START_MS, StepsHarness } from "../../test/harness/steps-harness.ts";
import { Failure } from "../failures.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import { DepositWatch } from "./deposit-watch.ts";

let harness: StepsHarness;
let told: string[];
let waits: { readonly what: string; readonly block: string | null; readonly sinceMs: number }[];
beforeEach(() => {
  harness = new StepsHarness({ fund: { funding: "first", attempt: 1 } });
  [told, waits] = [[], []];
});
afterEach(() => {
  harness.remove();
});

const ordered = { reference: "r", owner: new Uint8Array(20).fill(0x0a), fund: 20_000_000n };

function watchOf(answers: Partial<SettlementClient>): DepositWatch {
  const money = () => Promise.resolve({ chain: { wallets: "0" }, block: "12", finalizedBlock: "9" } as never);
  const settlement = settlementOf({ money, ...answers });
  return new DepositWatch(
    {
      ...{ settlement, config: configOf(), environment: harness.environment },
      awaited: (wait) => void waits.push(wait),
    },
    {
      isFinal: (reference) => void told.push(`${reference} final`),
      isRefused: (reference, { code }) => void told.push(`${reference} ${code}`),
    },
  );
}

const openAfter = (looks: number) => {
  let left = looks;
  return () => Promise.resolve({ state: left-- > 0 ? "opening" : "open", balanceFinal: "20.00" } as never);
};
const funding = (state: string) => () => Promise.resolve({ id: "first", state, reason: null } as never);

describe("waiting for the deposits of an order", () => {
  it("says at once what it waits for, and ends when it is final", async () => {
    const watch = watchOf({ card: openAfter(3), funding: funding("mined") });
    watch.add(harness.runner(), ordered);
    await watch.run(() => true);
    expect([told, watch.references, harness.step("final")?.state]).toEqual([["r final"], [], "done"]);
    expect(waits).toEqual([
      { what: "the deposit's block to become final", block: "12", finalBlock: "9", sinceMs: START_MS },
    ]);
  });

  it("goes on while cards may come, and looks at what comes", async () => {
    const watch = watchOf({ card: openAfter(0), funding: funding("final") });
    let rounds = 0;
    await watch.run(() => {
      rounds++;
      if (rounds === 3) watch.add(harness.runner(), ordered);
      return rounds > 4;
    });
    expect(told).toEqual(["r final"]);
  });

  it("sets a card aside whose deposit is refused, and gives all up in time where none becomes final", async () => {
    const failing = watchOf({ card: openAfter(9), funding: funding("failed"), fund: funding("failed") });
    failing.add(harness.runner(), ordered);
    await failing.run(() => true);
    const slow = watchOf({ card: openAfter(99), funding: funding("sent") });
    slow.add(harness.runner(), ordered);
    await slow.run(() => true);
    expect(told).toEqual(["r FUNDING_REFUSED", "r NOT_FINAL"]);
    expect(harness.nowMs - START_MS).toBe(10_000);
    // Who waits for the next change hears that there is none.
    await slow.change();
    expect(slow.isEnded).toBe(true);
  });

  it("leaves the cards as they are where the run is stopped, and names them where settlement is away", async () => {
    const stopped = watchOf({ card: () => Promise.reject(new Failure("INTERRUPTED")) });
    stopped.add(harness.runner(), ordered);
    await stopped.run(() => true);
    expect([told, stopped.references]).toEqual([[], ["r"]]);
    const away = watchOf({ card: () => Promise.reject(new Failure("SETTLEMENT_UNREACHABLE")) });
    away.add(harness.runner(), ordered);
    await away.run(() => false);
    expect([told, harness.step("final")]).toEqual([["r SETTLEMENT_UNREACHABLE"], null]);
  });
});
