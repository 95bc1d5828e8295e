import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { RpcError } from "@tallystick/evm";
import { type CheckResult, makeDevelopmentKey, runChecks } from "@tallystick/program";
import { fromHex, toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { ChainActions } from "../src/chain/chain-actions.ts";
import { ChainIdentity, displayDecimals } from "../src/chain/chain-identity.ts";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { loadConfig } from "../src/foundation/config/load-config.ts";
import { createPool } from "../src/foundation/database/database.ts";
import type { VaultContract } from "../src/chain/vault-contract.ts";
import { installationChecks } from "../src/operations/check/installation-checks.ts";
import { closePlatform, createPlatform } from "../src/platform.ts";
import { eventually } from "./harness/eventually.ts";
import { faultyRpc } from "./harness/faulty-rpc.ts";
import { reasonsBecome } from "./harness/readiness.ts";
import { emptyDatabase } from "./harness/shared-cluster.ts";
import { createHarness, type SettlementHarness } from "./harness/settlement-harness.ts";

const NOBODY = `0x${"7".repeat(40)}`;

describe("settlement and the chain that its configuration names", () => {
  let harness: SettlementHarness;
  beforeAll(async () => {
    harness = await createHarness();
  });
  afterAll(async () => {
    await harness.stop();
  });

  it.each<[string, (config: Record<string, unknown>) => Record<string, unknown>]>([
    ["another chain id", () => ({ chainId: 1_337 })],
    ["a vault address without code", () => ({ vault: NOBODY })],
    ["a vault address with other code", (config) => ({ vault: config["token"] })],
    ["another token", () => ({ token: NOBODY })],
    ["another scale", () => ({ asset: { code: "TUSD", decimals: 6, scale: 7 } })],
    ["the token's own decimals at another scale", () => ({ asset: { code: "TUSD", decimals: 5, scale: 10 } })],
    ["other decimals", () => ({ asset: { code: "TUSD", decimals: 5, scale: 1 } })],
  ])("does not start with %s, and leaves the database as it was", async (_what, change) => {
    const databaseUrl = await harness.createDatabase();
    await expect(harness.start(databaseUrl, change(harness.config))).rejects.toMatchObject({
      code: "CHAIN_MISMATCH",
      exit: "usage",
    });
    const service = await harness.start(databaseUrl);
    await service.stop();
  });

  it("does not start with another treasury or issuer key than its database was started with", async () => {
    const databaseUrl = await harness.createDatabase();
    const folder = dirname(harness.configFile);
    const keyFile = (name: string, account: number) => {
      const file = join(folder, name);
      makeDevelopmentKey(file, fromHex(harness.anvil.accounts[account]?.privateKey ?? "", 32));
      return file;
    };
    const first = await harness.start(databaseUrl, { roles: ["api"] });
    const { keyId, publicKey } = first.platform.issuer;
    await first.stop();
    const chainKeyFile = keyFile("other-treasury.json", 5);
    await expect(harness.start(databaseUrl, { chainKeyFile })).rejects.toMatchObject({
      ...{ code: "TREASURY_CHANGED", exit: "keys" },
    });
    // The same id for another key, whatever is named as former.
    const issuerKeyFile = keyFile("other-issuer.json", 6);
    const former = [{ id: keyId, publicKey: toHex(publicKey) }];
    for (const formerIssuerKeys of [[], former])
      await expect(harness.start(databaseUrl, { issuerKeyFile, formerIssuerKeys })).rejects.toMatchObject({
        ...{ code: "ISSUER_KEY_CHANGED", exit: "keys" },
      });
    const renewed = join(folder, "renewed-issuer.json");
    const text = JSON.parse(readFileSync(issuerKeyFile, "utf8")) as Record<string, unknown>;
    writeFileSync(renewed, JSON.stringify({ ...text, keyId: keyId + 1 }), { mode: 0o600 });
    await expect(harness.start(databaseUrl, { issuerKeyFile: renewed })).rejects.toMatchObject({
      ...{ code: "ISSUER_KEY_CHANGED", next: expect.stringContaining(toHex(publicKey)) },
    });
    await (
      await harness.start(databaseUrl, { issuerKeyFile: renewed, formerIssuerKeys: former, roles: ["api"] })
    ).stop();
    // Both have signed now: neither is forgotten.
    await expect(harness.start(databaseUrl)).rejects.toMatchObject({ code: "ISSUER_KEY_CHANGED" });
  });

  it("finds every fault of a configuration without changing anything", async () => {
    const databaseUrl = await emptyDatabase(harness.postgres);
    const resultsOf = async (change: Record<string, unknown>, tokenBalance?: VaultContract["tokenBalance"]) => {
      const file = join(dirname(harness.configFile), "checked.json");
      writeFileSync(file, JSON.stringify({ ...harness.config, databaseUrl, ...change }));
      const platform = createPlatform(loadConfig(file));
      const results: CheckResult[] = [];
      const contract = { ...platform.contract, ...(tokenBalance === undefined ? {} : { tokenBalance }) };
      const exit = await runChecks(installationChecks({ ...platform, contract }), {
        ...{ limitMs: 60_000, report: (result: CheckResult) => results.push(result) },
      });
      await closePlatform(platform);
      return { exit, faults: results.filter(({ result }) => result === "fault"), results };
    };
    const good = await resultsOf({});
    expect([good.exit, good.faults]).toEqual([0, []]);
    expect(good.results.every(({ result }) => result === "ok")).toBe(true);
    // A node that keeps no state of the final block: the vault could not be summed.
    const pruned = await resultsOf({}, async (account, at) => {
      if (at === "latest") return 0n;
      throw new RpcError("REFUSED", `missing trie node at ${at} of ${toHex(account)}`);
    });
    expect(pruned.faults).toMatchObject([{ check: "final state", code: "NO_FINAL_STATE", exit: "network" }]);
    const wrong = await resultsOf({ token: NOBODY, redisUrl: "redis://127.0.0.1:9" });
    expect(wrong.faults).toMatchObject([
      { check: "Redis", code: "REDIS_UNAVAILABLE", exit: "network" },
      { check: "vault and token", code: "CHAIN_MISMATCH", exit: "usage" },
    ]);
    expect(wrong.exit).toBe(7);
    expect(wrong.results.find(({ check }) => check === "scale")).toMatchObject({ result: "left-out" });
    const pool = createPool(databaseUrl);
    const { rows } = await pool.query("select tablename from pg_tables where schemaname = 'public'");
    await pool.end();
    expect(rows).toEqual([]);
  });

  it("takes vouchers while the node is away", async () => {
    const service = await harness.start(await harness.createDatabase(), {
      rpcUrl: "http://127.0.0.1:9",
      roles: ["api"],
    });
    expect((await reasonsBecome(service, ["CHAIN_UNREACHABLE"])).body).toMatchObject({ ready: false });
    await service.stop();
  });

  it("sends nothing to a node that turns out to serve another vault, and goes on when it is right", async () => {
    const service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    const { db, signers, contract, config, clock } = service.platform;
    let answer: "away" | "wrong" | "right" = "away";
    // The same bytes go again where the node is slow to mine them.
    const sent = new Set<string>();
    let counted: bigint | null = null;
    const rpc = faultyRpc(service.platform.rpc, {
      chainId: (real) => async () => {
        if (answer === "away") throw new RpcError("UNREACHABLE", "away");
        return answer === "wrong" ? 5n : await real.chainId();
      },
      transactionCount: (real) => async (address, tag) => counted ?? (await real.transactionCount(address, tag)),
      sendRaw: (real) => async (raw) => {
        sent.add(toHex(raw));
        await real.sendRaw(raw);
      },
    });
    const identity = new ChainIdentity(rpc, config, db, signers);
    const sender = new ChainSender(db, rpc, identity, signers, contract, clock, config);
    const data = transferCall({ to: fromHex(NOBODY), baseUnits: 1n });
    const id = await db
      .transaction()
      .execute((trx) =>
        new ChainActions(clock, signers).plan(trx, { key: "test:identity", kind: "fund", target: config.token, data }),
      );
    const failure = async () =>
      await db.selectFrom("chain_actions").select(["state", "failure"]).where("id", "=", id).executeTakeFirstOrThrow();
    for (const [state, code] of [
      ["away", "UNREACHABLE"],
      ["wrong", "CHAIN_MISMATCH"],
    ] as const) {
      answer = state;
      await sender.advance(id);
      expect(await failure()).toMatchObject({ state: "planned", failure: expect.stringContaining(code) });
    }
    expect(sent.size).toBe(0);
    answer = "right";
    // The node mines it when it comes to that.
    await eventually(
      async () => {
        await sender.advance(id);
        return await failure();
      },
      ({ state }) => state === "mined",
    );
    expect(sent.size).toBe(1);

    // While it runs, a copy of the database from before that transaction takes the database's place. The
    // chain is not asked: a transaction that only waits in a node's pool is lost in the same way.
    const next = await db
      .transaction()
      .execute((trx) =>
        new ChainActions(clock, signers).plan(trx, { key: "test:older", kind: "fund", target: config.token, data }),
      );
    const nonces = (by: bigint) =>
      db
        .updateTable("chain_accounts")
        .set(({ eb }) => ({ next_nonce: eb("next_nonce", "+", by) }))
        .execute();
    await nonces(-1n);
    counted = 0n;
    for (let time = 0; time < 2; time += 1)
      await expect(sender.advance(next)).rejects.toMatchObject({ code: "COPY_BEHIND_CHAIN" });
    await expect(identity.confirm()).rejects.toMatchObject({ code: "COPY_BEHIND_CHAIN" });
    expect(sent.size).toBe(1);
    // The newest one is found and put back.
    await nonces(1n);
    counted = null;
    await sender.advance(next);
    expect(sent.size).toBe(2);
    // One that knows the nonces, and whose books are of before, is compared with the chain.
    await identity.confirm();
    const block = (by: bigint) =>
      db
        .updateTable("chain_cursor")
        .set(({ eb }) => ({ block_number: eb("block_number", "+", by) }))
        .execute();
    await db
      .insertInto("chain_cursor")
      .values({ block_number: 1n, block_hash: Buffer.alloc(32), block_time: 1n })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await identity.confirm();
    await block(-1n);
    counted = 99n;
    await expect(identity.confirm()).rejects.toMatchObject({ code: "COPY_BEHIND_CHAIN" });
    counted = null;
    await identity.confirm();
    await service.stop();
  });
});

describe("the decimals of a unit", () => {
  it.each([
    [18, 10n ** 12n, 6],
    [6, 1n, 6],
    [6, 1_000n, 3],
    [6, 1_000_000n, 0],
    [6, 10_000_000n, null],
    [6, 7n, null],
    [6, 20n, null],
    [6, 0n, null],
  ])("of a token with %i at scale %i are %p", (tokenDecimals, scale, decimals) => {
    expect(displayDecimals(tokenDecimals, scale)).toBe(decimals);
  });
});
