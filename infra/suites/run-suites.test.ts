import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { makeWorkFolder, projectRoot, type WorkFolder } from "@tallystick/stack";
import { allSuites } from "./all-suites.ts";
import { chosenSuites, runSuites } from "./run-suites.ts";
import type { Suite } from "./suite.ts";

let folder: WorkFolder;
let seen: string[];

beforeEach(() => {
  folder = makeWorkFolder("run-suites");
  seen = [];
});
afterEach(() => {
  folder.remove();
});

/** A suite that begins, waits for a promise, and ends. */
function suite(
  name: string,
  { until, after = [], places = 1 }: { until?: Promise<unknown>; after?: string[]; places?: number } = {},
): Suite {
  return {
    name,
    ...{ after, places },
    run: async () => {
      seen.push(`${name} begins`);
      await until;
      seen.push(`${name} ends`);
      return { passed: 1, failed: 0, output: "" };
    },
  };
}

const run = (suites: readonly Suite[], onEnd: (name: string) => void = () => {}): Promise<void> =>
  runSuites(suites, { folder: folder.path, places: 2, onEnd: ({ name }) => onEnd(name) });

describe("runSuites", () => {
  it("runs two beside each other, and begins the next as soon as one has ended", async () => {
    const long = Promise.withResolvers<void>();
    const ended: string[] = [];
    await run([suite("long", { until: long.promise }), suite("a"), suite("b"), suite("c")], (name) => {
      ended.push(name);
      if (name === "c") long.resolve();
    });
    expect(ended).toEqual(["a", "b", "c", "long"]);
    expect(seen.slice(0, 2)).toEqual(["long begins", "a begins"]);
    expect(seen.indexOf("a ends")).toBeLessThan(seen.indexOf("b begins"));
    expect(seen.indexOf("b ends")).toBeLessThan(seen.indexOf("c begins"));
  });

  it("begins a suite that computes in two places when both are free, and lets a smaller one pass it", async () => {
    const first = Promise.withResolvers<void>();
    await run([suite("first", { until: first.promise }), suite("wide", { places: 2 }), suite("small")], (name) => {
      if (name === "small") first.resolve();
    });
    expect(seen.indexOf("small ends")).toBeLessThan(seen.indexOf("wide begins"));
    expect(seen.indexOf("first ends")).toBeLessThan(seen.indexOf("wide begins"));
  });

  it("gives a suite that wants more places than there are all of them", async () => {
    await run([suite("huge", { places: 3 }), suite("next")]);
    expect(seen).toEqual(["huge begins", "huge ends", "next begins", "next ends"]);
  });

  it("keeps a suite back until those that it names have ended, and lets later ones pass it", async () => {
    const first = Promise.withResolvers<void>();
    await run(
      [suite("first", { until: first.promise }), suite("kept", { after: ["first"] }), suite("free")],
      (name) => {
        if (name === "free") first.resolve();
      },
    );
    expect(seen.indexOf("free ends")).toBeLessThan(seen.indexOf("kept begins"));
    expect(seen.indexOf("first ends")).toBeLessThan(seen.indexOf("kept begins"));
  });

  it("does not wait for a suite that does not run, and never begins two that wait for each other", async () => {
    await run([suite("alone", { after: ["absent"] })]);
    expect(seen).toEqual(["alone begins", "alone ends"]);
    await expect(run([suite("x", { after: ["y"] }), suite("y", { after: ["x"] })])).rejects.toThrow();
  });
});

describe("chosenSuites", () => {
  it("keeps the named suites in their order, and all without a name", () => {
    const suites = [suite("a"), suite("b"), suite("c")];
    const namesOf = (chosen: readonly Suite[]): string[] => chosen.map(({ name }) => name);
    expect(namesOf(chosenSuites(suites, ["c", "b"]))).toEqual(["b", "c"]);
    expect(namesOf(chosenSuites(suites, []))).toEqual(["a", "b", "c"]);
  });
});

describe("allSuites", () => {
  it("names every suite once, and ends the applet's before any that starts cards", () => {
    const suites = allSuites(projectRoot());
    const names = suites.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["check", "applet", "contracts", "packages/protocol", "apps/settlement", "e2e"]),
    );
    const free = suites.filter(({ after = [] }) => !after.includes("applet")).map(({ name }) => name);
    expect(free).toEqual(["applet", "check", "contracts"]);
  });
});
