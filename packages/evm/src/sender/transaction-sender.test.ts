import { beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { DEFAULT_REPLACE_AFTER_SECONDS, MAX_REPLACEMENTS, MAX_STEPS, MAX_TRANSACTION_GAS } from "../limits.ts";
import { firstFees, gasToBuy } from "../fees.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { draft, JournalStore } from "../testing/journal-store.ts";
import { type MemoryAction, MemorySenderStore } from "../testing/memory-sender-store.ts";
import { ScriptedNode, scriptedSigner } from "../testing/scripted-node.ts";
import type { SenderStore } from "./sender-store.ts";
import type { StepOutcome } from "./step-outcome.ts";
import { type SenderPolicy, TransactionSender } from "./transaction-sender.ts";

const START = 1_800_000_000_000;
const WAIT = DEFAULT_REPLACE_AFTER_SECONDS * 1_000;
const usual = { chainId: 31_337n, replaceAfterMs: WAIT, maxFee: 10_000n, resendMs: 0 };
const call = { to: new Uint8Array(20).fill(3), data: Uint8Array.of(1, 2, 3, 4) };

let node: ScriptedNode;
let store: MemorySenderStore;
let now: number;
let ids: number;

beforeEach(() => {
  node = new ScriptedNode({ nonce: 7n });
  store = new MemorySenderStore();
  now = START;
  ids = 0;
});

/** A new process: a sender that knows nothing but the store. */
function sender(policy: Partial<SenderPolicy> = {}, over: SenderStore<MemoryAction> = store) {
  const clock = { now: () => now };
  return new TransactionSender({
    rpc: node,
    signer: scriptedSigner,
    store: over,
    policy: { ...usual, ...policy },
    clock,
  });
}

function plan(after: readonly string[] = []): MemoryAction {
  ids += 1;
  return store.plan(`action ${ids}`, { ...call, data: Uint8Array.of(ids, 2, 3, 4) }, after);
}

/** An action that waits for its block. */
async function begin(): Promise<string> {
  const outcome = await sender().begin(plan());
  expect(outcome).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
  return `action ${ids}`;
}

async function load(id: string): Promise<MemoryAction> {
  const action = await store.load(id);
  if (action === null) throw new Error("the action is gone");
  return action;
}

async function check(id: string, policy: Partial<SenderPolicy> = {}): Promise<StepOutcome<MemoryAction>> {
  return await sender(policy).check(await load(id));
}

async function hashes(id: string): Promise<readonly string[]> {
  return (await load(id)).transactions.map(({ hash }) => toHex(hash));
}

/** The node's method fails once, as where a process is killed at that very call. */
function killAt(method: "sendRaw", after = false): void {
  const real = node[method].bind(node);
  node[method] = async (raw) => {
    node[method] = real;
    if (after) await real(raw);
    throw new Killed();
  };
}

class Killed extends Error {}

describe("an action that is mined at once", () => {
  it("goes from planned to final, one state after the other", async () => {
    const { id } = plan();
    const seen: string[] = [];
    for (const mines of [false, false, false, true, false]) {
      seen.push((await load(id)).state);
      if (mines) node.mine();
      await sender().step(await load(id));
    }
    expect(seen).toEqual(["planned", "reserved", "signed", "broadcast", "mined"]);
    expect((await load(id)).state).toBe("mined");
    node.finalize();
    expect(await sender().advance(id)).toMatchObject({ kind: "mined", final: true, action: { state: "final" } });
    expect(await sender().advance(id)).toMatchObject({ kind: "ended" });
    expect(await sender().advance("nothing")).toBeNull();
    expect(node.mined).toHaveLength(1);
  });

  it("is found, and is final when its block is", async () => {
    const id = await begin();
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", receipt: { succeeded: true }, final: false });
    node.finalize();
    expect(await check(id)).toMatchObject({ kind: "mined", final: true });
    expect(new Set(node.sent)).toEqual(new Set(await hashes(id)));
  });

  it("has failed when its final block undid it", async () => {
    const id = await begin();
    node.undone.add((await hashes(id))[0] ?? "");
    node.mine();
    node.finalize();
    expect(await sender().advance(id)).toMatchObject({ kind: "mined", final: true, receipt: { succeeded: false } });
    expect((await load(id)).state).toBe("failed");
  });

  it.each(["planned", "reserved", "signed", "broadcast", "mined"])(
    "goes on from %s after a restart, with one effect",
    async (state) => {
      const { id } = plan();
      for (let step = 0; (await load(id)).state !== state; step += 1) {
        if ((await load(id)).state === "broadcast") node.mine();
        await sender().step(await load(id));
        expect(step).toBeLessThan(8);
      }
      const [stored] = await hashes(id);
      await sender().advance(id);
      if (state !== "mined") node.mine();
      node.finalize();
      await sender().advance(id);
      expect((await load(id)).state).toBe("final");
      expect(node.mined).toHaveLength(1);
      expect(await hashes(id)).toEqual([stored ?? node.mined[0]?.hash]);
    },
  );
});

describe("an action that cannot begin", () => {
  it("is refused where its simulation reverts, and uses no nonce", async () => {
    node.simulation = new RpcError("REVERTED", "execution reverted", "0x12345678", "NotPayee");
    const { id } = plan();
    expect(await sender().begin(await load(id))).toMatchObject({
      ...{ kind: "refused", code: "SIMULATION", reason: "NotPayee" },
    });
    expect(await load(id)).toMatchObject({ state: "refused", nonce: null, transactions: [] });
    expect(node.sent).toEqual([]);
    node.simulation = 60_000n;
    expect((await load(await begin())).nonce).toBe(7n);
  });

  it("is refused where it needs more gas than a transaction may use", async () => {
    node.simulation = MAX_TRANSACTION_GAS;
    expect(await sender().begin(plan())).toMatchObject({ kind: "refused", code: "GAS_LIMIT" });
  });

  it("waits where the chain asks too much, the account cannot pay, or the node is away", async () => {
    const { id } = plan();
    node.market = { baseFee: 9_991n, tip: 10n };
    expect(await sender().begin(await load(id))).toMatchObject({ kind: "waiting", code: "FEES_TOO_HIGH" });
    node.market = { baseFee: 100n, tip: 10n };
    node.wei = 1_000n;
    expect(await sender().begin(await load(id))).toMatchObject({ kind: "waiting", code: "NO_GAS" });
    node.wei = 10n ** 18n;
    node.simulation = new RpcError("INSUFFICIENT_FUNDS", "insufficient funds");
    expect(await sender().begin(await load(id))).toMatchObject({ kind: "waiting", code: "NO_GAS" });
    node.away = true;
    await expect(sender().begin(await load(id))).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(await load(id)).toMatchObject({ state: "planned", nonce: null });
    expect(node.sent).toEqual([]);
  });

  it("sends coin along, where the account has it beside what the gas costs", async () => {
    ids += 1;
    const action = store.plan(`action ${ids}`, { ...call, value: 5n });
    // The simulation of 60,000 gas, and what is bought above it, at the first offer.
    const cost = gasToBuy(60_000n) ?? 0n;
    const offered = firstFees(node.market, { maxFee: 10_000n })?.maxFee ?? 0n;
    node.simulation = 60_000n;
    node.wei = cost * offered + 4n;
    expect(await sender().begin(action)).toMatchObject({ kind: "waiting", code: "NO_GAS" });
    node.wei += 1n;
    await sender().begin(await load(action.id));
    const [sent] = (await load(action.id)).transactions;
    expect(scriptedSigner.read(sent?.raw ?? new Uint8Array(0)).value).toBe(5n);
  });

  it("waits for the tokens that it moves, as often as it is asked, and goes on when they are there", async () => {
    const { id } = plan();
    store.withoutTokens.add(id);
    node.simulation = new RpcError("REVERTED", "transfer amount exceeds balance");
    for (let asked = 0; asked < 3; asked += 1)
      expect(await sender().advance(id)).toMatchObject({ kind: "waiting", code: "NO_TOKENS" });
    expect(await load(id)).toMatchObject({ state: "planned", nonce: null, transactions: [] });
    node.simulation = 60_000n;
    store.withoutTokens.delete(id);
    expect(await sender().advance(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    expect(await load(id)).toMatchObject({ state: "broadcast", nonce: 7n });
  });

  it("waits for what it comes after", async () => {
    const first = plan();
    const second = plan([first.id]);
    expect(await sender().advance(second.id)).toMatchObject({ code: "WAITING_FOR_ACTIONS" });
    await sender().advance(first.id);
    expect(await sender().advance(second.id)).toMatchObject({ code: "WAITING_FOR_ACTIONS" });
    node.mine();
    await sender().advance(first.id);
    expect(await sender().advance(second.id)).toMatchObject({ code: "WAITING_FOR_CHAIN" });
  });
});

describe("several senders at once", () => {
  it("give each action a nonce and a transaction of its own", async () => {
    const actions = [plan(), plan(), plan()];
    const all = async (): Promise<void> => {
      for (const { id } of actions) await sender().advance(id);
    };
    await Promise.all([all(), all(), all()]);
    await all();
    const nonces = await Promise.all(actions.map(async ({ id }) => (await load(id)).nonce));
    expect(new Set(nonces).size).toBe(3);
    for (const { id } of actions) expect(await hashes(id)).toHaveLength(1);
    node.mine();
    node.finalize();
    await all();
    for (const { id } of actions) expect((await load(id)).state).toBe("final");
    expect(node.mined).toHaveLength(3);
  });
});

describe("an action that is stuck at too low a fee", () => {
  it("is replaced under its nonce once it has waited, and whichever is mined counts", async () => {
    const id = await begin();
    node.market = { baseFee: 2_000n, tip: 10n };
    now += WAIT - 1;
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    expect(await hashes(id)).toHaveLength(1);
    now += 1;
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    const [first, replacement] = (await load(id)).transactions;
    expect(node.pool.size).toBe(1);
    expect((replacement?.maxFee ?? 0n) * 8n).toBeGreaterThan((first?.maxFee ?? 0n) * 9n);
    expect((replacement?.priorityFee ?? 0n) * 8n).toBeGreaterThan((first?.priorityFee ?? 0n) * 9n);
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", receipt: { transactionHash: replacement?.hash } });
    expect(node.mined).toHaveLength(1);
  });

  it("counts the first one where the replacement came too late", async () => {
    const id = await begin();
    now += WAIT;
    // The block is made between the check and the sending of the replacement.
    const send = node.sendRaw.bind(node);
    node.sendRaw = async (raw) => {
      node.mine();
      await send(raw);
    };
    await check(id);
    const [first] = (await load(id)).transactions;
    expect(await hashes(id)).toHaveLength(2);
    expect(await check(id)).toMatchObject({ kind: "mined", receipt: { transactionHash: first?.hash } });
    expect(node.mined).toHaveLength(1);
  });

  it("is raised step by step and never above the policy or the number of replacements", async () => {
    const id = await begin();
    node.market = { baseFee: 1n, tip: 1n };
    const policy = { maxFee: 10n ** 18n };
    const offers: bigint[] = [];
    for (let round = 0; round < MAX_REPLACEMENTS + 3; round += 1) {
      now += WAIT;
      node.pool.clear();
      await check(id, policy);
      offers.push((await load(id)).transactions.at(-1)?.maxFee ?? 0n);
    }
    expect(await hashes(id)).toHaveLength(MAX_REPLACEMENTS + 1);
    expect(await check(id, policy)).toMatchObject({ code: "FEES_TOO_HIGH" });
    expect(new Set(await hashes(id)).size).toBe(MAX_REPLACEMENTS + 1);
    // As the README says it: the first bytes and twenty dearer ones, each of which was sent.
    expect(MAX_REPLACEMENTS).toBe(20);
    expect(new Set(node.sent).size).toBe(21);
    expect(new Set(offers).size).toBe(20);
    expect(offers.every((offer, index) => index === 0 || offer >= (offers[index - 1] ?? 0n))).toBe(true);
  });

  it("waits where the policy ends, sends the same bytes again, and says so", async () => {
    const id = await begin();
    const [hash] = await hashes(id);
    node.market = { baseFee: 50_000n, tip: 10n };
    now += WAIT;
    expect(await check(id, { maxFee: 230n })).toMatchObject({ code: "FEES_TOO_HIGH" });
    expect(await hashes(id)).toEqual([hash]);
    expect(node.sent).toEqual([hash, hash]);
  });

  it("is not made dearer while an earlier nonce of the account is open", async () => {
    const first = await begin();
    const second = await begin();
    now += WAIT;
    expect(await check(second)).toMatchObject({ code: "WAITING_FOR_EARLIER" });
    await check(first);
    node.mine();
    now += WAIT;
    expect(await check(second)).toMatchObject({ kind: "mined" });
    expect(await hashes(second)).toHaveLength(1);
  });

  it("is replaced once where two senders find it stuck at the same time", async () => {
    const id = await begin();
    now += WAIT;
    const action = await load(id);
    const outcomes = await Promise.all([sender().step(action), sender().step(action)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["overtaken", "waiting"]);
    expect(await hashes(id)).toHaveLength(2);
  });
});

describe("sending", () => {
  it("is repeated with the same bytes, as often as the policy says", async () => {
    const id = await begin();
    now += 500;
    await check(id, { resendMs: 501 });
    expect(node.sent).toHaveLength(1);
    now += 1;
    node.pool.clear();
    await check(id, { resendMs: 501 });
    expect(new Set(node.sent)).toEqual(new Set(await hashes(id)));
    expect(node.sent).toHaveLength(2);
    expect(node.pool.size).toBe(1);
  });

  it.each<[RpcError["code"], string]>([
    ["ALREADY_KNOWN", "WAITING_FOR_CHAIN"],
    ["NONCE_TOO_LOW", "WAITING_FOR_CHAIN"],
    ["REPLACEMENT_UNDERPRICED", "WAITING_FOR_CHAIN"],
    ["INSUFFICIENT_FUNDS", "NO_GAS"],
    ["UNDERPRICED", "NODE_REFUSED"],
    ["REFUSED", "NODE_REFUSED"],
  ])("that the node answers with %s leads to %s", async (code, wait) => {
    const id = await begin();
    node.sendFault = new RpcError(code, "txpool is full");
    const detail = wait === "WAITING_FOR_CHAIN" ? null : "txpool is full";
    expect(await check(id)).toMatchObject({ kind: "waiting", code: wait, detail });
    expect((await load(id)).state).toBe("broadcast");
  });

  it("is tried again where the node did not take the first bytes", async () => {
    const { id } = plan();
    node.sendFault = new RpcError("REFUSED", "txpool is full");
    expect(await sender().advance(id)).toMatchObject({ code: "NODE_REFUSED" });
    expect((await load(id)).state).toBe("signed");
    node.sendFault = null;
    expect(await sender().advance(id)).toMatchObject({ code: "WAITING_FOR_CHAIN" });
    expect(new Set(node.sent)).toEqual(new Set(await hashes(id)));
  });
});

describe("an action whose nonce another transaction has used", () => {
  it("is lost only when that was seen twice, in a final block, and none of its transactions was mined", async () => {
    const id = await begin();
    now += WAIT;
    await check(id);
    node.useNonce();
    expect(await check(id)).toMatchObject({ kind: "waiting" });
    node.finalize();
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "NONCE_USED" });
    expect(await check(id)).toMatchObject({ kind: "lost" });
  });

  it("takes another nonce, and has one effect", async () => {
    const id = await begin();
    node.useNonce();
    node.finalize();
    expect(await sender().advance(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    expect(await load(id)).toMatchObject({ state: "broadcast", nonce: 8n });
    node.mine();
    node.finalize();
    await sender().advance(id);
    expect((await load(id)).state).toBe("final");
    expect(node.mined).toHaveLength(1);
  });

  it("is not lost where an older transaction of its own was mined", async () => {
    const id = await begin();
    now += WAIT;
    node.mine();
    node.finalize();
    const receipt = node.receipt.bind(node);
    // One of the node's replicas lags behind.
    node.receipt = () => Promise.resolve(null);
    expect(await check(id)).toMatchObject({ code: "NONCE_USED" });
    node.receipt = receipt;
    expect(await check(id)).toMatchObject({ kind: "mined", final: true });
  });

  it("is looked for once more when the node said so before, and counts where it was mined after all", async () => {
    const id = await begin();
    now += WAIT;
    node.mine();
    node.finalize();
    const receipt = node.receipt.bind(node);
    const asked: string[] = [];
    node.receipt = (hash) => {
      asked.push(toHex(hash));
      return Promise.resolve(null);
    };
    await check(id);
    expect(await load(id)).toMatchObject({ state: "broadcast", nonceTaken: true });
    expect(asked).toEqual(await hashes(id));
    node.receipt = (hash) => {
      asked.push(toHex(hash));
      return receipt(hash);
    };
    // The second look must come before the nonce is given up: else the call is made a second time.
    expect(await sender().step(await load(id))).toMatchObject({ kind: "moved", action: { state: "mined" } });
    expect(asked).toHaveLength(2);
    expect(await load(id)).toMatchObject({ nonce: 7n, transactions: [{}] });
  });

  it("is believed no longer where the node takes it back", async () => {
    const id = await begin();
    node.useNonce();
    node.finalize();
    await check(id);
    expect((await load(id)).nonceTaken).toBe(true);
    const count = node.transactionCount.bind(node);
    node.transactionCount = () => Promise.resolve(7n);
    expect(await check(id)).toMatchObject({ kind: "waiting", code: "WAITING_FOR_CHAIN" });
    node.transactionCount = count;
    expect(await check(id)).toMatchObject({ code: "NONCE_USED" });
  });
});

describe("a reorganisation", () => {
  it("takes an action back to its wait, sends the same bytes, and has one effect", async () => {
    const id = await begin();
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "mined" });
    node.reorganize(true);
    expect(await check(id)).toMatchObject({ kind: "waiting" });
    expect(await load(id)).toMatchObject({ state: "broadcast", failure: "DROPPED" });
    node.mine();
    node.finalize();
    expect(await check(id)).toMatchObject({ kind: "mined", final: true });
    expect(await hashes(id)).toHaveLength(1);
    expect(node.mined).toHaveLength(1);
  });

  it("lets another of its transactions be mined in the end", async () => {
    const id = await begin();
    now += WAIT;
    await check(id);
    const [first] = (await load(id)).transactions;
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "mined" });
    node.reorganize(true);
    await node.sendRaw(first?.raw ?? new Uint8Array());
    node.mine();
    expect(await check(id)).toMatchObject({ kind: "mined", receipt: { transactionHash: first?.hash } });
  });

  it("is waited out where a receipt names a block that is not the chain's", async () => {
    const id = await begin();
    node.mine();
    node.finalize();
    const receipt = node.receipt.bind(node);
    node.receipt = async (hash) => {
      const found = await receipt(hash);
      return found === null ? null : { ...found, blockHash: new Uint8Array(32).fill(9) };
    };
    expect(await check(id)).toMatchObject({ kind: "mined", final: false });
    expect((await load(id)).state).toBe("mined");
  });
});

describe("a process that is killed", () => {
  it("between storing and sending, sends identical bytes afterwards", async () => {
    const { id } = plan();
    killAt("sendRaw");
    await expect(sender().advance(id)).rejects.toBeInstanceOf(Killed);
    expect((await load(id)).state).toBe("signed");
    const stored = await hashes(id);
    await sender({ resendMs: 1 }).advance(id);
    expect(node.sent).toEqual(stored);
    now += WAIT;
    killAt("sendRaw");
    await expect(check(id)).rejects.toBeInstanceOf(Killed);
    const [, replacement] = await hashes(id);
    expect(await check(id)).toMatchObject({ kind: "waiting" });
    expect(await hashes(id)).toHaveLength(2);
    node.mine();
    expect(node.mined.map(({ hash }) => hash)).toEqual([replacement]);
  });

  it("after sending and before it kept that, checks the receipt", async () => {
    const { id } = plan();
    killAt("sendRaw", true);
    await expect(sender().advance(id)).rejects.toBeInstanceOf(Killed);
    node.mine();
    node.finalize();
    // The node now answers "nonce too low" to the same bytes: that is no success, and no failure
    // either.
    await sender().advance(id);
    expect((await load(id)).state).toBe("final");
    expect(node.mined).toHaveLength(1);
    expect(await hashes(id)).toHaveLength(1);
  });
});

describe("a write for which another process was first", () => {
  /** The same store, but for one write that another process has made before. */
  function without(method: "reserve" | "keepFirst" | "keepReplacement" | "suspectNonce" | "giveUpNonce" | "move") {
    return new Proxy(store, {
      get: (target, name) => {
        if (name === method) return () => Promise.resolve(null);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
  const step = async (id: string, method: Parameters<typeof without>[0]) =>
    await sender({}, without(method)).step(await load(id));
  const overtaken = { kind: "overtaken" };

  it("ends the step and leaves the action to the other one, in every state", async () => {
    const { id } = plan();
    expect(await step(id, "reserve")).toEqual(overtaken);
    await sender().step(await load(id));
    expect(await step(id, "keepFirst")).toEqual(overtaken);
    await sender().step(await load(id));
    expect(await step(id, "move")).toEqual(overtaken);
    expect((await load(id)).state).toBe("signed");
    await sender().advance(id);
    node.mine();
    expect(await step(id, "move")).toEqual(overtaken);
    await check(id);
    node.finalize();
    expect(await step(id, "move")).toEqual(overtaken);
    expect((await load(id)).state).toBe("mined");
    node.reorganize(true);
    expect(await step(id, "move")).toEqual(overtaken);
    expect((await load(id)).state).toBe("mined");
  });

  it("ends a refusal", async () => {
    node.simulation = new RpcError("REVERTED", "execution reverted");
    const { id } = plan();
    expect(await step(id, "move")).toEqual(overtaken);
    expect((await load(id)).state).toBe("planned");
  });

  it("ends a replacement, and sends nothing of it", async () => {
    const id = await begin();
    now += WAIT;
    expect(await step(id, "keepReplacement")).toEqual(overtaken);
    expect(node.sent).toHaveLength(1);
  });

  it("ends the suspicion of a foreign nonce, and what follows from it", async () => {
    const id = await begin();
    node.useNonce();
    node.finalize();
    expect(await step(id, "suspectNonce")).toEqual(overtaken);
    expect(await check(id)).toMatchObject({ code: "NONCE_USED" });
    expect(await step(id, "giveUpNonce")).toEqual(overtaken);
    expect((await load(id)).state).toBe("broadcast");
  });
});

describe("what a sender says and stores", () => {
  it("a refusal keeps the contract's words, and a reason where there is none", async () => {
    node.simulation = new RpcError("REVERTED", "execution reverted");
    const refused = { kind: "refused", code: "SIMULATION", reason: "no reason given", detail: "execution reverted" };
    expect(await sender().begin(plan())).toMatchObject(refused);
    expect((await load("action 1")).state).toBe("refused");
  });

  it("believes that a call is undone where it is so at one block, twice", async () => {
    const reverts = new RpcError("REVERTED", "execution reverted", "0x12345678", "Paused");
    const asked: unknown[] = [];
    node.simulation = reverts;
    node.mine();
    /** What the call answers at the fixed block, time after time. */
    const answering = (...answers: readonly (RpcError | null)[]): void => {
      const left = [...answers];
      node.call = (_call, tag) => {
        asked.push(tag);
        const next = left.shift() ?? null;
        return next === null ? Promise.resolve(new Uint8Array()) : Promise.reject(next);
      };
    };
    const id = plan().id;
    for (const answers of [[null], [reverts, null]]) {
      answering(...answers);
      expect(await sender().advance(id)).toMatchObject({ kind: "waiting", code: "UNPROVEN_REVERT" });
    }
    answering(reverts, new RpcError("UNREACHABLE", "away"));
    await expect(sender().advance(id)).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect((await load(id)).state).toBe("planned");
    answering(reverts, reverts);
    expect(await sender().advance(id)).toMatchObject({ kind: "refused", code: "SIMULATION", reason: "Paused" });
    expect(new Set(asked)).toEqual(new Set([1n]));
    // Talk of a revert is no refusal: the same call later goes on.
    node.simulation = new RpcError("REFUSED", "cannot revert to snapshot");
    const other = plan().id;
    await expect(sender().advance(other)).rejects.toMatchObject({ code: "REFUSED" });
    expect((await load(other)).state).toBe("planned");
  });

  it("refuses what a node or a block has no gas for, before it has a nonce", async () => {
    node.simulation = new RpcError("GAS_LIMIT", "gas required exceeds allowance (150000)");
    expect(await sender().begin(plan())).toMatchObject({ kind: "refused", code: "GAS_LIMIT", reason: "GAS_LIMIT" });
    node.simulation = new RpcError("REVERTED", "execution reverted");
    node.call = () => Promise.reject(new RpcError("GAS_LIMIT", "out of gas"));
    expect(await sender().begin(plan())).toMatchObject({ kind: "refused", code: "GAS_LIMIT" });
    node.simulation = 150_001n;
    node.blockGas = 150_000n;
    expect(await sender().begin(plan())).toMatchObject({ kind: "refused", code: "GAS_LIMIT" });
    node.simulation = 149_999n;
    expect(await sender().begin(plan())).toMatchObject({ code: "WAITING_FOR_CHAIN", action: { gas: 150_000n } });
  });

  it("a call that needs too much gas names how much", async () => {
    node.simulation = MAX_TRANSACTION_GAS;
    expect(await sender().begin(plan())).toMatchObject({
      ...{ kind: "refused", code: "GAS_LIMIT", reason: "GAS_LIMIT" },
      detail: expect.stringContaining(`${MAX_TRANSACTION_GAS}`),
    });
  });

  it("a node that cannot be reached while it is given bytes keeps them signed", async () => {
    const { id } = plan();
    node.sendFault = new RpcError("UNREACHABLE", "the node is away");
    await expect(sender().advance(id)).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect((await load(id)).state).toBe("signed");
  });

  it("a node that reverts bytes has refused them", async () => {
    const id = await begin();
    node.sendFault = new RpcError("REVERTED", "it would revert");
    expect(await check(id)).toMatchObject({ code: "NODE_REFUSED", detail: "it would revert" });
  });

  it("an action that was reserved waits where the chain asks too much meanwhile", async () => {
    const { id } = plan();
    await sender().step(await load(id));
    node.market = { baseFee: 9_991n, tip: 10n };
    expect(await sender().step(await load(id))).toMatchObject({ kind: "waiting", code: "FEES_TOO_HIGH" });
    expect(await load(id)).toMatchObject({ state: "reserved", transactions: [] });
  });

  it("an account that has exactly what the gas may cost can pay, and one wei less cannot", async () => {
    // 60,000 simulated, an eighth and 10,000 above, at twice 100 and 10 wei.
    const cost = 77_500n * 210n;
    node.wei = cost - 1n;
    const { id } = plan();
    expect(await sender().begin(await load(id))).toMatchObject({ code: "NO_GAS" });
    node.wei = cost;
    expect(await sender().begin(await load(id))).toMatchObject({ code: "WAITING_FOR_CHAIN" });
  });

  it("without a latest block nothing is offered", async () => {
    const real = node.block.bind(node);
    node.block = (tag) => (tag === "latest" ? Promise.resolve(null) : real(tag));
    await expect(sender().begin(plan())).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  it.each([
    ["no nonce", { nonce: null }],
    ["no gas", { gas: null }],
  ])("an action with %s is never signed", async (_what, change) => {
    const { id } = plan();
    await sender().step(await load(id));
    await expect(sender().step({ ...(await load(id)), ...change })).rejects.toBeInstanceOf(Error);
  });

  it("an action that is said to be signed, without bytes, is a fault", async () => {
    const { id } = plan();
    await sender().step(await load(id));
    await expect(sender().step({ ...(await load(id)), state: "signed" })).rejects.toBeInstanceOf(Error);
  });

  it("a mined action whose block is not known to be final, or is gone by its number, waits", async () => {
    const id = await begin();
    node.mine();
    await check(id);
    node.finalize();
    const real = node.block.bind(node);
    for (const gone of ["finalized", "number"] as const) {
      node.block = (tag) => ((gone === "number") === (typeof tag === "bigint") ? Promise.resolve(null) : real(tag));
      expect(await check(id)).toMatchObject({ kind: "mined", final: false });
      expect((await load(id)).state).toBe("mined");
    }
  });

  it("a check moves no other action on than one that was just found", async () => {
    const { id } = plan();
    expect(await check(id)).toMatchObject({ kind: "moved", action: { state: "reserved" } });
    expect((await load(id)).state).toBe("reserved");
  });

  it("an action that never comes to rest is left after so many steps, each of them stored", async () => {
    const { id } = plan();
    let steps = 0;
    const restless = new Proxy(store, {
      get: (target, name) => {
        if (name === "reserve")
          return (action: MemoryAction) => {
            steps += 1;
            return Promise.resolve(action);
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    expect(await sender({}, restless).advance(id)).toMatchObject({ kind: "moved", action: { state: "planned" } });
    expect(steps).toBe(MAX_STEPS);
  });
});

describe("a store whose actions begin with their bytes", () => {
  it("keeps nothing of what never had any bytes", async () => {
    const journal = new JournalStore();
    node.simulation = new RpcError("REVERTED", "execution reverted", null, "Advance");
    expect(await sender({}, journal).begin(draft)).toMatchObject({ kind: "refused", reason: "Advance" });
    node.simulation = 60_000n;
    node.wei = 0n;
    expect(await sender({}, journal).begin(draft)).toMatchObject({ code: "NO_GAS" });
    expect(journal.all()).toEqual([]);
  });

  it("sends at each check while it does not know when it did", async () => {
    const journal = new JournalStore();
    await sender({}, journal).begin(draft);
    const [action = draft] = journal.all();
    expect(await sender({ resendMs: 5_000 }, journal).check(action)).toMatchObject({ kind: "waiting" });
    expect(node.sent).toHaveLength(2);
  });

  it("reports a lost nonce and plans nothing by itself", async () => {
    const journal = new JournalStore();
    await sender({}, journal).begin(draft);
    node.useNonce();
    node.finalize();
    const check = async (): Promise<unknown> => await sender({}, journal).check(journal.all()[0] ?? draft);
    expect(await check()).toMatchObject({ code: "NONCE_USED" });
    expect(await check()).toMatchObject({ kind: "lost" });
    expect(journal.all()).toMatchObject([{ state: "broadcast", nonceTaken: true, transactions: [{}] }]);
  });
});
