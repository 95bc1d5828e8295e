import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { withdrawCommand } from "./withdraw-command.ts";

const payee = `0x${"aB".repeat(20)}`.toLowerCase();
const terminal = "0x0102030405060708";
let folder: string;
let asked: { url: string; init: RequestInit }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-withdraw-"));
  writeFileSync(join(folder, "token"), "a-token-of-ida\n");
  asked = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const given = (changes: Record<string, string | null> = {}): string[] =>
  Object.entries({
    ...{ url: "http://127.0.0.1:9", "token-file": join(folder, "token"), payee, terminal, reason: "Stolen." },
    ...changes,
  }).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, value]));

const run = async (args: readonly string[], answer: () => Promise<Response>) =>
  await withdrawCommand(args, async (url, init) => {
    asked.push({ url, init });
    return await answer();
  });
const json = (status: number, body: object) => () => Promise.resolve(new Response(JSON.stringify(body), { status }));

describe("withdraw-certificate", () => {
  it("withdraws by one call, in the token's name", async () => {
    const { line, exit } = await run(given(), json(200, { payee, terminalId: terminal, withdrawnFrom: 7 }));
    expect([exit, JSON.parse(line)]).toEqual([
      0,
      { schema: "tallystick.withdrawal/1", payee, terminalId: terminal, withdrawnFrom: 7 },
    ]);
    expect(asked).toMatchObject([
      {
        url: `http://127.0.0.1:9/v1/merchants/${payee}/terminals/${terminal}/withdrawal`,
        init: { method: "POST", body: '{"reason":"Stolen."}', headers: { authorization: "Bearer a-token-of-ida" } },
      },
    ]);
  });

  it.each<[string, Record<string, string | null>, string]>([
    ["no address", { url: null }, "USAGE"],
    ["an odd address", { url: "settlement" }, "USAGE"],
    ["no reason", { reason: " " }, "USAGE"],
    ["no payee", { payee: null }, "USAGE"],
    ["a payee that is too short", { payee: "0x12" }, "USAGE"],
    ["a terminal id of another length", { terminal: payee }, "USAGE"],
    ["no token", { "token-file": null }, "USAGE"],
    ["a token file that is not there", { "token-file": "/nowhere/token" }, "TOKEN_UNREADABLE"],
  ])("asks nothing with %s", async (_, changes, code) => {
    await expect(run(given(changes), json(200, {}))).rejects.toMatchObject({ code });
    expect(asked).toEqual([]);
  });

  it("asks nothing with a file that holds something else than a token", async () => {
    writeFileSync(join(folder, "token"), "two words\n");
    await expect(run(given(), json(200, {}))).rejects.toMatchObject({ code: "TOKEN_UNREADABLE" });
  });

  it("says what settlement refuses by its code, and that nobody answered", async () => {
    await expect(run(given(), json(404, { code: "NOT_FOUND", detail: "x" }))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(run(given(), () => Promise.reject(new Error("refused")))).rejects.toMatchObject({
      code: "SETTLEMENT_UNREACHABLE",
    });
    const page = () => Promise.resolve(new Response("<html>", { status: 200 }));
    await expect(run(given(), page)).rejects.toMatchObject({ code: "SETTLEMENT_UNREACHABLE" });
  });
});
