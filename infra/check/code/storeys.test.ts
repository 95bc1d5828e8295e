import { describe, expect, it } from "@jest/globals";
import { findCircles } from "./circles.ts";
import { importsOf } from "./imports.ts";
import { findUpwardArrows, storeysRule } from "./storeys.ts";

/** Files that import the named others, by paths from the root. */
function filesOf(imports: Readonly<Record<string, readonly string[]>>): { path: string; text: string }[] {
  return Object.entries(imports).map(([path, targets]) => {
    const up = "../".repeat(path.split("/").length - 1);
    return { path, text: targets.map((target) => `import { x } from "${up}${target}";`).join("\n") };
  });
}

describe("importsOf", () => {
  it("finds imports of names, types and effects, re-exports and import calls, and no other files", () => {
    const text = `
      import { a } from "./a.ts";
      import type { B } from "../b.ts";
      import "./c.ts";
      export { d } from "./d/d.ts";
      const e = await import("./e.ts");
      import { join } from "node:path";
      import { gone } from "./gone.ts";`;
    const others = ["p/src/a.ts", "p/b.ts", "p/src/c.ts", "p/src/d/d.ts", "p/src/e.ts"];
    const files = [{ path: "p/src/x.ts", text }, ...others.map((path) => ({ path, text: "" }))];
    expect(importsOf(files).map(({ to }) => to)).toEqual(others);
  });
});

describe("findCircles", () => {
  it("finds folders that need each other at every level, over any number of steps", () => {
    const files = filesOf({
      "apps/a/src/one/x.ts": ["apps/a/src/two/y.ts"],
      "apps/a/src/two/y.ts": ["apps/a/src/three/z.ts"],
      "apps/a/src/three/z.ts": ["apps/a/src/one/w.ts"],
      "apps/a/src/one/w.ts": [],
      "apps/a/src/four/in/a.ts": ["apps/a/src/four/out/b.ts"],
      "apps/a/src/four/out/b.ts": ["apps/a/src/four/in/c.ts"],
      "apps/a/src/four/in/c.ts": ["apps/a/src/one/w.ts"],
    });
    expect(findCircles(importsOf(files), ["apps/a"]).map(({ folder, members }) => [folder, members])).toEqual([
      ["apps/a/src", ["one/", "three/", "two/"]],
      ["apps/a/src/four", ["in/", "out/"]],
    ]);
  });

  it("takes a file beside the folders for a point of its own", () => {
    const files = filesOf({
      "apps/a/src/all.ts": ["apps/a/src/one/x.ts"],
      "apps/a/src/one/x.ts": ["apps/a/src/limits.ts"],
      "apps/a/src/limits.ts": [],
    });
    expect(findCircles(importsOf(files), ["apps/a"])).toEqual([]);
    const knotted = filesOf({
      "apps/a/src/all.ts": ["apps/a/src/one/x.ts"],
      "apps/a/src/one/x.ts": ["apps/a/src/all.ts"],
    });
    expect(findCircles(importsOf(knotted), ["apps/a"])[0]?.members).toEqual(["all.ts", "one/"]);
  });
});

describe("findUpwardArrows", () => {
  const table = { "apps/a/src": [["main.ts"], ["top/", "beside/"], ["low/"]] };
  const arrowsOf = (imports: Readonly<Record<string, readonly string[]>>): string[] => {
    const files = filesOf(imports);
    return findUpwardArrows(
      files.map(({ path }) => path),
      importsOf(files),
      table,
    ).arrows.map(({ from, to }) => `${from} ${to}`);
  };

  it("lets imports point down and stay within a place", () => {
    expect(
      arrowsOf({
        "apps/a/src/main.ts": ["apps/a/src/low/x.ts", "apps/a/src/top/t.ts"],
        "apps/a/src/top/t.ts": ["apps/a/src/top/u.ts", "apps/a/src/low/x.ts"],
        "apps/a/src/top/u.ts": [],
        "apps/a/src/low/x.ts": [],
      }),
    ).toEqual([]);
  });

  it("finds imports that point up, or to another place of the same storey", () => {
    expect(
      arrowsOf({
        "apps/a/src/low/x.ts": ["apps/a/src/top/t.ts"],
        "apps/a/src/top/t.ts": ["apps/a/src/beside/b.ts"],
        "apps/a/src/beside/b.ts": [],
      }),
    ).toEqual(["apps/a/src/low/x.ts apps/a/src/top/t.ts", "apps/a/src/top/t.ts apps/a/src/beside/b.ts"]);
  });

  it("names files that stand in no storey", () => {
    expect(findUpwardArrows(["apps/a/src/attic/x.ts", "apps/b/src/y.ts"], [], table).homeless).toEqual([
      "apps/a/src/attic/x.ts",
    ]);
  });
});

describe("storeysRule", () => {
  it("counts circles and upward arrows, and passes tests over", () => {
    const files = filesOf({
      "apps/card-personalizer/src/config/a.ts": ["apps/card-personalizer/src/cli/b.ts"],
      "apps/card-personalizer/src/cli/b.ts": ["apps/card-personalizer/src/config/c.ts"],
      "apps/card-personalizer/src/config/c.ts": [],
      "apps/card-personalizer/src/config/c.test.ts": ["apps/card-personalizer/src/cli/b.ts"],
    });
    const { faults, summary } = storeysRule.judge(files, []);
    expect(summary).toBe("1 circles, 1 upward arrows");
    expect(faults.map(({ path }) => path)).toEqual([
      "apps/card-personalizer/src",
      "apps/card-personalizer/src/config/a.ts",
    ]);
  });
});
