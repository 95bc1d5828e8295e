import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { freePortPair, type OwnedProcess, startOwnedProcess, startTcpProxy } from "@tallystick/stack";
import { type DrillTools, drillTools } from "../harness/drills/drill-tools.ts";
import { printedCommands } from "../harness/drills/printed-commands.ts";
import { eventually } from "../harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "../harness/issued.ts";
import { createHarness, type SettlementHarness } from "../harness/settlement-harness.ts";
import { idOf } from "../harness/test-card.ts";

/** Requests within five minutes above which they are too many that fail. */
const FEW_FAILED = 30;

describe("drills of the service itself", () => {
  let harness: SettlementHarness;
  let drill: DrillTools;
  let administration = "http://127.0.0.1:9";
  /** What ends with the drill that began it. */
  const begun: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    drill = drillTools(harness, () => administration);
  });
  afterEach(async () => {
    for (const end of begun.splice(0).toReversed()) await end();
  });
  afterAll(async () => {
    await harness.stop();
  });

  /** Starts the program as its page prints it. */
  const startAgain = async (): Promise<OwnedProcess> => {
    const [start = ""] = printedCommands("SettlementDown").act;
    const file = (name: string) => join(drill.folder, name);
    const running = await startOwnedProcess({
      ...{ command: "/bin/sh", args: ["-c", start], cwd: drill.folder },
      env: { ...process.env, PATH: `${drill.folder}:${process.env["PATH"] ?? ""}` },
      ...{ stdoutFile: file("service.out"), stderrFile: file("service.err") },
    });
    begun.push(running.kill);
    return running;
  };

  it("ServerErrors: the database is away, whoever calls is told so, and all goes on when it is there again", async () => {
    const line = await startTcpProxy({ port: harness.postgres.port });
    begun.push(line.stop);
    const service = await harness.start(line.through(await harness.createDatabase()));
    begun.push(service.stop);
    administration = service.doors.administration;
    const [terminal, card] = [await certifiedTerminal(harness, service), await fundedCard(harness, service)];
    const { payee, terminalId } = terminal;
    const sale = await card.pay({ payee, terminalId, amount: 10_000n });
    const body = await terminal.upload({ vouchers: [sale] });
    await drill.ready();

    const calm = await drill.scrape();
    line.cut();
    await drill.becomes(["SettlementNotReady", "PartAway"]);
    // Who asks again and again whether money moves is told that it does not: nothing fails by that.
    for (let time = 0; time <= FEW_FAILED; time += 1)
      expect((await service.call("GET", "/v1/readiness")).status).toBe(503);
    await drill.becomes(["SettlementNotReady", "PartAway"], calm);
    // The terminal tries again, as it does until it is told that its upload came.
    for (let time = 0; time <= FEW_FAILED; time += 1)
      expect((await service.call("POST", "/v1/uploads", { body })).status).toBe(503);
    await drill.becomes(["SettlementNotReady", "PartAway", "ServerErrors"], calm);
    const { exit, output } = await drill.follow(printedCommands("ServerErrors").look);
    expect([exit, output.includes("DATABASE_UNAVAILABLE")]).toEqual([0, true]);

    line.pass();
    await drill.becomes([]);
    const mended = await drill.scrape();
    expect((await service.call("POST", "/v1/uploads", { body })).status).toBe(200);
    await eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
      ({ body: seen }) => seen.state === "final",
    );
    await drill.becomes([], mended);
    await drill.ready();
  });

  it("SettlementDown: a process is killed and starts again; then its key is gone, and it starts when the key is there", async () => {
    const port = await freePortPair();
    administration = `http://127.0.0.1:${port + 1}`;
    const databaseUrl = await harness.createDatabase();
    const config = { ...harness.config, databaseUrl, redisPrefix: "down", listen: { port } };
    writeFileSync(harness.configFile, JSON.stringify(config));
    await drill.becomes(["SettlementDown"]);
    const first = await startAgain();
    await drill.ready();

    await first.kill();
    await drill.becomes(["SettlementDown"]);
    const { look } = printedCommands("SettlementDown");
    expect((await drill.follow(look)).exit).toBe(0);
    const second = await startAgain();
    await drill.ready();

    const keyFile = String(harness.config["chainKeyFile"]);
    await second.kill();
    renameSync(keyFile, `${keyFile}.gone`);
    const { code } = await (await startAgain()).finished();
    await drill.becomes(["SettlementDown"]);
    const found = await drill.follow(look);
    expect([code === 0, found.exit]).toEqual([false, code]);
    expect(found.output).toContain(keyFile);
    renameSync(`${keyFile}.gone`, keyFile);
    expect((await drill.follow(look)).exit).toBe(0);
    await startAgain();
    await drill.ready();
  });
});
