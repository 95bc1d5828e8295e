import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { joiningCommand } from "./joining-command.ts";

const NOW = 1_790_000_000;
const id = `0x${"5a".repeat(32)}`;
const payee = "0x52908400098527886E0F7030069857D2E4169EE7";
let folder: string;
let asked: { url: string; init: RequestInit }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-joining-"));
  writeFileSync(join(folder, "token"), "a-token-of-ida\n");
  asked = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Given = Record<string, string | null>;

const approval: Given = {
  ...{ digits: "5A5A 5a5a 5a5a 5a5a 5a5a", payee, days: "365", "per-tap": "100.00", "unsent-sum": "2000.00" },
  ...{ "unsent-count": "500", "per-card-sum": "500.00", reason: "read back by phone" },
};

/** Runs a command against answers, one after the other. */
async function run(command: string, given: Given, ...answers: readonly (readonly [number, object])[]) {
  const named = { url: "http://127.0.0.1:9", "token-file": join(folder, "token"), ...given };
  const args = Object.entries(named).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, value]));
  const left = [...answers];
  const send = (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, init });
    const [status, body] = left.shift() ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  };
  const { line } = await joiningCommand([command, ...args], { now: () => NOW * 1_000, send });
  return JSON.parse(line) as Record<string, unknown>;
}

const found = [200, { requests: [{ id }] }] as const;

describe("joining", () => {
  it("finds the request by what was read at the terminal, and approves it with both", async () => {
    const done = await run("approve", approval, found, [200, { id, state: "approved", reason: null, admission: {} }]);
    expect(done).toEqual({ schema: "tallystick.joining/1", id, state: "approved", reason: null });
    expect(asked.map(({ url }) => url)).toEqual([
      `http://127.0.0.1:9/v1/certificate-requests?digits=${"5a".repeat(10)}`,
      `http://127.0.0.1:9/v1/certificate-requests/${id}/approval`,
    ]);
    expect(JSON.parse(String(asked[1]?.init.body))).toEqual({
      ...{ digits: approval["digits"], payee, notBefore: NOW, notAfter: NOW + 365 * 86_400, perTap: "100.00" },
      ...{
        unsentSum: "2000.00",
        unsentCount: 500,
        perCardSum: "500.00",
        softwareSum: "0",
        reason: "read back by phone",
      },
    });
  });

  it("lists, and refuses with a reason", async () => {
    expect(await run("list", {}, [200, { requests: [] }])).toEqual({ schema: "tallystick.joining/1", requests: [] });
    const refusal = { digits: "5a".repeat(10), reason: "Nobody knows it." };
    const done = await run("refuse", refusal, found, [200, { id, state: "refused", reason: refusal.reason }]);
    expect(done).toMatchObject({ state: "refused", reason: refusal.reason });
    expect(JSON.parse(String(asked.at(-1)?.init.body))).toEqual({ reason: refusal.reason });
  });

  it.each<[string, string, Given]>([
    ["no command", "", {}],
    ["19 digits", "approve", { ...approval, digits: "5a".repeat(9) + "5" }],
    ["no digits", "refuse", { reason: "x" }],
    ["no reason", "refuse", { digits: "5a".repeat(10) }],
    ["no limit", "approve", { ...approval, "per-card-sum": null }],
    ["no days", "approve", { ...approval, days: "0" }],
    ["days without an end", "approve", { ...approval, days: "9999" }],
    ["no count", "approve", { ...approval, "unsent-count": "many" }],
    ["no address", "list", { url: "settlement" }],
  ])("asks nothing with %s", async (_, command, given) => {
    await expect(run(command, given)).rejects.toMatchObject({ code: "USAGE" });
    expect(asked).toEqual([]);
  });

  it("approves none where no request has the digits, and says what settlement refuses", async () => {
    await expect(run("approve", approval, [200, { requests: [] }])).rejects.toMatchObject({ code: "DIGITS_UNKNOWN" });
    expect(asked).toHaveLength(1);
    const refused = [409, { code: "PAYEE_DIFFERS", detail: "x" }] as const;
    await expect(run("approve", approval, found, refused)).rejects.toMatchObject({ code: "PAYEE_DIFFERS" });
  });
});
