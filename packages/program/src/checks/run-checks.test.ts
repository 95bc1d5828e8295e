import { describe, expect, it } from "@jest/globals";
import { ProgramError } from "../lines/program-error.ts";
import { ManualTimer } from "../testing/manual-timer.ts";
import { type Check, checkLine, type CheckResult, runChecks } from "./run-checks.ts";

const wrong = new ProgramError("WRONG_SCALE", "The scale is 7.", { exit: "usage", next: "Set it to 1." });
const away = new ProgramError("AWAY", "The node is away.", { exit: "network", next: "Start it." });
const throws = (error: Error) => () => Promise.reject(error);

async function run(checks: readonly Check[]): Promise<{ exit: number; results: readonly CheckResult[] }> {
  const results: CheckResult[] = [];
  const exit = await runChecks(checks, { limitMs: 1_000, report: (result) => results.push(result) });
  return { exit, results };
}

describe("checks of a configuration", () => {
  it("are all made, and exit as the first fault says", async () => {
    const { exit, results } = await run([
      { name: "key", run: () => "0x01" },
      { name: "scale", run: throws(wrong) },
      { name: "node", run: throws(away) },
      { name: "database", run: () => Promise.resolve("answers") },
    ]);
    expect(exit).toBe(2);
    expect(results.map(({ check, result }) => [check, result])).toEqual([
      ["key", "ok"],
      ["scale", "fault"],
      ["node", "fault"],
      ["database", "ok"],
    ]);
    expect(results[1]).toMatchObject({ code: "WRONG_SCALE", next: "Set it to 1.", exit: "usage" });
  });

  it("exit with 0 where there is no fault", async () => {
    expect((await run([{ name: "key", run: () => "0x01" }])).exit).toBe(0);
    expect((await run([])).exit).toBe(0);
  });

  it("leave out what says nothing without another one, also over two", async () => {
    const { exit, results } = await run([
      { name: "node", run: throws(away) },
      { name: "vault", needs: ["node"], run: throws(wrong) },
      { name: "token", needs: ["vault"], run: throws(wrong) },
    ]);
    expect([exit, results.map(({ result }) => result)]).toEqual([7, ["fault", "left-out", "left-out"]]);
  });

  it("do not wait for what hangs", async () => {
    const timer = new ManualTimer();
    const results: CheckResult[] = [];
    const hanging = { name: "node", run: () => new Promise<string>(() => undefined) };
    const exit = runChecks([hanging], { limitMs: 1_000, timer, report: (result) => results.push(result) });
    await timer.pass(0);
    await timer.pass(1_000);
    expect([await exit, results]).toMatchObject([7, [{ code: "CHECK_HANGS" }]]);
  });

  it("are lines for people and for programs", () => {
    const ok = { check: "key", result: "ok", message: "0x01" } as const;
    expect(checkLine("gateway", ok, false)).toMatch(/^ok +key: 0x01$/);
    expect(JSON.parse(checkLine("gateway", ok, true))).toEqual({ schema: "tallystick.check/1", app: "gateway", ...ok });
    const { code, message, next } = wrong;
    const fault = { check: "scale", result: "fault", exit: "usage", ...{ code, message, next } } as const;
    expect(checkLine("gateway", fault, false).split("\n").length).toBe(2);
    expect(checkLine("gateway", { check: "a", result: "left-out", message: "b" }, false)).toContain("left out");
  });
});
