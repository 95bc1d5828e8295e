import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";
import { attacksOnTheCard, attacksOnTheTerminal, type NamedTest } from "./attack-list.ts";
import { attacksPage } from "./attacks-page.ts";

const attacks = [...attacksOnTheCard, ...attacksOnTheTerminal];

/** Whether a file holds a test, or a row of a table of cases, of exactly this name. */
function holds({ file, name }: NamedTest): boolean {
  const path = join(projectRoot(), file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, "utf8");
  if (file.endsWith(".java")) return new RegExp(`(void|Stream<DynamicTest>) ${name}\\(`).test(text);
  if (file.endsWith(".sol")) return text.includes(`function ${name}(`);
  return text.includes(`"${name}"`);
}

describe("the page of attacks", () => {
  it("is the one that the lists give", () => {
    expect(readFileSync(join(projectRoot(), "docs/reference/attacks.md"), "utf8")).toBe(attacksPage());
  });

  it.each(attacks.map((attack) => [attack.attack, attack.tests] as const))(
    "names tests that exist for: %s",
    (_, tests) => {
      expect(tests.length).toBeGreaterThan(0);
      expect(tests.filter((test) => !holds(test))).toEqual([]);
    },
  );
});
