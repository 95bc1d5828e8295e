import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { RpcError } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { transferCall, settleCall } from "@tallystick/vault";
import { AccountLanes } from "../src/chain/account-lanes.ts";
import { ChainActions, type ActionKind } from "../src/chain/chain-actions.ts";
import { ChainSender, senderPolicy } from "../src/chain/chain-sender.ts";
import { faultyRpc, Killed, type RpcFaults } from "./harness/faulty-rpc.ts";
import { createHarness, type TestService, type SettlementHarness } from "./harness/settlement-harness.ts";

/** Milliseconds. */
const MINUTE = 60_000;

/** The chain of these tests is the configured one. */
const confirmed = { confirm: () => Promise.resolve(), nonceGiven: () => undefined };

describe("ChainSender", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let now = 0;
  const clock = { now: () => now };

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    // No workers: the tests move every action step by step.
    service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    await harness.rpc("evm_setAutomine", [false]);
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });
  beforeEach(() => {
    now = Date.now();
  });

  function senderWith(faults: RpcFaults): ChainSender {
    const { db, rpc, signers, contract, config } = service.platform;
    return new ChainSender(db, faultyRpc(rpc, faults), confirmed, signers, contract, clock, config);
  }

  /** One step of an action, as the sender takes it. */
  async function step(id: string): Promise<void> {
    const { db, rpc, signers, contract, config } = service.platform;
    const accessLists = config.chain.accessList;
    const lanes = new AccountLanes({ db, rpc, signers, contract, clock, policy: senderPolicy(config), accessLists });
    const choice = await lanes.of(id);
    const lane = choice !== null && "lane" in choice ? choice.lane : null;
    const action = (await lane?.store.load(id)) ?? null;
    if (action === null) throw new Error("the action is gone");
    await lane?.sender.step(action);
  }

  async function plan(
    change: { kind?: ActionKind; data?: Uint8Array; target?: Uint8Array; after?: string[] } = {},
  ): Promise<string> {
    const { db, contract, signers } = service.platform;
    const actions = new ChainActions(clock, signers);
    const data = change.data ?? transferCall({ to: Buffer.alloc(20, 7), baseUnits: 1n });
    return db.transaction().execute((trx) =>
      actions.plan(trx, {
        key: `test:${randomUUID()}`,
        kind: change.kind ?? "withdraw",
        target: change.target ?? contract.token,
        data,
        after: change.after ?? [],
      }),
    );
  }

  const load = (id: string) =>
    service.platform.db.selectFrom("chain_actions").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

  const rawBytes = (id: string) =>
    service.platform.db
      .selectFrom("chain_transactions")
      .selectAll()
      .where("action_id", "=", id)
      .orderBy("attempt")
      .execute();
  const received = () => service.platform.contract.tokenBalance(Buffer.alloc(20, 7), "latest");

  /** Takes the action to a state by single steps. */
  async function until(id: string, state: string) {
    for (let taken = 0; taken < 8; taken += 1) {
      const action = await load(id);
      if (action.state === state) return action;
      await step(id);
    }
    throw new Error(`The action did not come to ${state}; it is ${(await load(id)).state}.`);
  }

  it("goes from planned to final, one state after the other", async () => {
    const before = await received();
    const id = await plan();
    const seen: string[] = [];
    for (let taken = 0; taken < 5; taken += 1) {
      seen.push((await load(id)).state);
      await step(id);
      if (seen.length === 4) await harness.mine(1);
      if (seen.length === 4) await step(id);
    }
    expect(seen).toEqual(["planned", "reserved", "signed", "broadcast", "mined"]);
    expect((await load(id)).state).toBe("mined");
    await harness.mine(2);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
    expect(await received()).toBe(before + 1n);
  });

  it.each(["planned", "reserved", "signed", "broadcast", "mined"])(
    "goes on from %s after a restart, with one effect",
    async (state) => {
      const before = await received();
      const id = await plan();
      if (state === "mined") {
        await until(id, "broadcast");
        await harness.mine(1);
      }
      await until(id, state);
      const stored = await rawBytes(id);
      // A new process: a new sender that knows nothing.
      await senderWith({}).advance(id);
      await harness.mine(1);
      await senderWith({}).advance(id);
      await harness.mine(2);
      await senderWith({}).advance(id);
      expect((await load(id)).state).toBe("final");
      expect(await received()).toBe(before + 1n);
      const now = await rawBytes(id);
      expect(now).toHaveLength(1);
      if (stored[0] !== undefined) expect(now[0]?.raw).toEqual(stored[0].raw);
    },
  );

  it("names the cards of a large batch in an access list, at each attempt, unless the configuration turns that off", async () => {
    const { contract, config, db, rpc, signer, signers } = service.platform;
    // 25 groups of one item that the vault skips: what counts is which words the transaction names.
    const cards = Array.from({ length: 25 }, (_, index) => Buffer.alloc(20, index + 1));
    const groups = cards.map((card) => Buffer.concat([Buffer.alloc(2), card, Buffer.from([0, 1]), Buffer.alloc(94)]));
    const data = settleCall(Buffer.concat([Buffer.alloc(65), Buffer.from([1]), Buffer.alloc(20, 9), ...groups]));
    const id = await plan({ kind: "settle", target: contract.vault, data });
    await until(id, "broadcast");
    now += config.chain.replaceAfterSeconds * 1_000;
    await step(id);
    const keys = cards.map((card) => `0x${"00".repeat(12)}${card.toString("hex")}`);
    const lists = (await rawBytes(id)).map(({ raw }) => signer.read(raw).accessList);
    const named = lists.map((list) => list.map(({ storageKeys }) => storageKeys.map(toHex)));
    expect(named).toEqual([[keys], [keys]]);
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");

    const without = { ...config, chain: { ...config.chain, accessList: false } };
    const plain = await plan({ kind: "settle", target: contract.vault, data });
    await new ChainSender(db, rpc, confirmed, signers, contract, clock, without).advance(plain);
    const [sent] = await rawBytes(plain);
    expect(signer.read(sent?.raw ?? new Uint8Array()).accessList).toEqual([]);
    await harness.mine(3);
    await senderWith({}).advance(plain);
  });

  it("sends identical bytes again when it is killed between storing and sending", async () => {
    const id = await plan();
    const killed = senderWith({ sendRaw: () => () => Promise.reject(new Killed()) });
    await expect(killed.advance(id)).rejects.toBeInstanceOf(Killed);
    expect((await load(id)).state).toBe("signed");
    const [stored] = await rawBytes(id);
    const sent: Uint8Array[] = [];
    const watching = senderWith({
      sendRaw: (real) => (raw) => {
        sent.push(raw);
        return real.sendRaw(raw);
      },
    });
    await watching.advance(id);
    expect(sent.map((raw) => Buffer.from(raw).toString("hex"))).toEqual([
      stored?.raw === undefined ? "" : Buffer.from(stored.raw).toString("hex"),
    ]);
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
  });

  it("checks for a receipt when it is killed after sending and before it recorded that", async () => {
    const before = await received();
    const id = await plan();
    const killed = senderWith({
      sendRaw: (real) => async (raw) => {
        await real.sendRaw(raw);
        throw new Killed();
      },
    });
    await expect(killed.advance(id)).rejects.toBeInstanceOf(Killed);
    await harness.mine(3);
    // The node now answers "nonce too low" to the same bytes: that is no success, and no failure
    // either.
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
    expect(await received()).toBe(before + 1n);
    expect(await rawBytes(id)).toHaveLength(1);
  });

  it("takes 'already known' as a reason to check, and waits", async () => {
    const id = await plan();
    await until(id, "broadcast");
    now += MINUTE / 2;
    const sender = senderWith({ sendRaw: () => () => Promise.reject(new RpcError("ALREADY_KNOWN", "already known")) });
    await sender.advance(id);
    expect((await load(id)).state).toBe("broadcast");
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
  });

  it("sends the same bytes again when the node dropped the transaction", async () => {
    const id = await plan();
    await until(id, "broadcast");
    const [stored] = await rawBytes(id);
    await harness.rpc("anvil_dropTransaction", [`0x${Buffer.from(stored?.hash ?? []).toString("hex")}`]);
    await harness.mine(1);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("broadcast");
    now += MINUTE / 2;
    await senderWith({}).advance(id);
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
    expect(await rawBytes(id)).toHaveLength(1);
  });

  it("goes back to broadcast and sends the same bytes when a reorganisation drops its block", async () => {
    const before = await received();
    const id = await plan();
    await until(id, "broadcast");
    await harness.mine(1);
    await until(id, "mined");
    await harness.rpc("anvil_reorg", [1, []]);
    expect(await received()).toBe(before);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("broadcast");
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
    expect(await received()).toBe(before + 1n);
    expect(await rawBytes(id)).toHaveLength(1);
  });

  it("raises both fees for the same nonce, stores first, and has one effect whichever is mined", async () => {
    const before = await received();
    const id = await plan();
    await until(id, "broadcast");
    now += 2 * MINUTE;
    await senderWith({}).advance(id);
    const [first, second] = await rawBytes(id);
    expect(second?.nonce).toBe(first?.nonce);
    expect(BigInt(second?.max_fee ?? "0")).toBeGreaterThan((BigInt(first?.max_fee ?? "0") * 9n) / 8n);
    expect(BigInt(second?.priority_fee ?? "0")).toBeGreaterThan((BigInt(first?.priority_fee ?? "0") * 9n) / 8n);
    await harness.mine(3);
    await senderWith({}).advance(id);
    const done = await load(id);
    expect(done.state).toBe("final");
    expect(done.mined_hash).toEqual(second?.hash);
    expect(await received()).toBe(before + 1n);
  });

  it("refuses an action whose simulation reverts and uses no nonce for it", async () => {
    const { signer, rpc } = service.platform;
    const nonce = await rpc.transactionCount(signer.address, "latest");
    const id = await plan({ target: service.platform.contract.vault, data: Buffer.from("deadbeef", "hex") });
    await senderWith({}).advance(id);
    const refused = await load(id);
    expect(refused.state).toBe("refused");
    expect(refused.nonce).toBeNull();
    expect(refused.failure).toContain("SIMULATION");
    const next = await plan();
    const reserved = await until(next, "reserved");
    expect(reserved.nonce).toBe(nonce);
    await senderWith({}).advance(next);
    await harness.mine(3);
    await senderWith({}).advance(next);
  });

  it("waits for what it comes after, and for a node that does not answer", async () => {
    const first = await plan();
    const second = await plan({ after: [first] });
    await senderWith({}).advance(second);
    expect((await load(second)).state).toBe("planned");
    const deaf = senderWith({ estimateGas: () => () => Promise.reject(new RpcError("UNREACHABLE", "no answer")) });
    await deaf.advance(first);
    expect(await load(first)).toMatchObject({ state: "planned", failure: "UNREACHABLE: no answer" });
    await senderWith({}).advance(first);
    await harness.mine(1);
    await senderWith({}).advance(first);
    await senderWith({}).advance(second);
    expect((await load(second)).state).toBe("broadcast");
    await harness.mine(3);
    await senderWith({}).pass();
    expect([(await load(first)).state, (await load(second)).state]).toEqual(["final", "final"]);
  });

  it("gives two senders at once two nonces and one transaction each", async () => {
    const ids = [await plan(), await plan(), await plan()];
    await Promise.all(
      [senderWith({}).pass(), senderWith({}).pass(), senderWith({}).pass()].map((pass) => pass.catch(() => undefined)),
    );
    await senderWith({}).pass();
    const actions = await Promise.all(ids.map(load));
    expect(new Set(actions.map(({ nonce }) => nonce)).size).toBe(3);
    for (const id of ids) expect(await rawBytes(id)).toHaveLength(1);
    await harness.mine(3);
    await senderWith({}).pass();
    for (const id of ids) expect((await load(id)).state).toBe("final");
  });

  it("takes another nonce only when a foreign transaction has finally used its own", async () => {
    const before = await received();
    const id = await plan();
    await until(id, "signed");
    const [stored] = await rawBytes(id);
    // Another program sends with the same key: the same nonce, another transaction.
    await harness.rpc("eth_sendTransaction", [{ from: harness.treasury, to: harness.treasury, value: "0x1" }]);
    await harness.mine(1);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("broadcast");
    await harness.mine(3);
    await senderWith({}).advance(id);
    const [, replaced] = await rawBytes(id);
    expect(replaced?.nonce).toBe((stored?.nonce ?? 0n) + 1n);
    await harness.mine(3);
    await senderWith({}).advance(id);
    expect((await load(id)).state).toBe("final");
    expect(await received()).toBe(before + 1n);
  });

  it("plans one action for one key and refuses the key with other bytes", async () => {
    const { db, contract, signers } = service.platform;
    const actions = new ChainActions(clock, signers);
    const action = {
      key: "test:same",
      kind: "withdraw",
      target: contract.token,
      data: Buffer.from("00", "hex"),
    } as const;
    const first = await db.transaction().execute((trx) => actions.plan(trx, action));
    expect(await db.transaction().execute((trx) => actions.plan(trx, action))).toBe(first);
    const other = { ...action, data: Buffer.from("01", "hex") };
    await expect(db.transaction().execute((trx) => actions.plan(trx, other))).rejects.toMatchObject({
      code: "ACTION_KEY_REUSED",
    });
  });
});
