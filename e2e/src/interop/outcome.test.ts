import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { type InteropOutcome, outcomeTable, parseOutcome, writeOutcome } from "./outcome.ts";

const outcome: InteropOutcome = {
  schema: "tallystick.interop/1",
  ok: true,
  yubikit: "5.9.2",
  pyscard: "2.3.1",
  python: "3.11.7",
  checks: [{ name: "GET STATUS", ok: true, detail: "31 | 40 bytes" }],
};
const failed = { ...outcome, ok: false, checks: [{ name: "GET STATUS", ok: false, detail: "6982" }] };

describe("parseOutcome", () => {
  it("reads the last line, whatever a library printed before", () => {
    expect(parseOutcome(`a warning\n{}\n${JSON.stringify(outcome)}\n`)).toEqual(outcome);
    expect(parseOutcome(JSON.stringify(failed))).toEqual(failed);
  });

  it.each([
    ["nothing", ""],
    ["a client that died after its outcome's place", `${JSON.stringify(outcome)}\nTraceback`],
    ["another schema", JSON.stringify({ ...outcome, schema: "tallystick.interop/2" })],
    ["no versions", JSON.stringify({ ...outcome, pyscard: undefined })],
    ["no check", JSON.stringify({ ...outcome, checks: [] })],
    ["a check without a detail", JSON.stringify({ ...outcome, checks: [{ name: "a", ok: true }] })],
    ["a success beside a failed check", JSON.stringify({ ...failed, ok: true })],
    ["a failure beside checks that are all right", JSON.stringify({ ...outcome, ok: false })],
  ])("takes %s for no outcome", (_, output) => {
    expect(parseOutcome(output)).toBeUndefined();
  });
});

describe("writeOutcome", () => {
  const page = readFileSync(new URL("../../../docs/operating/interop.md", import.meta.url), "utf8");

  it("replaces what the page said before, and nothing else", () => {
    const written = writeOutcome(page, outcome);
    expect(written).toContain(outcomeTable(outcome));
    expect(writeOutcome(written, failed)).toContain("| GET STATUS | fails | 6982 |");
    expect(writeOutcome(written, failed)).not.toContain("| works |");
    expect(written.split("\n")[0]).toBe(page.split("\n")[0]);
  });

  it("keeps cells apart", () => {
    expect(outcomeTable(outcome)).toContain("31 \\| 40 bytes");
  });

  it("refuses a page without a place for it", () => {
    expect(() => writeOutcome("# Interop", outcome)).toThrow(expect.objectContaining({ code: "PAGE_WITHOUT_PLACE" }));
  });
});
