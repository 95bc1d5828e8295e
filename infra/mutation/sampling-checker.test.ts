import { describe, expect, it } from "@jest/globals";
import { NOT_DRAWN, type Drawable } from "./draw.ts";
import { strykerPlugins } from "./sampling-checker.ts";

const place = { line: 1, column: 1 };
const mutants: Drawable[] = ["7", "8", "9"].map((id) => ({
  id,
  fileName: "/w/a.ts",
  mutatorName: "BlockStatement",
  replacement: `{${id}}`,
  location: { start: place, end: place },
}));

describe("the checker that Stryker asks", () => {
  const [plugin] = strykerPlugins;
  const create = (size: number) => plugin?.factory({ sampling: { size, seed: 3, folder: "/w" } });

  it("wants all mutants in one group", async () => {
    expect(await create(1)?.group(mutants)).toEqual([["7", "8", "9"]]);
  });

  it("answers for every mutant, and lets as many pass as are to be drawn", async () => {
    const answers = (await create(2)?.check(mutants)) ?? {};
    expect(Object.keys(answers)).toEqual(["7", "8", "9"]);
    const passed = Object.values(answers).filter(({ status }) => status === "passed");
    expect(passed).toHaveLength(2);
    expect(Object.values(answers)).toContainEqual({ status: "compileError", reason: NOT_DRAWN });
  });

  it("lets all pass where all are to be judged", async () => {
    const answers = Object.values((await create(0)?.check(mutants)) ?? {});
    expect(answers.map(({ status }) => status)).toEqual(["passed", "passed", "passed"]);
  });
});
