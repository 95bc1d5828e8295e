import { describe, expect, it } from "@jest/globals";
import { MAX_DUPLICATES, SAME_LINES } from "../limits.ts";
import { countedLines, duplicatesRule, findDuplicates } from "./duplicates.ts";

const stretch = (name: string, count = SAME_LINES): string =>
  Array.from({ length: count }, (_, index) => `${name}(${index});`).join("\n");

describe("countedLines", () => {
  it("passes blank lines, comments, imports and lone punctuation over", () => {
    const text = `#!/usr/bin/env node
import { a } from "./a.ts";
import {
  b,
} from "./b.ts";
/* one */
/**
 * two
 */
// three

const x = [
  1,
];
});
export const y = import("./c.ts");`;
    expect(countedLines(text)).toEqual([
      { number: 12, text: "const x = [" },
      { number: 13, text: "1," },
      { number: 16, text: 'export const y = import("./c.ts");' },
    ]);
  });
});

describe("findDuplicates", () => {
  it("names a stretch that stands twice once, as long as it is, over files and within one", () => {
    const files = [
      { path: "apps/a/one.ts", text: `${stretch("first", 8)}\nother();\n${stretch("second")}` },
      { path: "apps/a/two.ts", text: `begin();\n${stretch("first", 8)}\nend();\n${stretch("second")}` },
    ];
    expect(findDuplicates(files)).toEqual([
      { path: "apps/a/two.ts", line: 2, lines: 8, earlier: { path: "apps/a/one.ts", line: 1 } },
      { path: "apps/a/two.ts", line: 11, lines: 6, earlier: { path: "apps/a/one.ts", line: 10 } },
    ]);
    const twice = [{ path: "apps/a/one.ts", text: `${stretch("same")}\nother();\n${stretch("same")}` }];
    expect(findDuplicates(twice)).toHaveLength(1);
  });

  it("passes shorter stretches, tests and one long repetition within itself over", () => {
    expect(
      findDuplicates([
        { path: "apps/a/one.ts", text: stretch("short", SAME_LINES - 1) },
        { path: "apps/a/two.ts", text: stretch("short", SAME_LINES - 1) },
        { path: "apps/a/test/three.ts", text: stretch("tested") },
        { path: "apps/a/four.ts", text: stretch("tested") },
        { path: "apps/a/five.ts", text: "same();\n".repeat(SAME_LINES) },
      ]),
    ).toEqual([]);
  });
});

describe("duplicatesRule", () => {
  const copies = (count: number) =>
    Array.from({ length: count + 1 }, (_, index) => ({ path: `apps/a/${index}.ts`, text: stretch("copied") }));

  it("lets a third of the places stand that stood before, and counts them", () => {
    expect(duplicatesRule.judge(copies(MAX_DUPLICATES), []).faults).toEqual([]);
    expect(duplicatesRule.judge(copies(MAX_DUPLICATES + 1), []).faults).toHaveLength(MAX_DUPLICATES + 1);
    expect(duplicatesRule.judge(copies(1), []).summary).toMatch(/^1 places stand twice, 12 on commit 7eb8da4/);
  });
});
