import { describe, expect, it } from "@jest/globals";
import { limitsRule } from "./limits-rule.ts";
import { judgeCommands, judgeSteps } from "./one-a-file.ts";
import { sleepsRule } from "./sleeps.ts";

describe("limitsRule", () => {
  const faultsIn = (path: string, text: string): number => limitsRule.judge([{ path, text }], []).faults.length;

  it.each([
    "const MAX_CARDS = 5;",
    "export const POLL_MS = 1_000;",
    "const MOST = 5n;",
    "const DAY = 24 * 3_600;",
    "const LONGEST = MAX_A * 2;",
    "await pause(200);",
    "const signal = AbortSignal.timeout(2_000);",
    "setTimeout(() => stop(), 500);",
  ])("finds %p in production code alone", (text) => {
    expect(faultsIn("apps/a/src/a.ts", text)).toBe(1);
    expect(faultsIn("apps/a/src/limits.ts", text)).toBe(0);
    expect(faultsIn("apps/a/src/a.test.ts", text)).toBe(0);
  });

  it("takes codes of a protocol and lengths of a byte form for no limits", () => {
    expect(
      faultsIn("packages/a/src/a.ts", "const INS_SELECT = 0xa4;\nconst HEADER_BYTES = 5;\nconst VERSION = 1;"),
    ).toBe(0);
    expect(faultsIn("apps/a/src/a.ts", "const HEADER_BYTES = 5;")).toBe(1);
    expect(faultsIn("packages/apdu/src/pcsc/a.ts", "const READ = 16_384;")).toBe(0);
  });
});

describe("sleepsRule", () => {
  const faultsIn = (path: string, text: string): number => sleepsRule.judge([{ path, text }], []).faults.length;

  it.each([
    'import { setTimeout } from "node:timers/promises";',
    "await sleep(50);",
    "await pause(waitMs);",
    "await new Promise((next) => setTimeout(next, 20));",
    "Thread.sleep(10);",
  ])("finds %p in tests alone", (text) => {
    expect(faultsIn("apps/a/src/a.test.ts", text)).toBe(1);
    expect(faultsIn("apps/a/test/harness/a.ts", text)).toBe(1);
    expect(faultsIn("apps/a/src/a.ts", text)).toBe(0);
  });

  it("lets tests set their own time limit, wait for conditions and stop a part", () => {
    expect(faultsIn("e2e/src/a.test.ts", "jest.setTimeout(1); await until('x', f); await chain.pause();")).toBe(0);
    expect(faultsIn("e2e/src/kill-day.ts", "await pause(5);")).toBe(0);
  });
});

describe("one a file", () => {
  const steps = "apps/card-personalizer/src/steps/";
  const names = { path: `${steps}step-names.ts`, text: 'export const STEP_NAMES = ["domain", "owner"] as const;' };
  const step = (name: string, text = `/** spec §4.8 */ steps.run("${name}", {})`) => ({
    path: `${steps}identity/${name}.ts`,
    text,
  });
  const placesOf = (...files: readonly { path: string; text: string }[]): string[] =>
    judgeSteps([names, ...files]).map(({ path }) => path.slice(steps.length));

  it("wants a file for each step, of its name, that runs it alone and cites its clause", () => {
    expect(placesOf(step("domain"), step("owner"))).toEqual([]);
    expect(placesOf(step("domain"))).toEqual(["step-names.ts"]);
    expect(placesOf(step("domain"), step("owner", 'steps.run("owner", {})'))).toEqual(["identity/owner.ts"]);
    expect(placesOf(step("domain"), step("owner"), step("more"))).toEqual([]);
    const two = step("owner", '// spec §4.8\nsteps.run("owner", {}); steps.run("domain", {})');
    expect(placesOf(step("domain"), two)).toEqual(["identity/owner.ts"]);
    expect(placesOf(step("domain"), step("owner", "// spec §4.8"))).toEqual(["identity/owner.ts"]);
  });

  it("wants one command of the card in a file, and each in one", () => {
    const command = (name: string, text: string) => ({ path: `packages/card/src/commands/${name}.ts`, text });
    const wrong = (...files: readonly { path: string; text: string }[]): number => judgeCommands(files).length;
    expect(wrong(command("pay", "ins: INS.pay"), command("prove", "INS.prove; INS.prove"))).toBe(0);
    expect(wrong(command("pay", "INS.pay; INS.prove"))).toBe(1);
    expect(wrong(command("pay", "INS.pay"), command("prove", "INS.pay"))).toBe(1);
  });
});
