import { writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { ToolRun } from "./interop/run-tool.ts";
import { runSoakCommand, type SoakCommand, soakCommand } from "./soak-kinds.ts";

const options = {
  kinds: ["card"],
  seed: 1_121,
  steps: 20,
  kills: 5,
  faults: 5,
  vouchers: 100_000,
  previous: null,
} as const;
const place = { root: "/project", node: "/bin/node", countsFile: "/counts.json" };

function means(run: (command: SoakCommand) => ToolRun) {
  const times = [1_000, 63_400];
  return {
    root: place.root,
    node: place.node,
    now: () => times.shift() ?? 0,
    run: async (command: SoakCommand) => await Promise.resolve(run(command)),
  };
}

const ended = (code: number | null, output: string): ToolRun => ({ code, stdout: output, output });

describe("a soak", () => {
  it("hands seed and steps to each program in its own way", () => {
    expect(soakCommand("card", options, place).env).toEqual({
      TALLYSTICK_STEPS: "20",
      TALLYSTICK_SEED: "1121",
      TALLYSTICK_COVERAGE: "/counts.json",
    });
    expect(soakCommand("fuzz", options, place).args).toEqual(
      expect.arrayContaining(["-Dtest=FuzzTest", "-Dtallystick.fuzz.count=20", "-Dtallystick.fuzz.seed=1121"]),
    );
    expect(soakCommand("contracts", options, place).env).toEqual({
      FOUNDRY_PROFILE: "soak",
      FOUNDRY_FUZZ_SEED: "0x461",
      TALLYSTICK_DIFFERENTIAL_BATCHES: "10000",
    });
    expect(soakCommand("readers", options, place)).toMatchObject({
      args: expect.arrayContaining(["/project/packages/apdu/jest.config.mjs", "reader-conformance"]),
      env: { TALLYSTICK_CONNECTS: "1000" },
    });
    expect(soakCommand("order", options, place)).toMatchObject({
      args: expect.arrayContaining(["/project/apps/card-personalizer/jest.config.mjs", "killed-order"]),
      env: {
        TALLYSTICK_CARDS: "500",
        TALLYSTICK_KILLS: "5",
        TALLYSTICK_SEED: "1121",
        TALLYSTICK_COUNTS: "/counts.json",
      },
    });
    expect(soakCommand("page", options, place)).toMatchObject({
      args: expect.arrayContaining(["/project/apps/merchant-gateway/jest.config.mjs", "page/browser"]),
      env: { TALLYSTICK_BROWSER: "chromium", TALLYSTICK_SALES: "1000", TALLYSTICK_SEED: "1121" },
    });
    expect(soakCommand("console", options, place)).toMatchObject({
      args: expect.arrayContaining(["/project/apps/settlement/jest.config.mjs", "console/browser"]),
      env: { TALLYSTICK_BROWSER: "chromium", TALLYSTICK_VOUCHERS: "100000", TALLYSTICK_COUNTS: "/counts.json" },
    });
    expect(soakCommand("history", options, place)).toMatchObject({
      args: expect.arrayContaining([
        "/project/apps/settlement/jest.config.mjs",
        "flat-history",
        "--testTimeout=3600000",
      ]),
      env: { TALLYSTICK_HISTORY: "1000000" },
    });
    expect(soakCommand("doors", options, place).args.at(-1)).toBe("/project/e2e/src/doors/trusted-box.ts");
    expect(soakCommand("contracts", options, place).args.slice(-2)).toEqual(["contracts", "packages/vault"]);
  });

  it("reports what the differential test counted", async () => {
    const run = (command: SoakCommand) => {
      writeFileSync(command.env["TALLYSTICK_COVERAGE"] ?? "", JSON.stringify({ "PAY 9000": 12 }));
      return ended(0, "ok");
    };
    const { result } = await runSoakCommand("card", options, means(run));
    expect(result).toEqual({
      schema: "tallystick.soak/1",
      kind: "card",
      seed: 1_121,
      passed: true,
      seconds: 62,
      counts: { steps: 20, coverage: { "PAY 9000": 12 } },
    });
  });

  it.each([
    ["fails", 1],
    ["was killed", null],
  ])("fails when its program %s", async (_what, code) => {
    const { result, output } = await runSoakCommand(
      "card",
      options,
      means(() => ended(code, "a difference")),
    );
    expect(result).toMatchObject({ passed: false, counts: { coverage: null } });
    expect(output).toBe("a difference");
  });

  it("takes the contracts' counts from the last line", async () => {
    const run = () => ended(0, "contracts  1 passed, 9 failed\n142 passed, 0 failed\n");
    const { result } = await runSoakCommand("contracts", options, means(run));
    expect(result.counts).toEqual({ tests: 142, failed: 0 });
  });
});
