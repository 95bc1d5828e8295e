import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Reader } from "@tallystick/apdu";
import { encodeAllowanceBody, parseAddress, toHex, type AllowanceBody } from "@tallystick/protocol";
import { configOf, settlementOf, START_MS, StepsHarness } from "../../test/harness/steps-harness.ts";
import { Failure } from "../failures.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { OrderedCard } from "./check-order.ts";
import { issueOrder, type IssueOptions } from "./issue-order.ts";
import type { OrderEvent } from "./order-events.ts";

let harness: StepsHarness;
beforeEach(() => {
  const nothing = { maxSpent: 0n, softSpent: 0n, perTap: 50_000_000n, pinAbove: 50_000_000n, noPinSum: 100_000_000n };
  const body: AllowanceBody = {
    ...{ ...nothing, issuerKeyId: 1, seq: 1, maxCounter: 9, noPinCount: 100, notBefore: 0, notAfter: 1, cardIndex: 0 },
    ...{ categories: (1n << 64n) - 1n, flags: 3 },
  };
  const allowance = { body: toHex(encodeAllowanceBody(body)), signature: "0x" };
  harness = new StepsHarness({ fund: { funding: "f", attempt: 1 }, allowance, "final-tap": {}, upload: {} });
});
afterEach(() => {
  harness.remove();
});

const ordered = (reference: string, elsewhere: string | null = null): OrderedCard => ({
  ...{ reference, label: null, owner: parseAddress(`0x${"0a".repeat(20)}`), fund: 20_000_000n, hasPin: false, line: 2 },
  ...{ caps: configOf().caps, elsewhere },
});

/** Runs an order at a reader that no card is ever put on. */
async function issue(
  cards: readonly OrderedCard[],
  answers: Partial<SettlementClient>,
  { shared = false, signal = new AbortController().signal }: { shared?: boolean; signal?: AbortSignal } = {},
) {
  const events: OrderEvent[] = [];
  const money = () => Promise.resolve({ chain: { wallets: "0" }, block: "12", finalizedBlock: "9" } as never);
  const station = {
    ...{ journal: harness.journal, environment: harness.environment, letters: null, visits: "one", signal },
    settlement: settlementOf({ money, ...answers }),
    config: configOf({ station: "one", stock: { secured: false } as never }),
  } as unknown as IssueOptions["station"];
  const reader = { name: "reader", status: () => Promise.resolve({ card: "absent" }) } as unknown as Reader;
  const outcome = await issueOrder({
    cards,
    readers: [reader],
    station,
    shared,
    report: (event) => events.push(event),
  });
  return { outcome, events: events.map(({ event }) => event) };
}

const claimed = { claimReference: () => Promise.resolve({ refused: "REFERENCE_CLAIMED", detail: "Station two." }) };
const final = { card: () => Promise.resolve({ state: "open", balanceFinal: "20.00" } as never) };

describe("an order", () => {
  it("asks for no card that another station makes or has made, where the order is shared", async () => {
    const { outcome, events } = await issue([ordered("a", `0x${"11".repeat(20)}`), ordered("b")], claimed, {
      shared: true,
    });
    expect(events).toEqual(["elsewhere", "elsewhere"]);
    expect(outcome).toEqual({ done: 0, setAside: [], elsewhere: ["a", "b"], awaited: [], left: 0 });
  });

  it("sets such a card aside where it is not", async () => {
    const { outcome, events } = await issue([ordered("b")], claimed);
    expect([events, outcome.setAside.map(({ failure }) => failure.code)]).toEqual([
      ["set-aside"],
      ["REFERENCE_CLAIMED"],
    ]);
    expect(outcome.elsewhere).toEqual([]);
  });

  it("asks no more for a card that is made, and finishes it when its deposit is final", async () => {
    const { outcome, events } = await issue([ordered("r")], final);
    expect([events, outcome.done, harness.journal.run("r")?.done]).toEqual([["done"], 1, true]);
    expect((await issue([ordered("r")], {})).events).toEqual(["known"]);
  });

  it("leaves a made card as it is where its deposit is refused, and tries another in the next run", async () => {
    const keys: string[] = [];
    const refused = {
      card: () => Promise.resolve({ state: "open", balanceFinal: "0.00" } as never),
      funding: () => Promise.resolve({ id: "f", state: "failed", reason: "ERC20InsufficientBalance" } as never),
      fund: (_card: string, { key }: { key: string }) => {
        keys.push(key);
        return Promise.resolve({ id: "g", state: "failed", reason: "ERC20InsufficientBalance" } as never);
      },
    };
    for (const tries of [1, 2]) {
      const { outcome, events } = await issue([ordered("r")], refused);
      expect([events, keys.length, outcome.setAside[0]?.failure.code]).toEqual([
        ["set-aside"],
        tries,
        "FUNDING_REFUSED",
      ]);
      expect(outcome.setAside[0]?.failure.message).toContain("ERC20InsufficientBalance");
    }
    expect((await issue([ordered("r")], final)).outcome).toMatchObject({ done: 1, setAside: [] });
  });

  it("says what it waits for, and names the cards that wait when it is stopped", async () => {
    const stop = new AbortController();
    const looks = {
      card: () => {
        if (harness.nowMs > START_MS + 2_000) stop.abort();
        return Promise.resolve({ state: "opening" } as never);
      },
      funding: () => Promise.resolve({ id: "f", state: "sent", reason: null } as never),
    };
    // As the real one: a wait ends with the run.
    const { environment } = harness;
    const waits = environment.pause;
    environment.pause = async (ms) => {
      if (stop.signal.aborted) throw new Failure("INTERRUPTED");
      return await waits(ms);
    };
    const { outcome, events } = await issue([ordered("r")], looks, { signal: stop.signal });
    expect([events, outcome.awaited, outcome.done]).toEqual([["await"], ["r"], 0]);
  });
});
