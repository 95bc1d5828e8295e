import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { projectRoot } from "@tallystick/stack";
import { Redis } from "ioredis";
import { MoneyWatch } from "../src/operations/money/money-watch.ts";
import { eventually } from "./harness/eventually.ts";
import { raisedBy, rules } from "./harness/promql/rules.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { pauseToken, setHolding } from "./harness/token-stops.ts";
import {
  createHarness,
  OPERATOR_TOKEN,
  type SettlementHarness,
  type TestService,
} from "./harness/settlement-harness.ts";

/** A page's printed command, as a person copies it. */
function commandOf(alert: string): string {
  const { runbook } = rules.find((rule) => rule.alert === alert)?.annotations ?? { runbook: "" };
  const page = readFileSync(join(projectRoot(), runbook), "utf8");
  return /## Look\n[\s\S]*?```\n([\s\S]*?)\n```/.exec(page)?.[1] ?? "";
}

const program = join(projectRoot(), "apps/settlement/bin");

describe("runbooks", () => {
  const help = readFileSync(join(projectRoot(), "apps/settlement/src/main.ts"), "utf8");

  it.each(rules)("$alert prints one command that there is", ({ alert }) => {
    const [first = "", second = ""] = commandOf(alert).split(" ");
    expect(["tallystick-settlement", "curl"]).toContain(first);
    if (first === "tallystick-settlement") expect(help).toContain(`tallystick-settlement ${second} `);
  });
});

/** Servers, minutes: `pnpm soak watch` asks for them. */
const drills = process.env["TALLYSTICK_DRILLS"] === undefined ? [] : rules;

if (drills.length > 0) {
  describe("drills", () => {
    let harness: SettlementHarness;
    let service: TestService;
    let folder: string;

    beforeAll(async () => {
      harness = await createHarness("PackedVault");
      harness.startMining();
      service = await harness.start(await harness.createDatabase());
      folder = dirname(harness.configFile);
      // As the packages put it on the PATH.
      writeFileSync(
        join(folder, "tallystick-settlement"),
        `#!/bin/sh\nexec node ${program}/tallystick-settlement.mjs "$@"\n`,
        {
          mode: 0o755,
        },
      );
    });
    afterAll(async () => {
      await service.stop();
      await harness.stop();
    });

    /** Runs a printed command as it stands. */
    const follow = async (command: string): Promise<{ exit: number; output: string }> =>
      await new Promise((resolve) => {
        const env = {
          ...process.env,
          ...{ PATH: `${folder}:${process.env["PATH"] ?? ""}`, TOKEN: OPERATOR_TOKEN },
          SETTLEMENT: service.doors.administration,
        };
        execFile("/bin/sh", ["-c", command], { cwd: folder, env }, (error, stdout, stderr) =>
          resolve({ exit: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` }),
        );
      });
    const raised = async (): Promise<readonly string[]> => {
      const { body } = await service.call("GET", "/metrics", { token: OPERATOR_TOKEN });
      return raisedBy({ before: body as string, now: body as string });
    };
    const becomes = (wanted: readonly string[]) =>
      eventually(raised, (found) => JSON.stringify(found) === JSON.stringify(wanted));

    it.each(drills)("$alert: its command answers as it is printed", async ({ alert }) => {
      const { exit, output } = await follow(commandOf(alert));
      expect([alert, exit, output.length > 0]).toEqual([alert, 0, true]);
    });

    it("FuelLow: the check names the treasury, ether is sent to it, and all is well again", async () => {
      const full = await harness.rpc("eth_getBalance", [harness.treasury, "latest"]);
      await harness.rpc("anvil_setBalance", [harness.treasury, "0x1"]);
      await becomes(["SettlementNotReady", "FuelLow"]);
      const { exit, output } = await follow(commandOf("FuelLow"));
      expect([exit, output.includes("NO_GAS"), output.includes(harness.treasury)]).toEqual([7, true, true]);
      await harness.rpc("anvil_setBalance", [harness.treasury, full]);
      await becomes([]);
      expect((await follow(commandOf("SettlementNotReady"))).output).toContain('"ready":true');
    });

    it("VaultInsolvent: the books say how much is missing, and all is well when it is there again", async () => {
      await fundedCard(harness, service);
      const { vault } = harness.domain;
      const baseUnits = await service.platform.contract.tokenBalance(vault, "latest");
      await setHolding(harness, { account: vault, baseUnits: 0n });
      await becomes(["SettlementNotReady", "VaultInsolvent"]);
      const { exit, output } = await follow(commandOf("VaultInsolvent"));
      expect([exit, /"surplus":"-[0-9.]+"/.test(output)]).toEqual([0, true]);
      await setHolding(harness, { account: vault, baseUnits });
      await becomes([]);
      expect((await follow(commandOf("SettlementNotReady"))).output).toContain('"ready":true');
    });

    it("MoneyStopped: the reason names the token, and all is well when it moves again", async () => {
      const watch = service.app.get(MoneyWatch);
      const unpause = await pauseToken(harness);
      await watch.tryToken();
      await becomes(["SettlementNotReady", "MoneyStopped"]);
      const { exit, output } = await follow(commandOf("MoneyStopped"));
      expect([exit, output.includes("TOKEN_STOPPED"), output.includes("Paused")]).toEqual([0, true, true]);
      await unpause();
      await watch.tryToken();
      await becomes([]);
      expect((await follow(commandOf("SettlementNotReady"))).output).toContain('"ready":true');
    });

    it("PartAway: the check names the part, and all goes on by itself when it takes writes again", async () => {
      const admin = new Redis(harness.redis.url);
      try {
        await admin.replicaof("127.0.0.1", "9");
        await becomes(["SettlementNotReady", "PartAway"]);
        const { exit, output } = await follow(commandOf("PartAway"));
        expect([exit, output.includes("REDIS_NOT_WRITABLE")]).toEqual([7, true]);
        await admin.replicaof("NO", "ONE");
      } finally {
        admin.disconnect();
      }
      await becomes([]);
      expect((await follow(commandOf("SettlementNotReady"))).output).toContain('"ready":true');
      expect((await follow(commandOf("PartAway"))).exit).toBe(0);
    });

    it("SilentTerminals: the list names the terminal, and it is silent no more when it sends", async () => {
      const terminal = await certifiedTerminal(harness, service);
      const { payee, terminalId: terminal_id } = terminal;
      const [DAY_MS, now] = [86_400_000, Date.now()];
      await service.platform.db
        .insertInto("receipts")
        .values({
          ...{ upload: randomBytes(32), payee, terminal_id, given_at: new Date(now - 2 * DAY_MS), received_at: 1n },
          ...{ receipt: randomBytes(101), signature: randomBytes(64) },
        })
        .execute();
      await becomes(["SilentTerminals"]);
      const { exit, output } = await follow(commandOf("SilentTerminals"));
      const { terminals } = JSON.parse(output) as { terminals: readonly { terminalId: string }[] };
      expect([exit, terminals.map(({ terminalId }) => terminalId)]).toEqual([0, [toHex(terminal_id)]]);
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({}) });
      await becomes([]);
      expect((await follow(commandOf("SettlementNotReady"))).output).toContain('"ready":true');
    });

    it("a backup that is killed leaves no copy, and a restore that is killed no database", async () => {
      const base = "tallystick-settlement";
      const killed = await follow(
        `${base} backup --config settlement.json --file killed & sleep 0.2; kill -9 $!; wait $!`,
      );
      expect([killed.exit === 0, existsSync(join(folder, "killed"))]).toEqual([false, false]);
      const { exit } = await follow(`${base} backup --config settlement.json --file killed`);
      expect([exit, existsSync(join(folder, "killed"))]).toEqual([0, true]);
      const drill = `${base} restore-drill --config settlement.json --file killed`;
      await follow(`${drill} & sleep 2; kill -9 $!; wait $!`);
      await eventually(
        () => follow(drill),
        (found) => found.exit === 0,
      );
      const { rows } = await service.platform.pool.query(
        "select datname from pg_database where datname like 'tallystick_restored_%'",
      );
      expect(rows).toEqual([]);
      rmSync(join(folder, "killed"));
    });
  });
}
