import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { alarmsCommand } from "./alarm-commands.ts";
import { migrateCommand } from "./migrate-command.ts";

const now = (): number => 1_790_000_000_000;

describe("alarms", () => {
  let folder: string;
  let server: Server;
  let status = 204;
  const got: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallystick-alarm-commands-"));
    writeFileSync(join(folder, "secret"), `whsec_${Buffer.alloc(32, 7).toString("base64")}`, { mode: 0o600 });
    server = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (part: string) => got.push(part));
      request.on("end", () => response.writeHead(status).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  function configFile(): string {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const address = `0x${"11".repeat(20)}`;
    const file = join(folder, "settlement.json");
    const way = { name: "on-call", kind: "webhook", url, secretFile: "secret", private: true, afterSeconds: 900 };
    const config = {
      ...{ databaseUrl: "postgres://127.0.0.1:9/none", redisUrl: "redis://127.0.0.1:9", rpcUrl: "http://127.0.0.1:9" },
      ...{ chainId: 31_337, vault: address, token: address, asset: { code: "TUSD", decimals: 6, scale: 1 } },
      ...{ chainKeyFile: "none", issuerKeyFile: "none" },
      guarantee: { bears: false, perCard: "0.00", perPayeePerDay: "0.00" },
      alarms: { ways: [way] },
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  it("are tried by every way, whatever it waits for, and say which of them did not arrive", async () => {
    const args = ["test", "--config", configFile()];
    expect(await alarmsCommand(args, now)).toMatchObject({ exit: 0 });
    expect(JSON.parse(got[0] ?? "")).toMatchObject({ type: "alarm.raised", data: { code: "TRIAL" } });
    status = 302;
    const { line, exit } = await alarmsCommand(args, now);
    expect([exit, JSON.parse(line)]).toEqual([
      7,
      { schema: "tallystick.alarm-trial/1", ways: [{ way: "on-call", fault: "WEBHOOK_REDIRECTED" }] },
    ]);
  });

  it.each<[string, readonly string[]]>([
    ["no command", []],
    ["another command", ["silence"]],
    ["no configuration", ["list"]],
    ["no id", ["acknowledge", "--config", "none.json", "--by", "ada"]],
    ["nobody", ["acknowledge", "--config", "none.json", "--id", "5d1e2c7a-0000-4000-8000-000000000000"]],
  ])("refuse %s", async (_what, args) => {
    await expect(alarmsCommand(args, now)).rejects.toMatchObject({ code: "USAGE" });
  });

  it("and changes of the layout need a configuration", async () => {
    await expect(migrateCommand(["--plan"])).rejects.toMatchObject({ code: "USAGE" });
  });
});
