import { randomBytes } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createKeySigner } from "@tallystick/evm/ethers";
import { type SoftHsm, startSoftHsm } from "@tallystick/keystore/testing";
import { makeDevelopmentKey } from "@tallystick/program";
import { fromHex, toHex } from "@tallystick/protocol";
import { projectRoot } from "@tallystick/stack";
import { transferCall } from "@tallystick/vault";
import { GWEI_WEI } from "../src/books/gas/limits.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { boundKeys } from "../src/chain/accounts/bound-keys.ts";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { findLostWork } from "../src/chain/lost/lost-work.ts";
import { backupCommand, restoreCommand } from "../src/commands/backup-commands.ts";
import { keysCommand } from "../src/commands/keys-command.ts";
import { assertBound } from "../src/foundation/database/installation.ts";
import type { RotationReport } from "../src/operations/keys/rotation-steps.ts";
import { FormerTreasuryProbe } from "../src/operations/readiness/probes/former-treasury-probe.ts";
import { ChainWatcher } from "../src/vouchers/chain-events/chain-watcher.ts";
import { eventually } from "./harness/eventually.ts";
import { faultyRpc, Killed } from "./harness/faulty-rpc.ts";
import { type HsmKeys, hsmKeys } from "./harness/hsm/keys-in-hsm.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { booksBecome } from "./harness/readiness.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { emptyDatabase } from "./harness/shared-cluster.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const page = readFileSync(join(projectRoot(), "docs/operating/keys.md"), "utf8");

/** What ends a transaction that was only looked at. */
class Undone extends Error {}

/** The printed commands of one heading of the page, and the settings that it has named. */
function printed(heading: string) {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const blocks = [...section.matchAll(/```(json)?\n([\s\S]*?)\n```/g)];
  const commands = blocks.filter(([, kind]) => kind !== "json").flatMap(([, , text = ""]) => text.split("\n"));
  const [settings] = blocks.filter(([, kind]) => kind === "json").map(([, , text = "{}"]) => text);
  return { commands, settings: JSON.parse(settings ?? "{}") as Record<string, unknown> };
}

describe("the rotation of keys, as its page prints it", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let database: string;
  let folder: string;
  let hsm: SoftHsm;
  let inHsm: HsmKeys;
  let terminal: TestTerminal;
  let card: TestCard;
  let other: TestCard;
  let settings: Record<string, unknown> = {};
  const accounts: Record<string, string> = {};

  /** A key under a name of the page, in a file or in the HSM that a file names; of an account, with coin. */
  async function draw(name: string, { keyId = 1, place = "file" } = {}): Promise<void> {
    const secret = randomBytes(32);
    if (place === "hsm") inHsm.file(name.replace(".json", ""), secret, folder);
    else makeDevelopmentKey(join(folder, name), secret, keyId);
    const account = toHex(createKeySigner(secret).address);
    accounts[name] = account;
    await harness.rpc("anvil_setBalance", [account, "0xde0b6b3a7640000"]);
  }

  /** Names of files as the page has them, in the folder of the configuration. */
  const placed = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, each: unknown) =>
      typeof each === "string" && each.endsWith(".json") ? join(folder, each) : each,
    );

  async function restart(change: Record<string, unknown>): Promise<void> {
    await service.stop();
    settings = { ...settings, ...(placed(change) as Record<string, unknown>) };
    service = await harness.start(database, settings);
  }

  /** Follows one printed command as it stands. */
  async function follow(command: string): Promise<{ readonly exit: number; readonly report: RotationReport }> {
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
    expect(words.slice(0, 3)).toEqual(["tallystick-settlement", "keys", "rotate"]);
    const { line, exit } = await keysCommand([...(placed(words.slice(2)) as string[]), "--json"]);
    return { exit, report: JSON.parse(line) as RotationReport };
  }

  const untilDone = (command: string) =>
    eventually(
      () => follow(command),
      ({ exit }) => exit === 0,
    );
  const waiting = ({ steps }: RotationReport) => steps.find(({ state }) => state === "waits")?.step;

  /** A payment becomes final, and chain and books say the same; answers who sent its batch. */
  async function pays(): Promise<string> {
    const bundle = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [bundle] }) });
    const { body } = await eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(bundle)}`),
      (answer) => answer.body.state === "final",
    );
    await balanced();
    const receipt = (await harness.rpc("eth_getTransactionReceipt", [body.tx])) as { from: string };
    return receipt.from;
  }

  /** What a start with other keys comes to, before it changes anything. */
  async function startWith(files: { readonly treasury?: string; readonly gas?: string }): Promise<void> {
    const { db, config, signers, issuer } = service.platform;
    const of = (name: string | undefined) => (name === undefined ? {} : { address: fromHex(accounts[name] ?? "", 20) });
    const treasury = { ...signers.treasury, ...of(files.treasury) };
    const gas = { ...(signers.gas ?? signers.treasury), ...of(files.gas) };
    await assertBound(db, config, boundKeys({ treasury, gas }, issuer));
  }

  const balanced = () => booksBecome(service);

  const tokens = (account: string | undefined) =>
    service.platform.contract.tokenBalance(fromHex(account ?? "", 20), "latest");

  /** A process sends the former treasury's tokens and is killed as it gives the node the bytes. */
  async function killedSending(): Promise<void> {
    const { db, rpc, signers, contract, config, clock } = service.platform;
    const killing = faultyRpc(rpc, { sendRaw: () => () => Promise.reject(new Killed()) });
    const confirmed = { confirm: () => Promise.resolve(), nonceGiven: () => undefined };
    const sender = new ChainSender(db, killing, confirmed, signers, contract, clock, config);
    const { id } = await db
      .selectFrom("chain_actions")
      .select("id")
      .where("kind", "=", "sweep-tokens")
      .executeTakeFirstOrThrow();
    await expect(sender.advance(id)).rejects.toBeInstanceOf(Killed);
  }

  /** How the tokens of former treasuries were sent over. */
  async function sweeps() {
    const rows = await service.platform.db
      .selectFrom("chain_actions")
      .innerJoin("chain_transactions", "chain_transactions.action_id", "chain_actions.id")
      .select(["chain_actions.state", (select) => select.fn.countAll<string>().as("count")])
      .where("kind", "=", "sweep-tokens")
      .groupBy(["chain_actions.id", "chain_actions.state"])
      .execute();
    return rows.map(({ state, count }) => ({ state, transactions: Number(count) }));
  }

  /** What the books say that an account has of the chain's own coin, wei. */
  async function bookedWei(name: string): Promise<bigint> {
    const ledger = createPostgresLedger(service.platform.db);
    const of = async (chart: string): Promise<bigint> => {
      const balance = (await ledger.account(`${chart}:${accounts[name] ?? ""}`))?.balance;
      return balance === undefined ? 0n : balance.debitsPosted - balance.creditsPosted;
    };
    return (await of("gas-wallet")) * GWEI_WEI + (await of("gas-wallet-rest"));
  }

  const heldWei = async (name: string) =>
    BigInt((await harness.rpc("eth_getBalance", [accounts[name], "latest"])) as string);

  /** What a start would find lost, if the database had none of an account's transactions. */
  async function lostWithout(name: string, rotation: { ended_at: null } | null = null): Promise<readonly string[]> {
    const { db, rpc, config, signers } = service.platform;
    let found: readonly string[] = [];
    const undone = db.transaction().execute(async (trx) => {
      await trx.updateTable("chain_cursor").set({ block_number: 0n }).execute();
      await trx
        .deleteFrom("chain_transactions")
        .where("account", "=", fromHex(accounts[name] ?? "", 20))
        .execute();
      if (rotation !== null) await trx.updateTable("key_rotations").set(rotation).execute();
      const { vault, token, startBlock } = config;
      const lost = await findLostWork({ db: trx, rpc, vault, token, signers, startBlock });
      found = lost?.transactions.map(({ did }) => did) ?? [];
      throw new Undone();
    });
    await expect(undone).rejects.toBeInstanceOf(Undone);
    return found;
  }

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    folder = dirname(harness.configFile);
    copyFileSync(join(folder, "issuer-key.json"), join(folder, "issuer-1.json"));
    // The gas wallets, and the treasury that will be a former one, sign in an HSM.
    hsm = startSoftHsm();
    inHsm = hsmKeys(hsm);
    inHsm.file("treasury-1", fromHex(harness.anvil.accounts[0]?.privateKey ?? "", 32), folder);
    await draw("gas-1.json", { place: "hsm" });
    await draw("gas-2.json", { place: "hsm" });
    await draw("treasury-2.json");
    await draw("issuer-2.json", { keyId: 2 });
    database = await harness.createDatabase();
    const keys = { chainKeyFile: "treasury-1.json", gas: { keyFile: "gas-1.json" } };
    settings = placed(keys) as Record<string, unknown>;
    service = await harness.start(database, settings);
    terminal = await certifiedTerminal(harness, service);
    card = await fundedCard(harness, service, "20.00");
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
    hsm.end();
  });

  it("of the gas wallet: what the former one has signed it ends, and its coin comes over once", async () => {
    expect(await pays()).toBe(accounts["gas-1.json"]);
    const { commands, settings: named } = printed("The gas wallet");
    const [look = "", announce = "", goOn = ""] = commands;
    if (process.env["TALLYSTICK_DRILLS"] !== undefined)
      await backupCommand(["--config", harness.configFile, "--file", join(folder, "before"), "--json"]);
    await expect(follow(goOn)).rejects.toMatchObject({ code: "ROTATION_UNKNOWN" });
    expect(waiting((await follow(look)).report)).toBe("announced");
    await expect(startWith({ gas: "gas-2.json" })).rejects.toMatchObject({ code: "GAS_WALLET_CHANGED" });
    // Two people announce at once, and it is one rotation.
    const both = await Promise.all([follow(announce), follow(announce)]);
    expect(both.map(({ report }) => waiting(report))).toEqual(["configured", "configured"]);
    // A batch that the former wallet has signed is in no block when the service ends.
    await harness.stopMining();
    await harness.rpc("evm_setAutomine", [false]);
    const held = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [held] }) });
    await eventually(
      () => service.platform.db.selectFrom("chain_actions").select("id").where("state", "=", "broadcast").execute(),
      (rows) => rows.length === 1,
    );
    await restart(named);
    // As if the HSM had been taken away and put back.
    hsm.endSessions();
    const during = await follow(goOn);
    expect([during.exit, waiting(during.report)]).toEqual([8, "drained"]);
    harness.startMining();
    await untilDone(goOn);
    const settled = await service.platform.db
      .selectFrom("settled_items")
      .select("voucher_id")
      .where("voucher_id", "=", fromHex(idOf(held), 32))
      .execute();
    expect(settled).toHaveLength(1);
    expect(await pays()).toBe(accounts["gas-2.json"]);
    expect(await bookedWei("gas-1.json")).toBe(await heldWei("gas-1.json"));
    // A database older than the rotation lacks what the new wallet sent. What the former one sends
    // now, whose key others may have, is nobody's proof of a lost state.
    const rotation = { ended_at: null };
    expect(await lostWithout("gas-2.json")).toEqual(["settled"]);
    expect(await lostWithout("gas-1.json")).toEqual([]);
    expect([...new Set(await lostWithout("gas-1.json", rotation))]).toEqual(["settled"]);
  });

  // Half a dozen seconds: `pnpm soak watch` asks for it. What follows then runs on the restored database.
  if (process.env["TALLYSTICK_DRILLS"] !== undefined)
    it("of the gas wallet, announced again where only a copy from before it is left", async () => {
      const { commands, settings: named } = printed("The gas wallet");
      const [, announce = "", goOn = ""] = commands;
      await service.stop();
      database = await emptyDatabase(harness.postgres);
      const restored = async (change: object): Promise<readonly string[]> => {
        const file = join(folder, "restored.json");
        const written: string[] = [];
        const config = JSON.parse(readFileSync(harness.configFile, "utf8")) as object;
        writeFileSync(file, JSON.stringify({ ...config, databaseUrl: database, ...(placed(change) as object) }));
        await restoreCommand(
          ["--config", file, "--file", join(folder, "before"), "--json", "--by", "ada", "--reason", "lost"],
          {
            ...{ rules: [], write: (line: string) => void written.push(line) },
          },
        );
        return written
          .map((line) => JSON.parse(line) as { result: string; code?: string })
          .flatMap(({ result, code }) => (result === "fault" ? [code ?? ""] : []));
      };
      // The keys of today follow none that the copy knows; those of then do, and the chain knows more than it.
      expect(await restored({})).toEqual(["GAS_WALLET_CHANGED"]);
      const then = { gas: { keyFile: "gas-1.json" }, formerChainKeyFiles: [] };
      expect(await restored(then)).toEqual(["COPY_BEHIND_CHAIN"]);
      expect(await restored({ ...then, restoreGeneration: 1 })).toEqual([]);
      settings = { ...settings, ...(placed({ ...then, restoreGeneration: 1 }) as object) };
      service = await harness.start(database, settings);
      expect(waiting((await follow(announce)).report)).toBe("configured");
      await restart(named);
      await untilDone(goOn);
      expect(await pays()).toBe(accounts["gas-2.json"]);
    });

  it("of the treasury: its tokens come over once, also when it is killed, and late ones as well", async () => {
    const { commands, settings: named } = printed("The treasury");
    const [look = "", announce = "", goOn = ""] = commands;
    const former = harness.treasury;
    await expect(startWith({ treasury: "treasury-2.json" })).rejects.toMatchObject({ code: "TREASURY_CHANGED" });
    expect(waiting((await follow(look)).report)).toBe("announced");
    await follow(announce);
    await pays();
    await restart({ ...named, roles: ["api"] });
    const moving = await tokens(former);
    await service.app.get(ChainWatcher).pass();
    // Planned while nobody sends, by two at once; then who sends it is killed twice as it does.
    await Promise.all([follow(goOn), follow(goOn)]);
    await killedSending();
    await killedSending();
    expect(await sweeps()).toEqual([{ state: "signed", transactions: 1 }]);
    await restart({ roles: ["api", "workers"] });
    await untilDone(goOn);
    expect(await sweeps()).toEqual([{ state: "final", transactions: 1 }]);
    expect([await tokens(former), await tokens(accounts["treasury-2.json"])]).toEqual([0n, moving]);
    await pays();
    // Somebody pays the former account: the tokens are the issuer's still.
    await harness.sendAs(
      accounts["treasury-2.json"] ?? "",
      transferCall({ to: fromHex(former, 20), baseUnits: 7n }),
      harness.token,
    );
    const held = () => new FormerTreasuryProbe(service.platform.db, service.platform.signers.treasury.address).look();
    await eventually(held, (found) => found.some(({ code }) => code === "FORMER_TREASURY_HOLDS"));
    // No block makes final what comes over before this command ends.
    await harness.stopMining();
    expect((await follow(goOn)).exit).toBe(8);
    harness.startMining();
    await untilDone(goOn);
    expect(await tokens(former)).toBe(0n);
    await eventually(held, (found) => found.length === 0);
    await balanced();
    // The new treasury funds cards, of which the former one still owns one.
    other = await fundedCard(harness, service, "5.00", accounts["treasury-2.json"]);
    await balanced();
    expect((await follow(goOn)).report.remains).toMatch(/owns 1 cards/);
    await expect(startWith({ treasury: "gas-1.json" })).rejects.toMatchObject({ code: "TREASURY_CHANGED" });
    const back = announce.replace("treasury-2.json", "treasury-1.json");
    await expect(follow(back)).rejects.toMatchObject({ code: "ROTATION_ACCOUNT_IN_USE" });
  });

  it("of the issuer: both keys sign until no card depends on the former one", async () => {
    const { commands, settings: named } = printed("The issuer's key");
    const [look = "", goOn = ""] = commands;
    expect(waiting((await follow(look)).report)).toBe("configured");
    await restart(named);
    expect(waiting((await follow(goOn)).report)).toBe("published");
    expect((await service.call("GET", "/v1/status-list")).status).toBe(200);
    const begun = await follow(goOn);
    expect(waiting(begun.report)).toBe("cards");
    expect(begun.report.steps.find(({ step }) => step === "cards")?.detail).toMatch(/^0 cards .* 2 that/);
    await pays();
    // The cards come to a station; what the last step prints is named.
    for (const each of [card, other]) {
      const body = { issuerKeyId: 2, reason: "a new key" };
      const path = `/v1/cards/${toHex(each.address)}/keys`;
      const moved = await service.call("POST", path, { body, token: ISSUER_TOKEN });
      each.load(moved.body.allowance as { body: string; signature: string });
    }
    const moved = (await follow(goOn)).report;
    expect([waiting(moved), moved.done]).toEqual(["retired", false]);
    const next = moved.steps.find(({ step }) => step === "retired")?.next ?? "";
    const former = JSON.parse(/\{.*\}/.exec(next)?.[0] ?? "{}") as unknown;
    await restart({ parallelIssuerKeyFiles: [], formerIssuerKeys: [former] });
    expect((await follow(goOn)).exit).toBe(0);
    await pays();
    await expect(follow(look.replace("issuer-2", "gas-1"))).rejects.toMatchObject({ code: "ISSUER_KEY_ID_TAKEN" });
  });
});
