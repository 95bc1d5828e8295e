import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { ChainRpc } from "@tallystick/evm";
import { createKeySigner } from "@tallystick/evm/ethers";
import { fromHex, toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { ChainActions, replanAction, type ActionKind } from "../src/chain/chain-actions.ts";
import { ChainSender } from "../src/chain/chain-sender.ts";
import type { IssuerSigners } from "../src/chain/issuer-signers.ts";
import { LIMITS } from "../src/foundation/limits/limits.ts";
import { faultyRpc, Killed, type RpcFaults } from "./harness/faulty-rpc.ts";
import { reasonsBecome } from "./harness/readiness.ts";
import { createHarness, type TestService, type SettlementHarness } from "./harness/settlement-harness.ts";

const PAYEE = Buffer.alloc(20, 7);
/** What the guarantee's account holds at the beginning, base units. */
const FUNDS = 100_000_000n;

/** The chain of these tests is the configured one. */
const confirmed = { confirm: () => Promise.resolve(), nonceGiven: () => undefined };

describe("the sender of two accounts", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let now = 0;
  const clock = { now: () => now };

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    await harness.rpc("evm_setAutomine", [false]);
  });
  afterAll(() => harness.stop());

  /** A new database, in which the guarantee's account is open; the tests move every action themselves. */
  beforeEach(async () => {
    now = Date.now();
    service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    await open();
  });
  afterEach(() => service.stop());

  const open = () =>
    service.platform.db
      .insertInto("guarantee_accounts")
      .values({ address: fromHex(harness.guarantee, 20), opened_block: 0n })
      .execute();

  function sender(faults: RpcFaults = {}, signers: IssuerSigners = service.platform.signers): ChainSender {
    const { db, rpc, contract, config } = service.platform;
    const real: ChainRpc = faultyRpc(rpc, faults);
    return new ChainSender(db, real, confirmed, signers, contract, clock, config);
  }

  async function plan(kind: ActionKind, baseUnits = 1n): Promise<string> {
    const { db, contract, signers } = service.platform;
    const data = transferCall({ to: PAYEE, baseUnits });
    const action = { key: `test:${randomUUID()}`, kind, target: contract.token, data };
    return db.transaction().execute((trx) => new ChainActions(clock, signers).plan(trx, action));
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
  const received = () => service.platform.contract.tokenBalance(PAYEE, "latest");
  const nonceOf = async (account: string) =>
    BigInt((await harness.rpc("eth_getTransactionCount", [account, "latest"])) as string);
  const tokensOf = (account: string) => service.platform.contract.tokenBalance(fromHex(account, 20), "latest");

  async function finish(...ids: string[]): Promise<void> {
    await harness.mine(1);
    for (const id of ids) await sender().advance(id);
    await harness.mine(2);
    for (const id of ids) await sender().advance(id);
  }

  /** Gives the account exactly this much: anvil's treasury sends it, or takes the rest away. */
  async function hold(baseUnits: bigint): Promise<void> {
    const present = await tokensOf(harness.guarantee);
    const [from, to, amount] =
      present > baseUnits
        ? [harness.guarantee, harness.treasury, present - baseUnits]
        : [harness.treasury, harness.guarantee, baseUnits - present];
    const data = transferCall({ to: fromHex(to, 20), baseUnits: amount });
    const hash = await harness.rpc("eth_sendTransaction", [{ from, to: harness.token, data: toHex(data) }]);
    await harness.mine(3);
    expect(await harness.rpc("eth_getTransactionReceipt", [hash])).toMatchObject({ status: "0x1" });
  }

  it("gives each account nonces of its own, also when both send at once", async () => {
    const nonces = { treasury: await nonceOf(harness.treasury), guarantee: await nonceOf(harness.guarantee) };
    const kinds = ["withdraw", "compensate", "withdraw", "compensate", "compensate"] as const;
    const ids: string[] = [];
    for (const kind of kinds) ids.push(await plan(kind));
    const before = await received();
    await Promise.all([sender().pass(), sender().pass()].map((pass) => pass.catch(() => undefined)));
    await sender().pass();
    const rows = await Promise.all(ids.map(load));
    const taken = (kind: ActionKind) => rows.filter((row) => row.kind === kind).map(({ nonce }) => nonce ?? -1n);
    const next = (from: bigint, count: number) => Array.from({ length: count }, (_, index) => from + BigInt(index));
    expect(taken("withdraw").sort()).toEqual(next(nonces.treasury, 2));
    expect(taken("compensate").sort()).toEqual(next(nonces.guarantee, 3));
    expect(new Set(rows.map(({ account, kind }) => `${kind} ${toHex(account)}`))).toEqual(
      new Set([`withdraw ${harness.treasury}`, `compensate ${harness.guarantee}`]),
    );
    await finish(...ids);
    expect(new Set((await Promise.all(ids.map(load))).map(({ state }) => state))).toEqual(new Set(["final"]));
    expect(await received()).toBe(before + 5n);
  });

  it.each([
    ["treasury", "withdraw", "compensate"],
    ["guarantee", "compensate", "withdraw"],
  ] as const)("goes on at the other account while the %s's transaction is stuck", async (_name, stuck, other) => {
    const stays = await plan(stuck);
    await sender().advance(stays);
    const [sent] = await rawBytes(stays);
    // The node has lost it: every later nonce of this account waits behind it.
    await harness.rpc("anvil_dropTransaction", [toHex(sent?.hash ?? new Uint8Array())]);
    const behind = await plan(stuck);
    const goes = await plan(other);
    await sender().pass();
    await finish(goes);
    expect((await load(goes)).state).toBe("final");
    expect([(await load(stays)).state, (await load(behind)).state]).toEqual(["broadcast", "broadcast"]);
    now += 60_000;
    await sender().pass();
    await finish(stays, behind);
    expect([(await load(stays)).state, (await load(behind)).state]).toEqual(["final", "final"]);
  });

  it.each([
    ["treasury", "withdraw", "compensate"],
    ["guarantee", "compensate", "withdraw"],
  ] as const)("goes on at the other account while the %s has no gas", async (name, stuck, other) => {
    const gas = (await harness.rpc("eth_getBalance", [harness[name], "latest"])) as string;
    await harness.rpc("anvil_setBalance", [harness[name], "0x0"]);
    const waits = await plan(stuck);
    const goes = await plan(other);
    await sender().pass();
    await finish(goes);
    expect((await load(goes)).state).toBe("final");
    expect(await load(waits)).toMatchObject({ state: "planned", nonce: null });
    expect((await load(waits)).failure).toMatch(/^NO_GAS/);
    await harness.rpc("anvil_setBalance", [harness[name], gas]);
    await sender().pass();
    await finish(waits);
    expect((await load(waits)).state).toBe("final");
  });

  it("lets an empty account wait without a nonce, and hides nothing of the treasury behind what waits", async () => {
    await hold(0n);
    const waiting: string[] = [];
    for (let index = 0; index < LIMITS.senderActions + 1; index += 1) waiting.push(await plan("compensate", 2n));
    now += 1;
    const goes = await plan("withdraw");
    for (let pass = 0; pass < 3; pass += 1) await sender().pass();
    await finish(goes);
    expect((await load(goes)).state).toBe("final");
    const rows = await Promise.all(waiting.map(load));
    expect(new Set(rows.map(({ state, nonce }) => `${state} ${nonce}`))).toEqual(new Set(["planned null"]));
    // All were planned at one moment: which of them the passes leave out, their ids decide.
    expect(rows.filter(({ failure }) => failure === "NO_TOKENS")).toHaveLength(LIMITS.senderActions);
    await hold(5n);
    const before = await received();
    // Two of them fit into 5.
    await sender().pass();
    const begun = (await Promise.all(waiting.map(load))).filter(({ state }) => state === "broadcast");
    expect(begun).toHaveLength(2);
    await harness.mine(1);
    await sender().pass();
    await harness.mine(2);
    await sender().pass();
    const ended = await Promise.all(waiting.map(load));
    expect(ended.filter(({ state }) => state === "final")).toHaveLength(2);
    expect(ended.filter(({ state }) => state === "failed" || state === "refused")).toEqual([]);
    expect(await received()).toBe(before + 4n);
    await hold(FUNDS);
  });

  it("gives a nonce to one of two that begin at once with tokens for one", async () => {
    await hold(3n);
    const ids = [await plan("compensate", 2n), await plan("compensate", 2n)];
    let arrived = 0;
    let bothAsked: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (bothAsked = resolve));
    const meeting: RpcFaults = {
      // Each has seen that the tokens suffice before one of them takes a nonce.
      estimateGas: (real) => async (call) => {
        arrived += 1;
        if (arrived === ids.length) bothAsked();
        await both;
        return real.estimateGas(call);
      },
    };
    await Promise.all(ids.map((id) => sender(meeting).advance(id)));
    const states = (await Promise.all(ids.map(load))).map(({ state }) => state).sort();
    expect(states).toEqual(["broadcast", "planned"]);
    await finish(...ids);
    await hold(FUNDS);
    await sender().pass();
    await finish(...ids);
    expect(new Set((await Promise.all(ids.map(load))).map(({ state }) => state))).toEqual(new Set(["final"]));
  });

  it("sends identical bytes again when it is killed between reserving and sending", async () => {
    const before = await received();
    const [reserved, signed] = [await plan("compensate"), await plan("compensate")];
    let asked = 0;
    const atSigning = sender({
      // The market is asked before a nonce is reserved, and again before the bytes are signed.
      priorityFee: (real) => async () => {
        asked += 1;
        if (asked === 2) throw new Killed();
        return real.priorityFee();
      },
    });
    await expect(atSigning.advance(reserved)).rejects.toBeInstanceOf(Killed);
    expect(await load(reserved)).toMatchObject({ state: "reserved", nonce: await nonceOf(harness.guarantee) });
    const atSending = sender({ sendRaw: () => () => Promise.reject(new Killed()) });
    await expect(atSending.advance(signed)).rejects.toBeInstanceOf(Killed);
    const [stored] = await rawBytes(signed);
    expect(await load(signed)).toMatchObject({ state: "signed" });
    // A new process, which knows nothing but the database.
    await sender().pass();
    await finish(reserved, signed);
    expect([(await load(reserved)).state, (await load(signed)).state]).toEqual(["final", "final"]);
    expect((await rawBytes(signed)).map(({ raw }) => raw)).toEqual([stored?.raw]);
    expect(await received()).toBe(before + 2n);
  });

  /** A compensation as it was planned when the treasury paid them. */
  async function planFormerly(): Promise<string> {
    const id = await plan("compensate");
    await service.platform.db
      .updateTable("chain_actions")
      .set({ account: fromHex(harness.treasury, 20), kind: "compensate" })
      .where("id", "=", id)
      .execute();
    return id;
  }

  /** The treasury as it began compensations itself. */
  async function beginFormerly(id: string): Promise<void> {
    const { db } = service.platform;
    await db.updateTable("chain_actions").set({ kind: "withdraw" }).where("id", "=", id).execute();
    await sender().advance(id);
    await db.updateTable("chain_actions").set({ kind: "compensate" }).where("id", "=", id).execute();
  }

  it("pays from the new account what had no nonce, and leaves with the treasury what had one", async () => {
    const held = await tokensOf(harness.guarantee);
    const [planned, begun] = [await planFormerly(), await planFormerly()];
    await beginFormerly(begun);
    const before = await rawBytes(begun);
    await sender().pass();
    await finish(planned, begun);
    expect(toHex((await load(planned)).account)).toBe(harness.guarantee);
    expect(toHex((await load(begun)).account)).toBe(harness.treasury);
    expect([(await load(planned)).state, (await load(begun)).state]).toEqual(["final", "final"]);
    expect((await rawBytes(begun)).map(({ raw }) => raw)).toEqual(before.map(({ raw }) => raw));
    expect(await tokensOf(harness.guarantee)).toBe(held - 1n);
  });

  it("hands over what the treasury's transaction did not do, and takes no old bytes for new ones", async () => {
    // Both accounts stand at the same nonce, so that the old bytes carry the new transaction's.
    for (;;) {
      const [treasury, guarantee] = [await nonceOf(harness.treasury), await nonceOf(harness.guarantee)];
      if (treasury === guarantee) break;
      const from = treasury < guarantee ? harness.treasury : harness.guarantee;
      await harness.rpc("eth_sendTransaction", [{ from, to: from, value: "0x1" }]);
      await harness.mine(1);
    }
    const id = await planFormerly();
    await beginFormerly(id);
    const { db } = service.platform;
    const [old] = await rawBytes(id);
    await finish(id);
    // The chain undid it, as where the treasury was empty.
    await db.updateTable("chain_actions").set({ state: "failed" }).where("id", "=", id).execute();
    await db.transaction().execute((trx) => replanAction(trx, id, new Date(now)));
    await sender().advance(id);
    const again = await load(id);
    expect(again).toMatchObject({ state: "broadcast", nonce: old?.nonce });
    expect(toHex(again.account)).toBe(harness.guarantee);
    await finish(id);
    const ended = await load(id);
    expect(ended.state).toBe("final");
    expect(ended.mined_hash).not.toEqual(old?.hash);
  });

  it("hands over what lost its nonce at the treasury", async () => {
    const held = await tokensOf(harness.guarantee);
    const id = await planFormerly();
    await beginFormerly(id);
    const [sent] = await rawBytes(id);
    await harness.rpc("anvil_dropTransaction", [toHex(sent?.hash ?? new Uint8Array())]);
    await harness.rpc("eth_sendTransaction", [{ from: harness.treasury, to: harness.treasury, value: "0x1" }]);
    await harness.mine(3);
    await sender().advance(id);
    await sender().advance(id);
    await sender().advance(id);
    await finish(id);
    expect(await load(id)).toMatchObject({ state: "final" });
    expect(toHex((await load(id)).account)).toBe(harness.guarantee);
    expect(await tokensOf(harness.guarantee)).toBe(held - 1n);
  });

  it("sends nothing from an account that is not in the books yet, and calls that no fault", async () => {
    const { signers } = service.platform;
    const id = await plan("compensate");
    const unopened = { ...signers, guarantee: createKeySigner(randomBytes(32)) };
    await sender({}, unopened).pass();
    expect(await load(id)).toMatchObject({ state: "planned", nonce: null, failure: null });
    await sender().pass();
    await finish(id);
    expect((await load(id)).state).toBe("final");
  });

  it("waits for a key that the configuration does not name, and never sends with another one", async () => {
    const { signers } = service.platform;
    const keyless = { ...signers, guarantee: null };
    const [planned, begun] = [await plan("compensate"), await plan("compensate")];
    await expect(sender({ sendRaw: () => () => Promise.reject(new Killed()) }).advance(begun)).rejects.toThrow();
    await sender({}, keyless).pass();
    for (const id of [planned, begun]) expect((await load(id)).failure).toMatch(/^NO_KEY/);
    expect([(await load(planned)).state, (await load(begun)).state]).toEqual(["planned", "signed"]);
    await reasonsBecome(service, ["GUARANTEE_NO_KEY"]);
    await sender().pass();
    await finish(planned, begun);
    expect([(await load(planned)).state, (await load(begun)).state]).toEqual(["final", "final"]);
  });
});
