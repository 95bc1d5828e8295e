import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "@jest/globals";
import { ledgerCommand } from "./ledger-commands.ts";

const folder = mkdtempSync(join(tmpdir(), "ledger-"));
afterAll(() => rmSync(folder, { recursive: true }));

const now = () => 0;
const run = (...args: string[]) => ledgerCommand(args, now);

it("replays the export of empty books, and no other", async () => {
  const head = {
    ...{ line: "ledger", form: "tallystick.ledger-export/1", domain: { chainId: "1", vault: `0x${"00".repeat(20)}` } },
    ...{ asset: { code: "TUSD", decimals: 6 }, at: "2026-11-29T00:00:00.000Z" },
  };
  const first = `${JSON.stringify(head)}\n`;
  const sha256 = `0x${createHash("sha256").update(first).digest("hex")}`;
  const file = join(folder, "empty.ndjson");
  writeFileSync(file, `${first}${JSON.stringify({ line: "end", lines: 1, sha256 })}\n`);
  const { line, exit } = await run("replay", file);
  expect([JSON.parse(line), exit]).toEqual([
    { equal: true, lines: 2, accounts: 0, operations: 0, entries: 0, root: expect.stringMatching(/^0xe3b0c442/) },
    0,
  ]);
  writeFileSync(file, readFileSync(file, "utf8").replace("TUSD", "TEUR"));
  const other = await run("replay", file);
  expect(JSON.parse(other.line)).toMatchObject({ equal: false, code: "EXPORT_INCOMPLETE", line: 2 });
  expect(other.exit).not.toBe(0);
});

it("names what is wrong with its arguments, and leaves no file behind", async () => {
  const made = join(folder, "made.ndjson");
  writeFileSync(join(folder, "there"), "");
  for (const args of [[], ["replay"], ["replay", join(folder, "none")], ["export", made], ["other", made]])
    await expect(run(...args)).rejects.toMatchObject({ code: "USAGE" });
  await expect(run("export", made, "--config", join(folder, "none.json"))).rejects.toMatchObject({
    code: expect.any(String),
  });
  expect(existsSync(made)).toBe(false);
});
