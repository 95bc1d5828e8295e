import { describe, expect, it } from "@jest/globals";
import { MAX_COUNTED_LINES, REPEATED_LINE_MS } from "../limits.ts";
import { RepeatedLines } from "./repeated-lines.ts";

describe("lines that come again and again", () => {
  it("are written once a minute, with how many came between", () => {
    let now = 0;
    const lines = new RepeatedLines(() => now);
    expect(lines.see("NO_GAS")).toEqual({ write: true, repeats: 0 });
    for (let again = 1; again <= 239; again += 1) {
      now += 250;
      expect(lines.see("NO_GAS")).toEqual({ write: false, repeats: again });
    }
    now = REPEATED_LINE_MS;
    expect(lines.see("NO_GAS")).toEqual({ write: true, repeats: 239 });
    now += REPEATED_LINE_MS;
    expect(lines.see("NO_GAS")).toEqual({ write: true, repeats: 0 });
  });

  it("hide no other line", () => {
    const lines = new RepeatedLines(() => 0);
    expect([lines.see("a").write, lines.see("b").write, lines.see("a").write]).toEqual([true, true, false]);
  });

  it("are remembered up to a limit, the newest ones", () => {
    const lines = new RepeatedLines(() => 0);
    for (let line = 0; line <= MAX_COUNTED_LINES; line += 1) lines.see(String(line));
    expect(lines.see(String(MAX_COUNTED_LINES)).write).toBe(false);
    expect(lines.see("0").write).toBe(true);
  });
});
