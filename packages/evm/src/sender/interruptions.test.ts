import { describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { DEFAULT_REPLACE_AFTER_MS } from "../limits.ts";
import { MemorySenderStore } from "../testing/memory-sender-store.ts";
import { ScriptedNode, scriptedSigner } from "../testing/scripted-node.ts";
import { TransactionSender } from "./transaction-sender.ts";

class Killed extends Error {}

/**
 * Counts the calls of node and store, and ends the process at one of them: before it has an effect,
 * or after.
 */
class Killer {
  calls = 0;
  private readonly at: number;
  private readonly when: "before" | "after";

  constructor(at: number, when: "before" | "after") {
    this.at = at;
    this.when = when;
  }

  watch<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...values: unknown[]): Promise<unknown> => {
          this.calls += 1;
          const dies = this.calls === this.at;
          if (dies && this.when === "before") throw new Killed();
          const answer: unknown = await (method as (...each: unknown[]) => unknown).apply(target, values);
          if (dies) throw new Killed();
          return answer;
        };
      },
    });
  }
}

const ROUNDS = 24;

/**
 * Four actions through all that can happen to them: a fee that must be raised, a reorganisation, a
 * nonce that another transaction takes. The process is killed once on the way and goes on as a new
 * one.
 */
async function course(killer: Killer): Promise<{ node: ScriptedNode; store: MemorySenderStore; sent: string[] }> {
  const node = new ScriptedNode({ nonce: 7n });
  const store = new MemorySenderStore();
  const plan = (id: string, after: readonly string[] = []): void => {
    store.plan(id, { to: new Uint8Array(20).fill(3), data: Uint8Array.of(store.all().length) }, after);
  };
  plan("first");
  plan("second");
  plan("third", ["first"]);
  let now = 1_800_000_000_000;
  const sender = new TransactionSender({
    ...{ rpc: killer.watch(node), signer: scriptedSigner, store: killer.watch(store), clock: { now: () => now } },
    policy: { chainId: 31_337n, replaceAfterMs: DEFAULT_REPLACE_AFTER_MS, maxFee: 100_000n },
  });
  const inTheBlocks: Readonly<Record<number, () => void>> = {
    2: () => (node.market = { baseFee: 900n, tip: 10n }),
    3: () => (now += DEFAULT_REPLACE_AFTER_MS),
    5: () => node.reorganize(),
    6: () => node.reorganize(true),
    8: () => plan("fourth"),
    9: () => node.useNonce(),
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { id } of store.all()) {
      try {
        await sender.advance(id);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    inTheBlocks[round]?.();
    now += 13_000;
    if (round > 3) node.mine();
    if (round > 11) node.finalize();
  }
  return { node, store, sent: node.sent };
}

describe("a process that is killed at any moment", () => {
  it("brings each action to its end, with one effect and with no bytes that were not stored", async () => {
    const whole = new Killer(0, "before");
    const undisturbed = await course(whole);
    // The raised fees of two and the other nonce of the last one: the whole course was gone.
    expect(undisturbed.store.all().map(({ nonce, transactions }) => [nonce, transactions.length])).toEqual([
      ...[
        [7n, 2],
        [8n, 2],
        [9n, 1],
        [11n, 1],
      ],
    ]);
    expect(undisturbed.store.everKept).toHaveLength(7);
    for (const when of ["before", "after"] as const) {
      for (let at = 1; at <= whole.calls; at += 1) {
        const { node, store, sent } = await course(new Killer(at, when));
        const actions = store.all();
        expect([when, at, actions.map(({ state }) => state)]).toEqual([when, at, ["final", "final", "final", "final"]]);
        expect(node.mined.map(({ data }) => toHex(data)).sort()).toEqual(["0x00", "0x01", "0x02", "0x03"]);
        const everStored = new Set(store.everKept);
        expect(sent.filter((hash) => !everStored.has(hash))).toEqual([]);
      }
    }
  });
});
