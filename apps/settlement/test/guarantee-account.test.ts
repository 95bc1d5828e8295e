import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createKeySigner } from "@tallystick/evm/ethers";
import { makeDevelopmentKey } from "@tallystick/program";
import { fromHex, toHex, type VoucherBundle } from "@tallystick/protocol";
import { approveCall, fundCall, refundCall, transferCall } from "@tallystick/vault";
import { createApplication } from "../src/application.ts";
import type { IssuerSigners } from "../src/chain/issuer-signers.ts";
import { POSTINGS, type Postings } from "../src/books/postings/postings.ts";
import { loadConfig } from "../src/foundation/config/load-config.ts";
import { createPlatform } from "../src/platform.ts";
import { ChainIdentity } from "../src/chain/chain-identity.ts";
import { ChainWatcher } from "../src/vouchers/chain-events/chain-watcher.ts";
import { openAccount } from "../src/vouchers/chain-events/open-account.ts";
import { fundByHand, mint } from "./harness/by-hand.ts";
import { eventually, holdsEventually } from "./harness/eventually.ts";
import { faultyRpc, type RpcFaults } from "./harness/faulty-rpc.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { metricsBecome, reasonsBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type SettlementHarness,
  type TestAnswer,
  type TestService,
} from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

/** Somebody who is neither the issuer nor a merchant. */
const OUTSIDER = `0x${"5a".repeat(20)}`;

describe("the account that compensations are paid from", () => {
  let harness: SettlementHarness;

  // Each test has a chain of its own: a vault's sums are those of all its cards.
  beforeEach(async () => {
    harness = await createHarness();
    harness.startMining();
  });
  afterEach(() => harness.stop());

  /** A key nobody has used, with gas and without tokens. */
  async function newAccount(): Promise<{ readonly keyFile: string; readonly address: string }> {
    const secret = randomBytes(32);
    const keyFile = join(dirname(harness.configFile), `key-${secret.toString("hex").slice(0, 8)}.json`);
    makeDevelopmentKey(keyFile, secret);
    const address = toHex(createKeySigner(secret).address);
    await harness.rpc("anvil_setBalance", [address, "0xde0b6b3a7640000"]);
    return { keyFile, address };
  }

  const guaranteeBy = (keyFile: string, change: Record<string, unknown> = {}) => ({
    guarantee: { bears: true, perCard: "1000.00", perPayeePerDay: "1000.00", keyFile, ...change },
  });

  async function send(from: string, to: string, baseUnits: bigint): Promise<void> {
    await harness.sendAs(from, transferCall({ to: fromHex(to, 20), baseUnits }), harness.token);
  }

  const reconciliation = (service: TestService) => service.call("GET", "/v1/reconciliation");
  /** Waits until the books have come to this figure at both sides, and asserts that nothing differs. */
  async function balanced(service: TestService, figures: Record<string, string>): Promise<TestAnswer["body"]> {
    const { body } = await eventually(
      () => reconciliation(service),
      ({ body: seen }) => Object.entries(figures).every(([name, value]) => seen.ledger?.[name] === value),
    );
    expect(body).toMatchObject({ chain: figures, ledger: figures, ledgerDifference: "0" });
    return body;
  }

  async function alarms(service: TestService): Promise<string[]> {
    const { body } = await service.call("GET", "/v1/readiness");
    return body.reasons.map(({ code }: { code: string }) => code);
  }

  function metric(text: string, name: string): number | undefined {
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(" ")[1]);
  }

  /** A copied card pays at two terminals; the second one's voucher is the issuer's to bear. */
  async function fork(service: TestService, amount: bigint): Promise<VoucherBundle> {
    const [one, two] = [await certifiedTerminal(harness, service), await certifiedTerminal(harness, service)];
    const card = await fundedCard(harness, service, "20.00");
    const clone = card.clone();
    const first = await card.pay({ payee: one.payee, amount, terminalId: one.terminalId });
    const second = await clone.pay({ payee: two.payee, amount, terminalId: two.terminalId });
    await service.call("POST", "/v1/uploads", { body: await one.upload({ vouchers: [first] }) });
    await becomes(service, first, "final");
    await service.call("POST", "/v1/uploads", { body: await two.upload({ vouchers: [second] }) });
    return second;
  }

  const becomes = (service: TestService, bundle: VoucherBundle, state: string) =>
    eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(bundle)}`),
      ({ body }) => body.state === state,
    );

  it("is refused at the start where it is the treasury's, or has no key", async () => {
    const chainKeyFile = harness.config["chainKeyFile"] as string;
    const configOf = (keyFile: string, change: Record<string, unknown> = {}) => {
      const databaseUrl = "postgres://127.0.0.1/nothing";
      const config = { ...harness.config, databaseUrl, ...guaranteeBy(keyFile), ...change };
      const path = join(dirname(harness.configFile), "refused.json");
      writeFileSync(path, JSON.stringify(config));
      return loadConfig(path);
    };
    expect(() => createPlatform(configOf(chainKeyFile))).toThrow(
      expect.objectContaining({ code: "GUARANTEE_ACCOUNT_SHARED", exit: "usage" }),
    );
    expect(() => createPlatform(configOf("nowhere.json"))).toThrow(
      expect.objectContaining({ code: "KEY_FILE_MISSING", exit: "keys" }),
    );
    // Also under another name of the file: the account counts.
    const copy = join(dirname(harness.configFile), "copy.json");
    makeDevelopmentKey(copy, fromHex(harness.anvil.accounts[0]?.privateKey ?? "", 32));
    for (const name of [copy, "copy.json"]) {
      const shared = expect.objectContaining({ code: "GUARANTEE_ACCOUNT_SHARED" });
      expect(() => createPlatform(configOf(name))).toThrow(shared);
    }
  });

  it("needs no key and publishes no account where the issuer bears nothing", async () => {
    const service = await harness.start(await harness.createDatabase(), {
      guarantee: { bears: false, perCard: "0", perPayeePerDay: "0" },
    });
    try {
      const { body } = await service.call("GET", "/v1/domain");
      expect(body.guarantee).toEqual({ bears: false, perCard: "0", perPayeePerDay: "0", account: null });
      expect((await service.call("GET", "/v1/readiness")).body.guarantee).toBeNull();
      await metricsBecome(service, (text) => {
        expect(metric(text, "tallystick_treasury_tokens_units")).toBeGreaterThan(0);
        expect(metric(text, "tallystick_guarantee_tokens_units")).toBeUndefined();
      });
      await balanced(service, { guarantee: "0.00" });
    } finally {
      await service.stop();
    }
  });

  it("waits with an alarm while it is empty, pays by itself when tokens come, and every unit is accounted for", async () => {
    const { keyFile, address } = await newAccount();
    const database = await harness.createDatabase();
    const service = await harness.start(database, guaranteeBy(keyFile));
    try {
      await balanced(service, { guarantee: "0.00" });
      // Before the treasury is in the books, both sides of them are empty.
      const { body: opened } = await eventually(
        () => reconciliation(service),
        ({ body }) => Number(body.ledger?.wallets ?? 0) > 0,
      );
      expect(opened.ledgerDifference).toBe("0");
      const { wallets } = opened.chain;
      expect((await service.call("GET", "/v1/domain")).body.guarantee.account).toBe(address);

      const owed = await fork(service, 3_000_000n);
      await becomes(service, owed, "compensating");
      await eventually(
        () => alarms(service),
        (codes) => codes.includes("GUARANTEE_NO_TOKENS"),
      );
      // The treasury could pay it many times over, and does not.
      const treasury = (Number(wallets) - 20).toFixed(2);
      await balanced(service, { wallets: treasury, guarantee: "0.00", cards: "17.00", owed: "3.00" });
      const { body: waiting } = await eventually(
        () => reconciliation(service),
        ({ body }) => body.issuerOwes?.ledger !== "0.00",
      );
      expect(waiting.issuerOwes).toEqual({ vouchers: "3.00", ledger: "3.00" });
      await metricsBecome(service, (text) => {
        expect(metric(text, "tallystick_issuer_owes_units")).toBe(3_000_000);
        expect(metric(text, "tallystick_guarantee_tokens_units")).toBe(0);
      });
      const { body: ready } = await holdsEventually(
        () => service.call("GET", "/v1/readiness"),
        ({ body }) => expect(body).toMatchObject({ ready: false, guarantee: { account: address, tokens: "0.00" } }),
      );
      expect(BigInt(ready.guarantee.gas)).toBeGreaterThan(0n);
      expect((await service.call("GET", "/")).body).toContain("GUARANTEE_NO_TOKENS");
      expect((await service.call("GET", "/console/books")).body).toContain("Owed by the issuer");

      // Too little: a unit less than what is owed, in tokens from outside.
      await send(harness.treasury, OUTSIDER, 5_000_000n);
      await send(OUTSIDER, address, 2_999_999n);
      await balanced(service, { guarantee: "2.999999" });
      await holdsEventually(
        () => alarms(service),
        (codes) => expect(codes).toContain("GUARANTEE_NO_TOKENS"),
      );
      const key = `compensate:${idOf(owed)}`;
      const action = () =>
        service.platform.db.selectFrom("chain_actions").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
      expect(await action()).toMatchObject({ state: "planned", nonce: null });

      await send(harness.treasury, address, 1_000_001n);
      await becomes(service, owed, "compensated");
      const done = await action();
      expect([toHex(done.account), done.nonce]).toEqual([address, 0n]);
      const attempts = service.platform.db
        .selectFrom("chain_transactions")
        .selectAll()
        .where("action_id", "=", done.id);
      expect(await attempts.execute()).toHaveLength(1);
      const paid = await balanced(service, { guarantee: "1.00", owed: "3.00", paidOut: "3.00" });
      expect(paid).toMatchObject({ acceptedUnpaid: "0.00", issuerOwes: { vouchers: "0.00", ledger: "0.00" } });
      await reasonsBecome(service, []);

      // Back to the treasury, and away to somebody else.
      await send(address, harness.treasury, 400_000n);
      await balanced(service, { guarantee: "0.60" });
      await send(address, OUTSIDER, 100_000n);
      const { minted } = (await balanced(service, { guarantee: "0.50" })).chain;
      // What somebody else gives the account comes in from outside.
      await send(OUTSIDER, address, 50_000n);
      const more = (await balanced(service, { guarantee: "0.55" })).chain;
      expect((Number(more.minted) - Number(minted)).toFixed(6)).toBe("0.050000");
    } finally {
      await service.stop();
    }

    // The same books under another key: the former account's tokens stay the issuer's.
    const next = await newAccount();
    const later = await harness.start(database, guaranteeBy(next.keyFile));
    try {
      await balanced(later, { guarantee: "0.55" });
      await send(address, next.address, 250_000n);
      await send(address, harness.treasury, 300_000n);
      await balanced(later, { guarantee: "0.25" });
      expect((await later.call("GET", "/v1/domain")).body.guarantee.account).toBe(next.address);
    } finally {
      await later.stop();
    }

    // An account that paid compensations never becomes the treasury.
    const turned = { ...harness.config, databaseUrl: database, chainKeyFile: keyFile, ...guaranteeBy(next.keyFile) };
    const path = join(dirname(harness.configFile), "turned.json");
    writeFileSync(path, JSON.stringify(turned));
    await expect(createApplication(createPlatform(loadConfig(path)), false)).rejects.toMatchObject({
      code: "GUARANTEE_ACCOUNT_SHARED",
    });
  });

  it("is the issuer's own, whichever way the vault moves its tokens", async () => {
    const { keyFile, address } = await newAccount();
    await send(harness.treasury, address, 50_000_000n);
    const service = await harness.start(await harness.createDatabase(), guaranteeBy(keyFile));
    const call = async (path: string, body: unknown) => {
      const answer = await service.call("POST", path, {
        body,
        token: path.includes("merchants") ? ISSUER_TOKEN : OPERATOR_TOKEN,
      });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.body;
    };
    /** A terminal whose payee is this account. */
    const terminalOf = async (payee: string) => {
      const terminal = new TestTerminal(harness.domain, fromHex(payee, 20));
      terminal.certificate = await call("/v1/merchants", terminal.certificateRequest());
      return terminal;
    };
    const paidAt = async (terminal: TestTerminal, card: TestCard, amount: bigint) => {
      const bundle = await card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
      await call("/v1/uploads", await terminal.upload({ vouchers: [bundle] }));
      return bundle;
    };
    try {
      const card = await fundedCard(harness, service, "10.00");
      await balanced(service, { guarantee: "50.00", cards: "10.00" });
      await harness.sendAs(address, approveCall(harness.domain.vault), harness.token);
      await harness.sendAs(address, fundCall({ card: card.address, units: 2_000_000n }));
      await balanced(service, { guarantee: "48.00", cards: "12.00" });

      const own = await terminalOf(address);
      const sale = await paidAt(own, card, 1_000_000n);
      await becomes(service, sale, "final");
      await balanced(service, { guarantee: "48.00", cards: "11.00", owed: "1.00" });
      await call("/v1/payouts", { payee: address, reason: "a test" });
      await balanced(service, { guarantee: "49.00", owed: "0.00", paidOut: "0.00" });
      await harness.sendAs(address, refundCall({ card: card.address, units: 500_000n }));
      await balanced(service, { guarantee: "48.50", cards: "11.50" });

      // Compensations of payees that are accounts of the issuer themselves.
      const clone = card.clone();
      const again = card.clone();
      await becomes(service, await paidAt(await terminalOf(OUTSIDER), card, 2_000_000n), "final");
      await becomes(service, await paidAt(own, clone, 2_000_000n), "compensated");
      await balanced(service, { guarantee: "48.50", cards: "9.50", owed: "2.00", paidOut: "0.00" });
      const { wallets } = (await reconciliation(service)).body.ledger;
      await becomes(service, await paidAt(await terminalOf(harness.treasury), again, 2_000_000n), "compensated");
      const report = await balanced(service, { guarantee: "46.50", wallets: (Number(wallets) + 2).toFixed(2) });
      expect(report).toMatchObject({ acceptedUnpaid: "0.00", issuerOwes: { vouchers: "0.00", ledger: "0.00" } });
    } finally {
      await service.stop();
    }
  });

  it("opens with what it holds where the books are older than it, and pays what was owed before", async () => {
    const { keyFile, address } = await newAccount();
    const database = await harness.createDatabase();
    const before = await harness.start(database, guaranteeBy(keyFile));
    let owed: VoucherBundle;
    try {
      owed = await fork(before, 2_000_000n);
      await becomes(before, owed, "compensating");
      await eventually(
        () => alarms(before),
        (codes) => codes.includes("GUARANTEE_NO_TOKENS"),
      );
    } finally {
      await before.stop();
    }
    // As a database was before the guarantee had an account: planned for the treasury, no such
    // account in the books, and no voucher marked as owed.
    const { db } = createPlatform(loadConfig(harness.configFile));
    const treasury = fromHex(harness.treasury, 20);
    await db.updateTable("chain_actions").set({ account: treasury }).where("kind", "=", "compensate").execute();
    await db.schema.alterTable("guarantee_accounts").renameTo("accounts_of_before").execute();
    await db.schema
      .createTable("guarantee_accounts")
      .addColumn("address", "bytea", (column) => column.primaryKey())
      .addColumn("opened_block", "bigint", (column) => column.notNull())
      .execute();
    await db.destroy();
    // Both ways in which tokens may have come to it while nobody followed it.
    await send(harness.treasury, address, 2_500_000n);
    await mint(harness, address, 250_000n);
    const after = await harness.start(database, guaranteeBy(keyFile));
    try {
      await becomes(after, owed, "compensated");
      const report = await balanced(after, { guarantee: "0.75", paidOut: "2.00" });
      expect(report).toMatchObject({ acceptedUnpaid: "0.00", issuerOwes: { vouchers: "0.00", ledger: "0.00" } });
    } finally {
      await after.stop();
    }
  });

  it("is never passed over by a process that did not ask for its transfers", async () => {
    const { keyFile, address } = await newAccount();
    const service = await harness.start(await harness.createDatabase(), { roles: ["api"], ...guaranteeBy(keyFile) });
    const { db, rpc, contract, config, clock, signers } = service.platform;
    const postings = service.app.get<Postings>(POSTINGS);
    const watcher = (faults: RpcFaults, guarantee: IssuerSigners["guarantee"]) =>
      new ChainWatcher(
        db,
        postings,
        clock,
        config,
        faultyRpc(rpc, faults),
        contract,
        { ...signers, guarantee },
        service.app.get(ChainIdentity),
      );
    try {
      await watcher({}, null).pass();
      await send(harness.treasury, address, 5_000_000n);
      await harness.mine(3);
      // Another process opens the account between the question for the logs and their taking in.
      const overtaken = watcher(
        {
          logs: (real) => async (filter) => {
            const found = await real.logs(filter);
            await openAccount({ db, contract, postings }, { account: fromHex(address, 20), as: "guarantee" }, config);
            return found;
          },
        },
        null,
      );
      await expect(overtaken.pass()).rejects.toMatchObject({ code: "ACCOUNTS_CHANGED" });
      await watcher({}, signers.guarantee).pass();
      await balanced(service, { guarantee: "5.00" });
    } finally {
      await service.stop();
    }
  });

  it("counts what is withheld as owed, also where that was decided before there was a line for it", async () => {
    const service = await harness.start(
      await harness.createDatabase(),
      guaranteeBy(harness.guaranteeKeyFile, { perCard: "1.00" }),
    );
    try {
      const withheld = await fork(service, 3_000_000n);
      await becomes(service, withheld, "withheld");
      const both = { vouchers: "3.00", ledger: "3.00" };
      const seen = await eventually(
        () => reconciliation(service),
        ({ body }) => body.issuerOwes?.ledger === "3.00",
      );
      expect(seen.body).toMatchObject({ issuerOwes: both, ledgerDifference: "0" });

      const terminal = await certifiedTerminal(harness, service);
      const card = await fundedCard(harness, service, "2.00");
      const over = await card.pay({ payee: terminal.payee, amount: 4_000_000n, terminalId: terminal.terminalId });
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [over] }) });
      await becomes(service, over, "skipped");
      const { db } = service.platform;
      await db
        .updateTable("vouchers")
        .set({ state: "withheld" })
        .where("id", "=", fromHex(idOf(over), 32))
        .execute();
      const adopted = await eventually(
        () => reconciliation(service),
        ({ body }) => body.issuerOwes?.ledger === "7.00",
      );
      expect(adopted.body).toMatchObject({ issuerOwes: { vouchers: "7.00", ledger: "7.00" }, ledgerDifference: "0" });

      // The vault pays it after all: then nothing of it is owed.
      await db
        .updateTable("vouchers")
        .set({ state: "received" })
        .where("id", "=", fromHex(idOf(over), 32))
        .execute();
      // A card that paid above every allowance is revoked: the issuer deposits nothing more.
      await fundByHand(harness, card, 2_000_000n);
      await becomes(service, over, "final");
      const paid = await eventually(
        () => reconciliation(service),
        ({ body }) => body.issuerOwes?.ledger === "3.00",
      );
      expect(paid.body).toMatchObject({ issuerOwes: both, ledgerDifference: "0" });
    } finally {
      await service.stop();
    }
  });
});
