import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { buildBatchPayload, settleCall } from "@tallystick/vault";
import { startTcpProxy } from "@tallystick/stack";
import { Redis } from "ioredis";
import pg from "pg";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { BatchBuilder } from "../src/vouchers/batches/batch-builder.ts";
import { ChainWatcher } from "../src/vouchers/chain-events/chain-watcher.ts";
import { Compensator } from "../src/vouchers/forks/compensator.ts";
import { allow } from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { booksBecome, reasonsBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type TestAnswer,
  type TestService,
  type SettlementHarness,
  IN_A_THREAD,
} from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";

describe("what may happen while money moves", () => {
  let harness: SettlementHarness;
  const running: TestService[] = [];

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
  });
  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
  });
  afterAll(async () => {
    await harness.stop();
  });

  async function start(database: string, change: Record<string, unknown> = {}): Promise<TestService> {
    const service = await harness.start(database, { ...IN_A_THREAD, ...change });
    running.push(service);
    return service;
  }
  const stateOf = async (service: TestService, bundle: VoucherBundle) =>
    (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body.state as string;
  const allFinal = (service: TestService, bundles: readonly VoucherBundle[]) =>
    eventually(
      async () => Promise.all(bundles.map((bundle) => stateOf(service, bundle))),
      (states) => states.every((state) => state === "final"),
    );
  const balanced = (service: TestService) => booksBecome(service, { acceptedUnpaid: "0.00" });
  const owed = async (service: TestService, payee: Uint8Array) =>
    (await service.platform.contract.merchant(payee, "latest")).earned;

  it("loses nothing when Redis loses everything, again and again, under load", async () => {
    const service = await start(await harness.createDatabase());
    const redis = new Redis(harness.redis.url);
    try {
      const terminal = await certifiedTerminal(harness, service);
      const cards = [await fundedCard(harness, service, "30.00"), await fundedCard(harness, service, "30.00")];
      const bundles: VoucherBundle[] = [];
      for (let round = 0; round < 8; round += 1) {
        const vouchers = [];
        for (const card of cards)
          vouchers.push(await card.pay({ payee: terminal.payee, amount: 10_000n, terminalId: terminal.terminalId }));
        bundles.push(...vouchers);
        const answer = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
        expect(answer.status).toBe(200);
        await redis.flushall();
      }
      await allFinal(service, bundles);
      expect(await owed(service, terminal.payee)).toBe(160_000n);
      await balanced(service);
    } finally {
      redis.disconnect();
    }
  });

  it("answers 503 while sessions of the database end under it, and gives every repeat one effect", async () => {
    const url = await harness.createDatabase();
    const proxy = await startTcpProxy(harness.postgres);
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    try {
      const service = await start(proxy.through(url));
      const terminal = await certifiedTerminal(harness, service);
      const card = await fundedCard(harness, service, "30.00");
      const bundles: VoucherBundle[] = [];
      const refused: TestAnswer[] = [];
      const endSessions = () =>
        admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
      for (let round = 0; round < 12; round += 1) {
        const bundle = await card.pay({ payee: terminal.payee, amount: 10_000n, terminalId: terminal.terminalId });
        bundles.push(bundle);
        const body = await terminal.upload({ vouchers: [bundle] });
        if (round === 6) proxy.cut();
        await eventually(
          async () => {
            const [answer] = await Promise.all([service.call("POST", "/v1/uploads", { body }), endSessions()]);
            if (answer.status !== 200) {
              refused.push(answer);
              proxy.pass();
            }
            return answer.status;
          },
          (status) => status === 200,
        );
      }
      expect(refused.length).toBeGreaterThan(0);
      for (const { status, body, retryAfter } of refused) {
        expect([status, body.code, retryAfter]).toEqual([503, "DATABASE_UNAVAILABLE", "5"]);
        // Who must do what, and since when.
        expect([body.next, body.detail]).toEqual([
          expect.stringContaining("PostgreSQL"),
          expect.stringContaining("since"),
        ]);
      }
      await allFinal(service, bundles);
      expect(await owed(service, terminal.payee)).toBe(120_000n);
      await balanced(service);
      for (const one of running.splice(0)) await one.stop();
    } finally {
      await admin.end();
      await proxy.stop();
    }
  });

  it("takes vouchers while Redis and the chain's node are away, and settles them afterwards", async () => {
    const database = await harness.createDatabase();
    const before = await start(database);
    const terminal = await certifiedTerminal(harness, before);
    const card = await fundedCard(harness, before);
    await before.stop();
    running.splice(0);
    const alone = await start(database, { rpcUrl: "http://127.0.0.1:9", redisUrl: "redis://127.0.0.1:9" });
    const bundle = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    const answer = await alone.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [bundle] }) });
    expect(answer.body.results).toEqual([{ voucherId: idOf(bundle), status: "new", code: null }]);
    await alone.stop();
    running.splice(0);
    const after = await start(database);
    await allFinal(after, [bundle]);
  });

  it("runs in two processes at once with one effect", async () => {
    const database = await harness.createDatabase();
    const services = [await start(database), await start(database)];
    const [one, two] = services as [TestService, TestService];
    const terminal = await certifiedTerminal(harness, one);
    const card = await fundedCard(harness, one, "30.00");
    const bundles: VoucherBundle[] = [];
    for (let round = 0; round < 6; round += 1) {
      const bundle = await card.pay({ payee: terminal.payee, amount: 10_000n, terminalId: terminal.terminalId });
      bundles.push(bundle);
      const body = await terminal.upload({ vouchers: [bundle] });
      const answers = await Promise.all([
        one.call("POST", "/v1/uploads", { body }),
        two.call("POST", "/v1/uploads", { body }),
      ]);
      expect(
        answers.flatMap(({ body: seen }) => seen.results.map(({ status }: { status: string }) => status)).sort(),
      ).toEqual(["duplicate", "new"]);
    }
    await allFinal(one, bundles);
    expect(await owed(one, terminal.payee)).toBe(60_000n);
    await balanced(two);
  });

  it("gives every job that runs twice, and twice at once, one effect", async () => {
    const service = await start(await harness.createDatabase(), { roles: ["api"] });
    const workers = await start(running[0]?.platform.config.databaseUrl ?? "");
    const terminal = await certifiedTerminal(harness, workers);
    const other = await certifiedTerminal(harness, workers);
    const card = await fundedCard(harness, workers);
    await workers.stop();
    running.splice(1);
    const clone = card.clone();
    const pay = (from: typeof card, amount: bigint, { payee, terminalId }: typeof terminal) =>
      from.pay({ payee, amount, terminalId });
    const bundles = [await pay(card, 1_000_000n, terminal), await pay(clone, 2_000_000n, other)] as const;
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [bundles[0]] }) });
    await service.call("POST", "/v1/uploads", { body: await other.upload({ vouchers: [bundles[1]] }) });
    const batches = service.app.get(BatchBuilder);
    const watcher = service.app.get(ChainWatcher);
    const compensator = service.app.get(Compensator);
    const { db } = service.platform;
    // Batches are simulated on what the watcher has recorded.
    await watcher.pass();
    await eventually(
      async () => {
        await Promise.all([batches.pass(), batches.pass(), batches.pass()]);
        return db.selectFrom("batches").selectAll().execute();
      },
      (rows) => rows.length === 1,
    );
    const sender = service.app.get(ChainSender);
    await eventually(
      async () => {
        await Promise.allSettled([sender.pass(), sender.pass(), watcher.pass(), watcher.pass()]);
        return stateOf(service, bundles[0]);
      },
      (state) => state === "final",
    );
    const loser = Buffer.from(idOf(bundles[1]).slice(2), "hex");
    await Promise.all([compensator.consider(loser), compensator.consider(loser), compensator.consider(loser)]);
    expect(await db.selectFrom("compensations").selectAll().execute()).toHaveLength(1);
    await eventually(
      async () => {
        await Promise.allSettled([sender.pass(), sender.pass(), watcher.pass(), watcher.pass()]);
        await compensator.consider(loser);
        return stateOf(service, bundles[1]);
      },
      (state) => state === "compensated",
    );
    expect(await service.platform.contract.tokenBalance(other.payee, "latest")).toBe(2_000_000n);
    expect(await owed(service, terminal.payee)).toBe(1_000_000n);
    await balanced(service);
  });

  it("records a merchant that claimed by itself, before and after its upload, also beside a worthless item", async () => {
    const service = await start(await harness.createDatabase());
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const pay = () => card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    const [self, late] = [await pay(), await pay()];
    const { contract } = service.platform;
    const item = (bundle: VoucherBundle, parity: 0 | 1) => ({
      card: card.address,
      payee: terminal.payee,
      counter: bundle.message.counter,
      amount: bundle.message.amount,
      context: bundle.message.context,
      signature: bundle.signature,
      parity,
    });
    // Each voucher with both parities: one is right, the other is the worthless item that the vault
    // skips.
    const { payload } = buildBatchPayload({
      batchRoot: new Uint8Array(32),
      ledgerRoot: new Uint8Array(32),
      vouchers: [item(self, 0), item(self, 1), item(late, 0), item(late, 1)],
    });
    const [, , other] = harness.anvil.accounts;
    await harness.rpc("eth_sendTransaction", [
      { from: other?.address, to: toHex(contract.vault), data: toHex(settleCall(payload)) },
    ]);
    await eventually(
      async () =>
        service.platform.db.selectFrom("settled_items").selectAll().where("card", "=", card.address).execute(),
      (rows) => rows.length === 2,
    );
    const answer = await service.call("POST", "/v1/uploads", {
      body: await terminal.upload({ vouchers: [self, late] }),
    });
    expect(answer.body.results.map(({ status }: { status: string }) => status)).toEqual(["new", "new"]);
    expect(await Promise.all([self, late].map((bundle) => stateOf(service, bundle)))).toEqual(["final", "final"]);
    await balanced(service);
  });

  it("keeps a voucher that the card cannot cover yet, and pays it after the next deposit", async () => {
    const service = await start(await harness.createDatabase());
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service, "3.00");
    // Its issuer allowed it more than it holds.
    await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    const bundles: VoucherBundle[] = [];
    for (const amount of [2_000_000n, 1_500_000n])
      bundles.push(await card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId }));
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: bundles }) });
    await eventually(
      async () => Promise.all(bundles.map((bundle) => stateOf(service, bundle))),
      (states) => states.join() === "final,skipped",
    );
    await service.call("POST", `/v1/cards/${toHex(card.address)}/fundings`, {
      token: ISSUER_TOKEN,
      body: { amount: "1.00", key: "more", reason: "a test" },
    });
    await allFinal(service, bundles);
    await balanced(service);
  });

  it("shows as disputed what the issuer did not promise when the vault cannot pay it", async () => {
    const service = await start(await harness.createDatabase());
    const [terminalA, terminalB] = [
      await certifiedTerminal(harness, service),
      await certifiedTerminal(harness, service, { perTap: "1.00" }),
    ];
    const card = await fundedCard(harness, service);
    const clone = card.clone();
    const first = await card.pay({ payee: terminalA.payee, amount: 1_000_000n, terminalId: terminalA.terminalId });
    const tooMuch = await clone.pay({ payee: terminalB.payee, amount: 1_000_001n, terminalId: terminalB.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminalA.upload({ vouchers: [first] }) });
    await service.call("POST", "/v1/uploads", { body: await terminalB.upload({ vouchers: [tooMuch] }) });
    await allFinal(service, [first]);
    await eventually(
      () => stateOf(service, tooMuch),
      (state) => state === "disputed",
    );
    await balanced(service);
    const payout = await service.call("POST", "/v1/payouts", {
      token: OPERATOR_TOKEN,
      body: { payee: toHex(terminalB.payee), reason: "a test" },
    });
    expect(payout.body.code).toBe("NOTHING_OWED");
  });

  it("posts nothing more and reports it when a final block has another hash than before", async () => {
    const service = await start(await harness.createDatabase(), { roles: ["api"] });
    const watcher = service.app.get(ChainWatcher);
    await watcher.pass();
    await service.platform.db
      .updateTable("chain_cursor")
      .set({ block_hash: Buffer.alloc(32, 1) })
      .execute();
    const { block_number: stopped } = await service.platform.db
      .selectFrom("chain_cursor")
      .select("block_number")
      .executeTakeFirstOrThrow();
    await eventually(
      async () => (await service.platform.rpc.block("finalized"))?.number ?? 0n,
      (number) => number > stopped,
    );
    await expect(watcher.pass()).rejects.toMatchObject({ code: "FINALITY_BROKEN" });
    await expect(watcher.pass()).rejects.toMatchObject({ code: "FINALITY_BROKEN" });
    await reasonsBecome(service, ["FINALITY_BROKEN"]);
    const cursor = await service.platform.db
      .selectFrom("chain_cursor")
      .select("block_number")
      .executeTakeFirstOrThrow();
    expect(cursor.block_number).toBe(stopped);
  });

  it("settles with two nodes that agree", async () => {
    const service = await start(await harness.createDatabase(), { witnessRpcUrl: harness.anvil.rpc });
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const bundle = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [bundle] }) });
    await allFinal(service, [bundle]);
    await balanced(service);
  });

  it("refuses a database that belongs to another vault", async () => {
    const database = await harness.createDatabase();
    const service = await start(database);
    await service.stop();
    running.splice(0);
    // The node is away, or the vault itself would be found wrong first.
    const other = { vault: `0x${"34".repeat(20)}`, rpcUrl: "http://127.0.0.1:9" };
    await expect(harness.start(database, other)).rejects.toMatchObject({
      code: "INSTALLATION_MISMATCH",
    });
  });
});
