import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import { openIssuerHarness, type IssuerHarness } from "./harness/issuer-harness.ts";
import type { RegisteredCard } from "./harness/settlement-state.ts";

let issuer: IssuerHarness;
const addressOf = (index: number): string => `0x${String(index).padStart(40, "c")}`;

beforeAll(async () => {
  issuer = await openIssuerHarness({
    station: "station 2",
    templates: { small: { perTap: "5.00", validDays: 30 }, capped: { maxSpent: "9.00" } },
  });
  const cards = issuer.settlement.cards as Map<string, RegisteredCard>;
  for (const index of [1, 2]) {
    const card = {
      cardKey: new Uint8Array(33),
      index,
      reference: `C-${index}`,
      owner: addressOf(9),
      funded: 0n,
      seq: 0,
    };
    cards.set(addressOf(index), card);
  }
});
afterAll(async () => {
  await issuer.close();
});

const cards = (...args: string[]) => issuer.run(["cards", ...args, "--config", issuer.configFile, "--json"]);

it("lists and shows cards, and changes their status with a reason, alone and by a file", async () => {
  const listed = await cards("list");
  expect(listed.lines.map(({ reference, status }) => [reference, status])).toEqual([
    ["C-1", "valid"],
    ["C-2", "valid"],
  ]);
  const shown = await cards("show", "C-1");
  expect(shown.lines[0]).toMatchObject({ card: addressOf(1), sentences: expect.any(Array) });
  expect([(await cards("suspend", "C-9", "--reason", "x")).exitCode, (await cards("suspend", "C-1")).exitCode]).toEqual(
    [...[EXIT.usage, EXIT.usage]],
  );
  expect((await cards("lost", "C-1", "--reason", "told by phone")).exitCode).toBe(0);
  const file = join(issuer.folder, "task.csv");
  writeFileSync(file, "reference\nC-1\nC-2\nC-3\n");
  const refused = await cards("revoke", "--order", file, "--reason", "over");
  expect([refused.exitCode, refused.failure?.["code"], refused.lines]).toEqual([EXIT.usage, "CONFIG", []]);
  writeFileSync(file, "reference\nC-1\nC-2\n");
  const planned = await cards("revoke", "--order", file, "--reason", "over", "--dry-run");
  expect(planned.lines.map(({ event }) => event)).toEqual(["planned", "planned", "end"]);
  expect((await cards("revoke", "--order", file, "--reason", "over")).exitCode).toBe(0);
  expect(issuer.settlement.changes).toEqual([
    { card: addressOf(1), status: "lost", reason: "told by phone", station: "station 2" },
    { card: addressOf(1), status: "revoked", reason: "over", station: "station 2" },
    { card: addressOf(2), status: "revoked", reason: "over", station: "station 2" },
  ]);
});

it("suspends, releases and changes limits, of one card and by a file", async () => {
  const before = issuer.settlement.changes.length;
  const changes = () => issuer.settlement.changes.slice(before);
  const file = join(issuer.folder, "limits.csv");
  writeFileSync(file, "reference,limits\nC-1,small\nC-2,none\n");
  const why = ["--reason", "asked"];
  const refused = await cards("limits", "--order", file, ...why);
  expect([refused.exitCode, refused.failure?.["code"]]).toEqual([EXIT.usage, "CONFIG"]);
  for (const template of [[], ["--template", "none"], ["--template", "capped"]])
    expect((await cards("limits", "C-1", ...template, ...why)).exitCode).toBe(EXIT.usage);
  writeFileSync(file, "reference,limits\nC-1,small\nC-2,capped\n");
  for (const dry of [[], ["--dry-run"]])
    expect((await cards("limits", "--order", file, ...why, ...dry)).exitCode).toBe(EXIT.usage);
  expect(changes()).toEqual([]);
  writeFileSync(file, "reference,limits\nC-2,small\n");
  expect((await cards("limits", "C-1", "--template", "small", ...why)).exitCode).toBe(0);
  expect((await cards("limits", "--order", file, ...why)).exitCode).toBe(0);
  for (const task of ["suspend", "release"]) expect((await cards(task, "C-1", ...why)).exitCode).toBe(0);
  const at = { reason: "asked", station: "station 2" };
  const limits = { ...at, perTap: "5.00", notAfter: expect.any(Number) };
  expect(changes()).toEqual([
    { card: addressOf(1), ...limits },
    { card: addressOf(2), ...limits },
    { card: addressOf(1), status: "suspended", ...at },
    { card: addressOf(1), status: "valid", ...at },
  ]);
});

it("tops up by a file once, whatever is run again, and goes on after a card that is refused", async () => {
  const file = join(issuer.folder, "topup.csv");
  writeFileSync(file, "reference,fund\nC-1,5.00\nC-2,7.00\n");
  const topup = () => cards("topup", "--order", file, "--reason", "monthly", "--name", "2026-12");
  expect((await cards("topup", "--order", file, "--reason", "monthly")).exitCode).toBe(EXIT.usage);
  for (const _time of [1, 2]) expect((await topup()).exitCode).toBe(0);
  const deposits = () => [...issuer.settlement.fundings.values()].map(({ card, amount }) => [card, amount]);
  expect(deposits()).toEqual([
    [addressOf(1), 5_000_000n],
    [addressOf(2), 7_000_000n],
  ]);
  writeFileSync(file, "reference,fund\nC-1,6.00\nC-2,7.00\n");
  const other = await topup();
  expect([other.exitCode, other.lines.map(({ event }) => event)]).toEqual([EXIT.network, ["refused", "done", "end"]]);
  expect(other.lines.at(-1)).toMatchObject({
    task: "topup",
    total: 2,
    planned: 0,
    done: 1,
    refused: 1,
    amount: "7.00",
  });
  expect(deposits()).toHaveLength(2);
});

it("looks at keys, reader and settlement, and names what has to be mended", async () => {
  const { exitCode, lines } = await issuer.run(["doctor", "--config", issuer.configFile, "--json"]);
  expect(exitCode).toBe(EXIT.reader);
  expect(lines.map(({ check, result, code }) => [check, code ?? result])).toEqual([
    ...[
      ["card keys", "ok"],
      ["terminal key", "ok"],
      ["journal", "ok"],
      ["permissions", "ok"],
      ["disk", "ok"],
      ["service", "NO_SERVICE"],
    ],
    ...[
      ["reader", "left-out"],
      ["card", "left-out"],
      ["chip", "left-out"],
      ["settlement", "ok"],
      ["clock", "ok"],
      ["token", "ok"],
      ["node", "ok"],
      ["treasury", "ok"],
    ],
  ]);
});
