import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";
import { type Part, parts } from "./parts.ts";

const names = Object.keys(parts) as (keyof typeof parts)[];
const found = (part: Part, globs: readonly string[]): string[] =>
  globSync([...globs], { cwd: join(projectRoot(), part.folder) });

describe.each(names)("the part %s", (name) => {
  const part: Part = parts[name];

  it("names sources and tests that there are", () => {
    for (const glob of part.sources) expect([glob, found(part, [glob]).length]).not.toEqual([glob, 0]);
    expect(found(part, part.tests).length).toBeGreaterThan(0);
  });

  it("leaves nothing out without a reason, and nothing that is not there", () => {
    for (const [glob, reason] of Object.entries({ ...part.sourcesLeftOut, ...part.testsLeftOut })) {
      expect(reason.length).toBeGreaterThan(10);
      expect([glob, found(part, [glob]).length]).not.toEqual([glob, 0]);
    }
  });

  it("leaves sources to judge, and tests that judge them", () => {
    const sources = found(part, part.sources).filter((file) => !file.endsWith(".test.ts"));
    const leftOut = found(part, Object.keys(part.sourcesLeftOut));
    expect(sources.filter((file) => !leftOut.includes(file)).length).toBeGreaterThan(0);
    const tests = found(part, Object.keys(part.testsLeftOut));
    expect(found(part, part.tests).filter((file) => !tests.includes(file)).length).toBeGreaterThan(0);
  });

  it("has no source that switches a change off by a comment, where no reason is counted", () => {
    const switchedOff = found(part, part.sources).filter((file) =>
      readFileSync(join(projectRoot(), part.folder, file), "utf8").includes("Stryker disable"),
    );
    expect(switchedOff).toEqual([]);
  });
});
