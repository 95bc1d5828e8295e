import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { leafHash, verifyConsistency, verifyInclusion } from "@tallystick/ledger-core";
import { fromHex, toAddress, toChecksumAddress, toHex } from "@tallystick/protocol";
import { type CheckResult, makeDevelopmentKey, runChecks } from "@tallystick/program";
import { sql } from "kysely";
import { proveBooks, proveLog } from "../src/books/ledger/proof/prove-books.ts";
import { backupCommand, restoreCommand, restoreDrillCommand } from "../src/commands/backup-commands.ts";
import { peopleCommand } from "../src/commands/people-commands.ts";
import { loadConfig } from "../src/foundation/config/load-config.ts";
import { restoreCopy } from "../src/foundation/database/copies/restored-database.ts";
import { describeCopy, takeCopy } from "../src/foundation/database/copies/take-copy.ts";
import { createDatabase, createPool, type Database } from "../src/foundation/database/database.ts";
import { migrations } from "../src/migrations.ts";
import { copyChecks } from "../src/operations/backup/copy-checks.ts";
import { installationChecks } from "../src/operations/check/installation-checks.ts";
import { proofCommand } from "../src/verify/proof-command.ts";
import { receiptCommand } from "../src/verify/receipt-command.ts";
import { closePlatform, createPlatform } from "../src/platform.ts";
import { eventually, holdsEventually } from "./harness/eventually.ts";
import { emptyDatabase, ownDatabase } from "./harness/shared-cluster.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { auditedActions } from "./harness/people/audit.ts";
import { merchantBrowser, type TestBrowser } from "./harness/people/browser.ts";
import { createHarness, type TestService, type SettlementHarness } from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

/** Of `GET /v1/reconciliation`. */
interface AnchorReport {
  readonly anchored: number;
  readonly newest: unknown;
  readonly disagreeing: readonly { readonly batch: string }[];
}

describe("the ledger's log", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const get = (path: string) => service.call("GET", path).then(({ body }) => body);
  /** Once it holds: a reading that was under way before is answered too. */
  const anchors = (holds: (report: AnchorReport) => boolean): Promise<AnchorReport> =>
    eventually(() => get("/v1/reconciliation").then(({ anchors: report }) => report as AnchorReport), holds);
  const pageSays = (text: string) =>
    eventually(
      async () => (await service.call("GET", "/console/books")).body as string,
      (page) => page.includes(text),
    );

  /** Settles a payment; answers its id and its final batch. */
  async function settled(amount: bigint) {
    const card = await fundedCard(harness, service);
    const sale = await card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    const { batch } = await eventually(
      () => get(`/v1/vouchers/${idOf(sale)}`),
      ({ state }) => state === "final",
    );
    return { id: idOf(sale), batch: await get(`/v1/batches/${batch}`) };
  }

  /** A merchant sees its own with its proof, and another one nothing of it. */
  async function showsOwn({ id, batch }: Awaited<ReturnType<typeof settled>>): Promise<void> {
    const own = await merchantBrowser(service, terminal.payee);
    const other = await merchantBrowser(service, (await certifiedTerminal(harness, service)).payee);
    const read = async (browser: TestBrowser, path: string) => {
      const { status, text } = await browser.get(path);
      return status === 200 ? JSON.parse(text) : status;
    };
    const { vouchers } = await read(own, "/v1/own/vouchers");
    expect([vouchers.length, vouchers[0].id, vouchers[0].state]).toEqual([2, id, "final"]);
    expect((await read(own, `/v1/own/vouchers?before=${id}`)).vouchers).toHaveLength(1);
    expect((await read(own, "/v1/own")).terminals).toMatchObject([{ terminalId: toHex(terminal.terminalId) }]);
    expect((await read(own, "/v1/own/batches")).batches[0]).toMatchObject({
      id: batch.id,
      vouchers: 1,
      amount: "2.00",
    });
    expect((await read(own, `/v1/own/vouchers/${id}`)).state).toBe("final");
    const receipts = `/v1/own/terminals/${toHex(terminal.terminalId)}/receipts`;
    expect((await read(own, receipts)).receipts).toHaveLength(2);
    const { hold, paid } = await read(own, `/v1/own/vouchers/${id}/proof`);
    expect([hold.batch, hold.tx, hold.root]).toEqual([batch.id, batch.tx, batch.ledgerRoot]);
    expect(paid === null || paid.entry.includes(`paid:${id}`)).toBe(true);
    const leaf = leafHash(new TextEncoder().encode(hold.entry));
    const claim = { leaf, index: hold.index, size: hold.size, root: fromHex(hold.root), path: hold.path.map(bytes) };
    expect(verifyInclusion(claim)).toBe(true);
    // What it is given is judged without the service, by the issuer's key and the root on the chain.
    const folder = mkdtempSync(join(tmpdir(), "own-files-"));
    const file = join(folder, "file.json");
    const saved = (content: string): string => (writeFileSync(file, content), file);
    const proofFile = saved((await own.get(`/v1/own/vouchers/${id}/proof`)).text);
    const given = ["--root", batch.ledgerRoot, ...(paid === null ? [] : ["--root", paid.root])];
    expect(proofCommand([proofFile, ...given]).accepted).toBe(true);
    const [key] = (await get("/v1/domain")).issuerKeys as readonly { readonly publicKey: string }[];
    const receiptsFile = saved((await own.get(receipts)).text);
    expect(receiptCommand([receiptsFile, "--issuer-key", key?.publicKey ?? ""]).accepted).toBe(true);
    rmSync(folder, { recursive: true });
    const page = (await own.get("/own")).text;
    expect([page.includes(id), page.includes("2.00 TUSD")]).toEqual([true, true]);
    const older = (await own.get(`/own?before=${id}`)).text;
    expect([older.includes(id), older.includes("1.00 TUSD")]).toEqual([false, true]);
    const links = [...page.matchAll(/href="(\/v1\/own[^"]+)"/g)].map(
      ([, href]) => href?.replaceAll("&amp;", "&") ?? "",
    );
    expect(links.filter((href) => href.includes("/statements?"))).toHaveLength(6);
    expect(links).toEqual(expect.arrayContaining([receipts, `/v1/own/vouchers/${id}/proof`]));
    for (const href of links) expect([href, (await own.get(href)).status]).toEqual([href, 200]);
    const today = new Date().toISOString().slice(0, "2026-11-29".length);
    const statement = `/v1/own/statements?from=${today}&to=${today}`;
    const drawn = await read(own, statement);
    expect([drawn.payee, drawn.lines.some(({ voucher }: { voucher: string }) => voucher === id)]).toEqual([
      ...[toHex(terminal.payee), true],
    ]);
    expect(await read(own, `${statement}&format=xml`)).toBe(400);
    // What a browser is refused it reads as a page, which leads back to what is its own.
    const html = { accept: "text/html" };
    const staff = `/v1/merchants/${toHex(terminal.payee)}/statements?from=today&to=${today}`;
    for (const [path, status, code] of [
      [`/v1/own/statements?from=30.11.2026&to=${today}`, 400, "MALFORMED_BODY"],
      [staff, 403, "FORBIDDEN"],
      ["/console", 403, "FORBIDDEN"],
    ] as const) {
      const refused = await own.get(path, html);
      expect([path, refused.status, refused.text.includes(code)]).toEqual([path, status, true]);
      expect([...refused.text.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href)).toEqual(["/own"]);
    }
    expect((await own.get(`/v1/own/statements?from=${today}&to=gestern`)).code).toBe("MALFORMED_BODY");
    expect(await read(own, "/v1/own/statements?from=2026-11-29&to=2026-11-28")).toBe(422);
    // Nobody gets a signed statement of an address that is nobody's, nor is invited to see it.
    const nobody = toHex(toAddress(randomBytes(20)));
    const days = `from=${today}&to=${today}`;
    const asked = await service.call("GET", `/v1/merchants/${nobody}/statements?${days}`);
    expect([asked.status, asked.body.code]).toEqual([404, "NOT_FOUND"]);
    // An address is the same as wallets show it.
    const [known, shown] = [toHex(terminal.payee), toChecksumAddress(terminal.payee)];
    const other55 =
      shown === known
        ? known
        : `0x${[...shown.slice(2)].map((it) => (it === it.toLowerCase() ? it.toUpperCase() : it.toLowerCase())).join("")}`;
    const read55 = async (path: string) => (await service.call("GET", path)).status;
    expect([
      await read55(`/v1/merchants/${shown}/statements?${days}`),
      await read55(`/console/merchants/${shown}`),
      await read55(`/v1/merchants/${other55}/statements?${days}`),
      ((await service.call("GET", `/console/books?account=owed:${shown}`)).body as string).includes(`owed:${known}`),
    ]).toEqual([200, 200, 400, true]);
    const invite = async (payee: string) =>
      await peopleCommand(
        ["invite", "kim", "--role", "merchant", "--payee", payee, "--config", harness.configFile, "--by", "ada"],
        Date.now,
      );
    await expect(invite(nobody)).rejects.toMatchObject({ code: "PAYEE_UNKNOWN" });
    // Whatever it asks for, a merchant gets its own.
    for (const query of [statement, `${statement}&payee=${toHex(terminal.payee)}`, `${statement}&format=csv`]) {
      const { status, text } = await other.get(query);
      expect([status, text.includes(toHex(terminal.payee)), text.includes(id)]).toEqual([200, false, false]);
    }
    expect(await read(other, `/v1/merchants/${toHex(terminal.payee)}/statements?from=${today}&to=${today}`)).toBe(403);

    for (const path of [
      `/v1/own/vouchers/${id}`,
      `/v1/own/vouchers/${id}/proof`,
      `/v1/own/vouchers?before=${id}`,
      `/own?before=${id}`,
      receipts,
    ])
      expect([path, await read(other, path)]).toEqual([path, 404]);
    expect((await read(other, "/v1/own/vouchers")).vouchers).toEqual([]);
    expect((await read(other, "/v1/own/batches")).batches).toEqual([]);
    expect((await other.get("/own")).text).not.toContain(toHex(terminal.payee));
    for (const path of [`/v1/vouchers/${id}`, "/v1/batches", "/console"])
      expect([path, await read(own, path)]).toEqual([path, 403]);
    const root = await own.get("/");
    expect([root.status, root.headers["location"]]).toEqual([303, "/own"]);
  }

  /** The journal and an account are told in the unit of their account: gas and the audit log are no tokens. */
  async function showsUnits(): Promise<void> {
    // Fees are booked when a final block has used the nonce, and nobody waits for it.
    await holdsEventually(
      async () => (await service.call("GET", "/console/books")).body as string,
      (journal) => {
        const rows = journal
          .slice(journal.indexOf("Journal"))
          .split("<tr")
          .map((row) => row.replaceAll(/<[^>]*>/g, " "));
        const unitsOf = (posting: string) =>
          new Set(rows.filter((row) => row.includes(posting)).map((row) => / [0-9.]+ (\w+) +2/.exec(row)?.[1]));
        expect([unitsOf("paid:0x"), unitsOf("audit:heads")]).toEqual([new Set(["TUSD"]), new Set(["heads"])]);
        expect(unitsOf("gas-spent")).toEqual(new Set(["gwei", "wei"]));
      },
    );
    const account = async (query: string) => (await service.call("GET", `/console/books?account=${query}`)).body;
    await holdsEventually(
      () => account("gas-spent:settle"),
      (page) => expect(page).toMatch(/held <b>[1-9][0-9]* gwei<\/b>/),
    );
    expect(await account("treasury")).toMatch(/held <b>[0-9.]+ TUSD<\/b>/);
    // A time that is none is not answered by another one.
    for (const at of ["yesterday", "30.11.2026"])
      expect(await account(`treasury&at=${at}`)).toEqual(expect.not.stringContaining(" held <b>"));
    expect(await account("treasury&at=2026-11-21")).toContain(" held <b>");
  }

  it("anchors its root of the planning time with every batch, and proves that a payment was in it", async () => {
    const first = await settled(1_000_000n);
    const second = await settled(2_000_000n);
    expect(second.batch.ledgerSize).toBeGreaterThan(first.batch.ledgerSize);
    const report = await anchors(({ anchored }) => anchored === 2);
    expect(report).toMatchObject({ anchored: 2, agreeing: 2, disagreeing: [] });
    expect(report.newest).toEqual({
      ...{ batch: second.batch.id, tx: second.batch.tx },
      ...{ size: second.batch.ledgerSize, root: second.batch.ledgerRoot },
    });

    await showsOwn(second);
    await showsUnits();
    const query = `entry=hold:${second.id}&size=${second.batch.ledgerSize}`;
    const held = await get(`/v1/ledger/proofs/inclusion?${query}`);
    expect(held).toMatchObject({ size: second.batch.ledgerSize, root: second.batch.ledgerRoot });
    expect(JSON.parse(held.entry).slice(0, 3)).toEqual(["tallystick.entry/1", `hold:${second.id}`, "hold"]);
    const leaf = leafHash(new TextEncoder().encode(held.entry));
    expect(toHex(leaf)).toBe(held.leafHash);
    const claim = { leaf, index: held.index, size: held.size, root: fromHex(held.root), path: held.path.map(bytes) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(await get(`/v1/ledger/proofs/inclusion?entry=${held.index}&size=${held.size}`)).toEqual(held);

    const { ledgerSize: from } = first.batch;
    const grown = await get(`/v1/ledger/proofs/consistency?from=${from}&to=${second.batch.ledgerSize}`);
    expect([grown.fromRoot, grown.toRoot]).toEqual([first.batch.ledgerRoot, second.batch.ledgerRoot]);
    const proof = { from, fromRoot: fromHex(grown.fromRoot), to: grown.to, toRoot: fromHex(grown.toRoot) };
    expect(verifyConsistency({ ...proof, path: grown.path.map(bytes) })).toBe(true);
    await pageSays("2 of 2 roots on the chain agree");
    // Each ends in the head of the audit log (spec §6.11).
    for (const { batch } of [first, second]) {
      const last = await get(`/v1/ledger/proofs/inclusion?entry=${batch.ledgerSize - 1}&size=${batch.ledgerSize}`);
      expect(JSON.parse(last.entry)[1]).toMatch(new RegExp(`^audit:[1-9]\\d*:0x[0-9a-f]{64}:${batch.id}$`));
    }
  });

  it("takes in what is booked after the last batch, by itself", async () => {
    const { id } = await settled(500_000n);
    const paid = await eventually(
      () => service.call("GET", `/v1/ledger/proofs/inclusion?entry=paid:${id}`),
      ({ status }) => status === 200,
    );
    const newest = await get("/v1/ledger/root");
    expect(newest.size).toBeGreaterThan(paid.body.index);
    expect(await get(`/v1/ledger/root?size=${paid.body.size}`)).toEqual({ size: paid.body.size, root: paid.body.root });
    expect(await get("/v1/ledger/root?size=0")).toEqual({
      size: 0,
      root: "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    });
  });

  it("refuses places and sizes that it does not have", async () => {
    const { size } = await get("/v1/ledger/root");
    for (const [path, status, code] of [
      [`root?size=${size + 1_000}`, 422, "LOG_RANGE"],
      ["root?size=-1", 400, "MALFORMED_BODY"],
      ["root?size=1&size=2", 400, "MALFORMED_BODY"],
      ["proofs/inclusion", 400, "MALFORMED_BODY"],
      ["proofs/inclusion?entry=paid:nobody", 404, "NOT_FOUND"],
      [`proofs/inclusion?entry=${size + 1_000}`, 404, "NOT_FOUND"],
      ["proofs/inclusion?entry=3&size=3", 422, "LOG_RANGE"],
      ["proofs/consistency", 400, "MALFORMED_BODY"],
      ["proofs/consistency?from=2&to=1", 422, "LOG_RANGE"],
      ["proofs/consistency?from=1x", 400, "MALFORMED_BODY"],
    ] as const) {
      const answer = await service.call("GET", `/v1/ledger/${path}`);
      expect([path, answer.status, answer.body.code]).toEqual([path, status, code]);
    }
  });

  describe("in a copy", () => {
    let folder: string;
    let config: string;
    const lines = (): CheckResult[] => written.map((line) => JSON.parse(line) as CheckResult);
    const found = () => lines().map((line) => [line.check, line.result === "fault" ? line.code : line.result] as const);
    let written: string[];

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "tallystick-copies-"));
      config = harness.configFile;
    });
    beforeEach(() => {
      written = [];
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    const options = { rules: [], write: (line: string) => void written.push(line) };
    const configured = (change: Record<string, unknown>): string => {
      const file = join(folder, `${randomBytes(4).toString("hex")}.json`);
      writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(config, "utf8")) as object), ...change }));
      return file;
    };
    const by = ["--by", "ada", "--reason", "the disk is gone"];
    const args = (file: string, settings = config) => ["--config", settings, "--file", join(folder, file), "--json"];
    const databases = async () => {
      const { rows } = await sql<{ datname: string }>`
        select datname from pg_database where datname like 'tallystick_restored_%'`.execute(service.platform.db);
      return rows;
    };

    it("is proved whole, or refused where the chain knows more, is another's or is damaged", async () => {
      const old = await backupCommand(args("old"));
      expect(JSON.parse(old.line)).toMatchObject({ schema: "tallystick.backup/1", bytes: expect.any(Number) });
      expect(statSync(join(folder, "old")).mode & 0o777).toBe(0o600);
      await expect(backupCommand(args("old"))).rejects.toMatchObject({ code: "FILE_EXISTS" });
      const { batch } = await settled(125_000n);
      // What a killed run left is no copy, and in nobody's way.
      writeFileSync(join(folder, "new.part"), "half");
      await backupCommand(args("new"));
      expect(existsSync(join(folder, "new.part"))).toBe(false);

      expect(await restoreDrillCommand(args("new"), options)).toBe(0);
      expect(found()).toEqual(
        [
          "file",
          "restored",
          "layout",
          "installation",
          "books",
          "log",
          "chain",
          "anchors",
          "money",
          "newest",
          "end",
        ].map((check) => [check, "ok"]),
      );
      expect(written.find((line) => line.includes('"money"'))).toContain("chain and books say the same");

      written = [];
      expect(await restoreDrillCommand(args("old"), options)).toBe(4);
      expect(found().filter(([, result]) => result !== "ok")).toEqual([["newest", "COPY_BEHIND_CHAIN"]]);
      const proof = written.find((line) => line.includes("COPY_BEHIND_CHAIN"));
      for (const named of [batch.tx, batch.ledgerRoot, "2 transactions", "1 of them"]) expect(proof).toContain(named);

      const otherKey = join(folder, "other-key.json");
      makeDevelopmentKey(otherKey, randomBytes(32));
      const copy = await restoreCopy(service.platform.config.databaseUrl, join(folder, "new"));
      /** The checks of a restored database that do not hold, or were left out. */
      const checked = async (db: Database, change: Record<string, unknown> = {}) => {
        const platform = createPlatform(loadConfig(configured(change)));
        const results: CheckResult[] = [];
        const report = (result: CheckResult) => void results.push(result);
        await runChecks(copyChecks({ ...platform, db, migrations }), { limitMs: 60_000, report });
        await closePlatform(platform);
        return {
          fault: results.find(({ result }) => result === "fault"),
          leftOut: results.filter(({ result }) => result === "left-out").length,
        };
      };
      for (const [change, code] of [
        [{ vault: harness.token }, "INSTALLATION_MISMATCH"],
        [{ chainId: 1337 }, "INSTALLATION_MISMATCH"],
        [{ chainKeyFile: otherKey }, "TREASURY_CHANGED"],
        [{ issuerKeyFile: otherKey }, "ISSUER_KEY_CHANGED"],
      ] as const) {
        const { fault, leftOut } = await checked(copy.db, change);
        expect(fault).toMatchObject({ check: "installation", code });
        expect(leftOut).toBe(6);
      }
      // A chain that has other blocks, such as one that was begun anew with the same vault.
      const cursor = await copy.db.selectFrom("chain_cursor").selectAll().executeTakeFirstOrThrow();
      await copy.db
        .updateTable("chain_cursor")
        .set({ block_hash: randomBytes(32) })
        .execute();
      const elsewhere = await checked(copy.db);
      expect(elsewhere.fault).toMatchObject({ check: "chain", code: "OTHER_CHAIN" });
      expect(elsewhere.leftOut).toBe(3);
      await copy.db.updateTable("chain_cursor").set({ block_hash: cursor.block_hash }).execute();
      expect((await checked(copy.db)).fault).toBeUndefined();
      // One more transaction of the treasury, such as a payout, of which the vault and the token tell nothing.
      const { treasury } = harness;
      const sent = (await harness.rpc("eth_getTransactionCount", [treasury, "latest"])) as string;
      const nonce = (more: bigint) => `0x${(BigInt(sent) + more).toString(16)}`;
      await harness.rpc("anvil_setNonce", [treasury, nonce(1n)]);
      const behind = await checked(copy.db);
      await harness.rpc("anvil_setNonce", [treasury, nonce(0n)]);
      expect(behind.fault).toMatchObject({ check: "newest", code: "COPY_BEHIND_CHAIN" });
      expect(JSON.stringify(behind.fault)).toContain(`1 of ${treasury.toLowerCase()}, from nonce ${BigInt(sent)} on`);
      await copy.end();

      writeFileSync(join(folder, "half"), readFileSync(join(folder, "new")).subarray(0, -2_000));
      written = [];
      expect(await restoreDrillCommand(args("half"), options)).toBe(4);
      expect(found().at(-1)?.[1]).toMatch(/RESTORE_FAILED|BACKUP_UNREADABLE/);
      expect(await databases()).toEqual([]);
    });

    it("is refused where it is another program's, or no start has bound it to a vault", async () => {
      const { url, drop } = await ownDatabase();
      const database = createDatabase(createPool(url));
      await takeCopy(url, join(folder, "unbound"));
      await database.schema.dropTable("installation").cascade().execute();
      await takeCopy(url, join(folder, "foreign"));
      await database.destroy();
      await drop();
      const empty = configured({ databaseUrl: await emptyDatabase(harness.postgres), restoreGeneration: 1 });
      for (const [file, check, leftOut] of [
        ["unbound", "installation", 6],
        ["foreign", "layout", 7],
      ] as const) {
        written = [];
        expect(await restoreCommand([...args(file, empty), ...by], options)).toBe(4);
        expect(lines().find(({ result }) => result === "fault")).toMatchObject({ check, code: "FOREIGN_COPY" });
        expect(found().filter(([, result]) => result === "left-out")).toHaveLength(leftOut);
      }
      expect(await databases()).toEqual([]);
      // Nothing was put in place: the database is as empty as before.
      const kept = createPool(loadConfig(empty).databaseUrl);
      const { rows } = await kept.query("select to_regclass('kysely_migration') as found");
      expect(rows).toEqual([{ found: null }]);
      await kept.end();
    });

    it("is put in place by name, and an older one than the chain is worked with by nobody", async () => {
      const databaseUrl = await emptyDatabase(harness.postgres);
      const here = configured({ databaseUrl, restoreGeneration: 1 });
      for (const left of [by.slice(2), by.slice(0, 2)])
        await expect(restoreCommand([...args("old", here), ...left], options)).rejects.toMatchObject({ code: "USAGE" });
      expect(await restoreCommand([...args("old", here), ...by], options)).toBe(0);
      expect(found().at(-1)).toEqual(["end", "ok"]);
      await expect(restoreCommand([...args("new", here), ...by], options)).rejects.toMatchObject({
        code: "DATABASE_NOT_EMPTY",
      });
      expect(await databases()).toEqual([]);

      const kept = createDatabase(createPool(databaseUrl));
      const { sha256 } = await describeCopy(join(folder, "old"));
      expect((await auditedActions(kept)).at(-1)).toEqual([
        ...["restored", "ada", "admin", `copy:${sha256}`],
        [
          ["generation", "1"],
          ["reason", "the disk is gone"],
        ],
        expect.any(Number),
      ]);
      await kept.destroy();

      // As after any other tool that puts an old copy in place.
      const api = { roles: ["api"] };
      await expect(harness.start(databaseUrl, api)).rejects.toMatchObject({ code: "COPY_BEHIND_CHAIN", exit: "store" });
      // `check-config` says so before anybody tries to start, unless what came later is given up.
      const looked = async (restoreGeneration: number) => {
        const platform = createPlatform(loadConfig(configured({ databaseUrl, restoreGeneration })));
        const results: CheckResult[] = [];
        const report = (result: CheckResult) => void results.push(result);
        await runChecks(installationChecks(platform), { limitMs: 60_000, report });
        await closePlatform(platform);
        return results.filter(({ result }) => result === "fault");
      };
      expect(await looked(0)).toMatchObject([{ check: "newest database", code: "COPY_BEHIND_CHAIN", exit: "store" }]);
      expect(await looked(1)).toEqual([]);
      for (const change of [
        { ...api, restoreGeneration: 1 },
        { ...api, restoreGeneration: 1 },
      ])
        await (await harness.start(databaseUrl, change)).stop();
    });

    it("is not begun anew by an empty database, as long as nobody says that all is lost", async () => {
      const databaseUrl = await emptyDatabase(harness.postgres);
      const api = { roles: ["api"] };
      const anchored = (await service.call("GET", "/v1/batches")).body.batches.at(-1)?.ledgerRoot;
      for (const change of [api, api])
        await expect(harness.start(databaseUrl, change)).rejects.toMatchObject({
          ...{ code: "COPY_BEHIND_CHAIN", exit: "store" },
          lost: { transactions: expect.arrayContaining([expect.objectContaining({ did: "settled", root: anchored })]) },
        });
      await (await harness.start(databaseUrl, { ...api, restoreGeneration: 1 })).stop();
      await (await harness.start(databaseUrl, { ...api, restoreGeneration: 1 })).stop();
    });
  });

  it("replays its operations, and finds what does not follow from them", async () => {
    const { db } = service.platform;
    expect((await proveBooks(db)).operations).toBeGreaterThan(0);
    const changed = (statement: string) =>
      db.transaction().execute(async (trx) => {
        await sql.raw("set local session_replication_role = replica").execute(trx);
        await sql.raw(statement).execute(trx);
        await proveBooks(trx);
      });
    for (const statement of [
      "update ledger_accounts set debits_posted = debits_posted + 1 where id = (select min(id) from ledger_accounts)",
      "update ledger_entries set credits_pending = credits_pending + 1 where version = 1",
      "update ledger_transfers set amount = amount + 1 where kind = 'hold'",
      "delete from ledger_entries where (account, version) in (select account, max(version) from ledger_entries group by account limit 1)",
    ])
      await expect(changed(statement)).rejects.toMatchObject({ code: "BALANCE_BROKEN", exit: "store" });
    const { size, heads } = await proveLog(db);
    expect([size > 0, heads > 0]).toEqual([true, true]);
    await expect(
      db.transaction().execute(async (trx) => {
        await sql.raw("set local session_replication_role = replica").execute(trx);
        await sql.raw("update ledger_transfers set at_ms = at_ms + 1 where kind = 'post'").execute(trx);
        await proveLog(trx);
      }),
    ).rejects.toMatchObject({ code: "LOG_BROKEN" });
  });

  it("reports it when the books are no longer those whose roots are on the chain", async () => {
    const { db } = service.platform;
    const { id, batch } = await settled(250_000n);
    const around = async (table: string, statement: string) => {
      await sql.raw(`alter table ${table} disable trigger user`).execute(db);
      await sql.raw(statement).execute(db);
      await sql.raw(`alter table ${table} enable trigger user`).execute(db);
    };
    await around("ledger_transfers", `update ledger_transfers set at_ms = at_ms + 1 where id = 'hold:${id}'`);
    const changed = await service.call("GET", `/v1/ledger/proofs/inclusion?entry=hold:${id}`);
    expect([changed.status, changed.body.code]).toEqual([500, "LEDGER_CHANGED"]);
    expect((await anchors(({ anchored }) => anchored > 0)).disagreeing).toEqual([]);
    await around("ledger_log_nodes", "update ledger_log_nodes set hash = sha256('another') where position = 0");
    const report = await anchors(({ disagreeing }) => disagreeing.length > 0);
    expect(report.disagreeing.map(({ batch: named }) => named)).toContain(batch.id);
    await pageSays("do not agree with the books");
  });
});

function bytes(text: string): Uint8Array {
  return fromHex(text, 32);
}
