import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";
import { Redis } from "ioredis";
import { MoneyWatch } from "../src/operations/money/money-watch.ts";
import { type DrillTools, drillTools } from "./harness/drills/drill-tools.ts";
import { printedCommands } from "./harness/drills/printed-commands.ts";
import { eventually } from "./harness/eventually.ts";
import { rules } from "./harness/promql/rules.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { idOf } from "./harness/test-card.ts";
import { pauseToken, setHolding } from "./harness/token-stops.ts";
import { createHarness, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";

const commandOf = (alert: string): string => printedCommands(alert).look;

/** Every drill, as it is written. */
const drillTexts = [
  import.meta.filename,
  ...readdirSync(join(import.meta.dirname, "drills")).map((name) => join(import.meta.dirname, "drills", name)),
].map((file) => readFileSync(file, "utf8"));

describe("runbooks", () => {
  const help = readFileSync(join(projectRoot(), "apps/settlement/src/main.ts"), "utf8");

  it.each(rules)("$alert prints one command that there is", ({ alert }) => {
    const [first = "", second = ""] = commandOf(alert).split(" ");
    expect(["tallystick-settlement", "curl"]).toContain(first);
    if (first === "tallystick-settlement") expect(help).toContain(`tallystick-settlement ${second} `);
  });

  it.each(rules)("$alert is raised by a drill at a running service", ({ alert }) => {
    expect(drillTexts.some((text) => new RegExp(`becomes\\(\\[[^\\]]*"${alert}"`).test(text))).toBe(true);
  });
});

/** Servers, minutes: `pnpm soak watch` asks for them. */
const drills = process.env["TALLYSTICK_DRILLS"] === undefined ? [] : rules;

if (drills.length > 0) {
  describe("drills", () => {
    let harness: SettlementHarness;
    let service: TestService;
    let folder: string;
    let drill: DrillTools;

    beforeAll(async () => {
      harness = await createHarness("PackedVault");
      harness.startMining();
      folder = dirname(harness.configFile);
      receiver.listen(0, "127.0.0.1");
      await once(receiver, "listening");
      const secretFile = join(folder, "secret");
      writeFileSync(secretFile, `whsec_${randomBytes(32).toString("base64")}`, { mode: 0o600 });
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
      const ways = [{ name: "on-call", kind: "webhook", url, secretFile, private: true }];
      const alarms = { ways, afterSeconds: 0, endAfterSeconds: 0 };
      service = await harness.start(await harness.createDatabase(), { alarms });
      drill = drillTools(harness, () => service.doors.administration);
    });
    afterAll(async () => {
      await service.stop();
      await harness.stop();
      receiver.close();
    });

    /** Whoever is told of alarms; it answers with this status. */
    let receives = 204;
    const receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(receives).end();
    });

    /** Changes a row that no statement of the service changes, until it is put back. */
    const tampered = async (table: string, statement: string, back: string, during: () => Promise<void>) => {
      const { pool } = service.platform;
      const change = async (sql: string): Promise<void> => {
        await pool.query(`alter table ${table} disable trigger user`);
        await pool.query(sql);
        await pool.query(`alter table ${table} enable trigger user`);
      };
      await change(statement);
      try {
        await during();
      } finally {
        await change(back);
      }
    };

    it.each(drills)("$alert: its command answers as it is printed", async ({ alert }) => {
      const { exit, output } = await drill.follow(commandOf(alert));
      expect([alert, exit, output.length > 0]).toEqual([alert, 0, true]);
    });

    it("FuelLow: the check names the treasury, ether is sent to it, and all is well again", async () => {
      const full = await harness.rpc("eth_getBalance", [harness.treasury, "latest"]);
      await harness.rpc("anvil_setBalance", [harness.treasury, "0x1"]);
      await drill.becomes(["SettlementNotReady", "FuelLow"]);
      const { exit, output } = await drill.follow(commandOf("FuelLow"));
      expect([exit, output.includes("NO_GAS"), output.includes(harness.treasury)]).toEqual([7, true, true]);
      await harness.rpc("anvil_setBalance", [harness.treasury, full]);
      await drill.ready();
    });

    it("VaultInsolvent: the books say how much is missing, and all is well when it is there again", async () => {
      await fundedCard(harness, service);
      const { vault } = harness.domain;
      const baseUnits = await service.platform.contract.tokenBalance(vault, "latest");
      await setHolding(harness, { account: vault, baseUnits: 0n });
      await drill.becomes(["SettlementNotReady", "VaultInsolvent"]);
      const { exit, output } = await drill.follow(commandOf("VaultInsolvent"));
      expect([exit, /"surplus":"-[0-9.]+"/.test(output)]).toEqual([0, true]);
      await setHolding(harness, { account: vault, baseUnits });
      await drill.ready();
    });

    it("MoneyStopped: the reason names the token, and all is well when it moves again", async () => {
      const watch = service.app.get(MoneyWatch);
      const unpause = await pauseToken(harness);
      await watch.tryToken();
      await drill.becomes(["SettlementNotReady", "MoneyStopped"]);
      const { exit, output } = await drill.follow(commandOf("MoneyStopped"));
      expect([exit, output.includes("TOKEN_STOPPED"), output.includes("Paused")]).toEqual([0, true, true]);
      await unpause();
      await watch.tryToken();
      await drill.ready();
    });

    it("PartAway: the check names the part, and all goes on by itself when it takes writes again", async () => {
      const admin = new Redis(harness.redis.url);
      try {
        await admin.replicaof("127.0.0.1", "9");
        await drill.becomes(["SettlementNotReady", "PartAway"]);
        const { exit, output } = await drill.follow(commandOf("PartAway"));
        expect([exit, output.includes("REDIS_NOT_WRITABLE")]).toEqual([7, true]);
        await admin.replicaof("NO", "ONE");
      } finally {
        admin.disconnect();
      }
      await drill.ready();
      expect((await drill.follow(commandOf("PartAway"))).exit).toBe(0);
    });

    it("CasesOpen: the list names the case of a card that signed too much, and a person resolves it", async () => {
      const terminal = await certifiedTerminal(harness, service);
      const card = await fundedCard(harness, service, "2.00");
      const { payee, terminalId } = terminal;
      // Three units of two: the card has signed more than it was ever allowed.
      const sale = await card.pay({ payee, terminalId, amount: 3_000_000n });
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
      await drill.becomes(["CasesOpen"]);
      const { exit, output } = await drill.follow(commandOf("CasesOpen"));
      const { cases } = JSON.parse(output) as { cases: readonly { id: string; kind: string }[] };
      const [excess, ...others] = cases.filter(({ kind }) => kind === "EXCESS");
      expect([exit, excess === undefined, others]).toEqual([0, false, []]);
      const body = { reason: "the card was asked for, and destroyed" };
      await service.call("POST", `/v1/cases/${excess?.id}/resolution`, { body });
      await drill.ready();
    });

    it("BooksDiffer: the reconciliation shows by how much, and all is well when the books are right again", async () => {
      const account = "where chart = 'treasury'";
      const moved = (by: string) => `update ledger_accounts set credits_posted = credits_posted ${by} ${account}`;
      await tampered("ledger_accounts", moved("- 1"), moved("+ 1"), async () => {
        await drill.becomes(["SettlementNotReady", "BooksDiffer"]);
        const { exit, output } = await drill.follow(commandOf("BooksDiffer"));
        expect([exit, /"ledgerDifference":"0"/.test(output)]).toEqual([0, false]);
      });
      await drill.ready();
    });

    // Before the log is changed: what is sealed meanwhile keeps a root that no proof of a copy finds again.
    it("a backup that is killed leaves no copy, and a restore that is killed no database", async () => {
      const base = "tallystick-settlement";
      const killed = await drill.follow(
        `${base} backup --config settlement.json --file killed & sleep 0.2; kill -9 $!; wait $!`,
      );
      expect([killed.exit === 0, existsSync(join(folder, "killed"))]).toEqual([false, false]);
      const { exit } = await drill.follow(`${base} backup --config settlement.json --file killed`);
      expect([exit, existsSync(join(folder, "killed"))]).toEqual([0, true]);
      const restoring = `${base} restore-drill --config settlement.json --file killed`;
      await drill.follow(`${restoring} & sleep 2; kill -9 $!; wait $!`);
      await eventually(
        () => drill.follow(restoring),
        (found) => found.exit === 0,
      );
      const { rows } = await service.platform.pool.query(
        "select datname from pg_database where datname like 'tallystick_restored_%'",
      );
      expect(rows).toEqual([]);
      rmSync(join(folder, "killed"));
    });

    it("AnchorsDisagree: the reconciliation names the batch, and all is well when the log is right again", async () => {
      const terminal = await certifiedTerminal(harness, service);
      const card = await fundedCard(harness, service);
      const { payee, terminalId } = terminal;
      const sale = await card.pay({ payee, terminalId, amount: 10_000n });
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
      // Its batch anchors a root.
      await eventually(
        () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
        ({ body }) => body.state === "final",
      );
      const { rows } = await service.platform.pool.query(
        "select hash from ledger_log_nodes where position = 0 limit 1",
      );
      const node = (hash: string) => `update ledger_log_nodes set hash = decode('${hash}', 'hex') where position = 0`;
      const right = (rows[0].hash as Buffer).toString("hex");
      await tampered("ledger_log_nodes", node("00".repeat(32)), node(right), async () => {
        await drill.becomes(["AnchorsDisagree"]);
        const { exit, output } = await drill.follow(commandOf("AnchorsDisagree"));
        const { anchors } = JSON.parse(output) as { anchors: { disagreeing: readonly { batch: string }[] } };
        const { batches } = (await service.call("GET", "/v1/batches")).body as { batches: readonly { id: string }[] };
        expect([exit, batches.map(({ id }) => id)]).toEqual([0, anchors.disagreeing.map(({ batch }) => batch)]);
      });
      await drill.ready();
    });

    it("AlarmsUndelivered: the reason names the way, and all is well when it is tried and taken again", async () => {
      receives = 503;
      const full = await harness.rpc("eth_getBalance", [harness.treasury, "latest"]);
      await harness.rpc("anvil_setBalance", [harness.treasury, "0x1"]);
      await drill.becomes(["SettlementNotReady", "FuelLow", "AlarmsUndelivered"]);
      const { exit, output } = await drill.follow(commandOf("AlarmsUndelivered"));
      expect([exit, output.includes("ALARM_UNDELIVERED"), output.includes("on-call")]).toEqual([0, true, true]);
      const [test = ""] = printedCommands("AlarmsUndelivered").act;
      expect((await drill.follow(test)).exit).not.toBe(0);
      receives = 204;
      expect((await drill.follow(test)).exit).toBe(0);
      await harness.rpc("anvil_setBalance", [harness.treasury, full]);
      await drill.ready();
    });

    it("CallersRefused: the list shows which tokens there are, and it is over when nobody is refused", async () => {
      const before = await drill.scrape();
      for (let time = 0; time < 310; time += 1)
        await service.call("GET", "/v1/queues", { token: `a-token-that-ended-${time}` });
      await drill.becomes(["CallersRefused"], before);
      const { exit, output } = await drill.follow(commandOf("CallersRefused"));
      expect([exit, output.length > 0]).toEqual([0, true]);
      await drill.ready();
    });
  });
}
