import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { makeWorkFolder, projectRoot, type WorkFolder } from "@tallystick/stack";
import { chosenStages, runStages } from "./run-stages.ts";
import { allStages, type Stage } from "./stages.ts";
import type { Suite } from "./suite.ts";

let folder: WorkFolder;
let seen: string[];

beforeEach(() => {
  folder = makeWorkFolder("stages");
  seen = [];
});
afterEach(() => {
  folder.remove();
});

/** A suite that begins, waits for a promise, and ends. */
function suite(name: string, until: Promise<unknown> = Promise.resolve()): Suite {
  return {
    name,
    run: async () => {
      seen.push(`${name} begins`);
      await until;
      seen.push(`${name} ends`);
      return { passed: 1, failed: 0, output: "" };
    },
  };
}

describe("runStages", () => {
  it("runs lanes beside each other, a lane in its order, and a stage after the one before", async () => {
    const other = Promise.withResolvers<void>();
    const late = {
      ...suite("b"),
      run: async (work: string) => {
        const result = await suite("b").run(work);
        other.resolve();
        return result;
      },
    };
    const stages: readonly Stage[] = [[[suite("a", other.promise)], [late, suite("c")]], [[suite("d")]]];
    const ended: string[] = [];
    await runStages(stages, { folder: folder.path, onEnd: ({ name }) => void ended.push(name) });
    expect(seen.indexOf("b ends")).toBeLessThan(seen.indexOf("a ends"));
    expect(seen.indexOf("b ends")).toBeLessThan(seen.indexOf("c begins"));
    expect(seen.slice(-2)).toEqual(["d begins", "d ends"]);
    expect(ended.toSorted()).toEqual(["a", "b", "c", "d"]);
  });
});

describe("chosenStages", () => {
  it("keeps the named suites in their stages, and all without a name", () => {
    const stages: readonly Stage[] = [[[suite("a")], [suite("b")]], [[suite("c")]]];
    const namesOf = (chosen: readonly Stage[]): string[] => chosen.flat(2).map(({ name }) => name);
    expect(namesOf(chosenStages(stages, ["c", "b"]))).toEqual(["b", "c"]);
    expect(namesOf(chosenStages(stages, []))).toEqual(["a", "b", "c"]);
  });
});

describe("allStages", () => {
  it("names every suite once, and ends the applet's before any that starts cards", () => {
    const stages = allStages(projectRoot());
    const names = stages.flat(2).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["check", "applet", "contracts", "packages/protocol", "apps/settlement", "e2e"]),
    );
    expect(stages[0]?.flat().map(({ name }) => name)).toEqual(["check", "applet"]);
  });
});
