import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { makeWorkFolder, projectRoot, type WorkFolder } from "@tallystick/stack";
import { Artifacts } from "./solidity/artifacts.ts";
import { changesOf } from "./solidity/changes.ts";
import { Compiler } from "./solidity/compiler.ts";
import { placeOf } from "./solidity/place.ts";

const compiler = new Compiler(join(projectRoot(), "contracts"));

/** What may change in the body of a function, as "what stands there → what comes instead". */
function changesIn(body: string, around = ""): string[] {
  const source = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract A { ${around} error Wrong(); event Seen(uint256 a, uint256 b);
function f(uint256 a, uint256 b) public returns (uint256 c) {
${body}
} }`;
  const tree = compiler.trees({ "src/A.sol": source })["src/A.sol"];
  if (tree === undefined) throw new Error("The compiler gave no tree.");
  const inBody = source.indexOf(body);
  return changesOf(tree, source)
    .filter(({ start }) => start >= inBody)
    .map(({ start, end, replacement }) => `${source.slice(start, end).trim()} → ${replacement.trim()}`);
}

describe("the changes of a contract", () => {
  it.each([
    ["a comparison", "if (a < b) c = a;", ["a < b → true", "a < b → false", "< → <=", "< → >="]],
    ["a sum", "c = a + b;", ["c = a + b; → {}", "+ → -"]],
    ["a sum that is kept", "c += a;", ["c += a; → {}", "+= → -="]],
    ["a guard", "if (a == b) revert Wrong();", ["a == b → true", "a == b → false", "== → !="]],
    ["a negation", "bool d = !(a == b); d;", ["!(a == b) → (a == b)", "== → !=", "d; → {}"]],
    [
      "a choice",
      "c = a > b ? a : b;",
      ["c = a > b ? a : b; → {}", "a > b → true", "a > b → false", "> → >=", "> → <="],
    ],
    ["a number", "c = 7;", ["c = 7; → {}", "7 → 8", "7 → 6"]],
    [
      "nought, and a hexadecimal number",
      "c = 0; c = 0x0f;",
      ["c = 0; → {}", "0 → 1", "c = 0x0f; → {}", "0x0f → 0x10", "0x0f → 0x0e"],
    ],
    ["a truth", "bool d = true; d;", ["true → false", "d; → {}"]],
    ["what is logged, and in which order", "emit Seen(a, b);", ["emit Seen(a, b); → {}", "a, b → b, a"]],
    ["a step", "++c;", ["++c; → {}", "++c → --c"]],
  ])("are those of %s", (_what, body, wanted) => {
    expect(changesIn(body)).toEqual(wanted);
  });

  it.each([
    ["instructions", "c := lt(a, b)", ["c := lt(a, b) → {}", "lt → gt"]],
    ["ordered operands", "c := sub(a, b)", ["c := sub(a, b) → {}", "sub → add", "a, b → b, a"]],
    ["what is passed through", "c := iszero(a)", ["c := iszero(a) → {}", "iszero(a) → a"]],
    ["conditions", "if a { c := b }", ["a → 1", "a → 0", "c := b → {}"]],
    ["numbers and statements", "mstore(0x20, a)", ["mstore(0x20, a) → {}", "0x20 → 0x21", "0x20 → 0x1f"]],
  ])("are those of assembly: %s", (_what, code, wanted) => {
    expect(changesIn(`assembly { ${code} }`)).toEqual(wanted);
  });

  it("take a modifier away, but nothing from a constructor of what it inherits", () => {
    const source = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract B { constructor(uint256) {} modifier once() { _; } }
contract A is B { constructor() B(block.number) {} function f() external once {} }`;
    const tree = compiler.trees({ "src/A.sol": source })["src/A.sol"];
    const found = tree === undefined ? [] : changesOf(tree, source);
    expect(found.map(({ start, end, operator }) => [source.slice(start, end), operator])).toEqual([
      ["once", "modifier"],
    ]);
  });
});

describe("a changed contract", () => {
  const source = (sum: string): string => `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
contract A { function f(uint256 a) external pure returns (uint256) { return ${sum}; } }`;

  it("compiles to other code, or not at all", () => {
    const [original] = compiler.code({ "src/A.sol": source("a + 1") }, ["src/A.sol"]) ?? [];
    const [same] = compiler.code({ "src/A.sol": source("a  +  1") }, ["src/A.sol"]) ?? [];
    const [other] = compiler.code({ "src/A.sol": source("a - 1") }, ["src/A.sol"]) ?? [];
    expect(original?.created).toMatch(/^[0-9a-f]+$/);
    expect(same).toEqual(original);
    expect(other?.deployed).not.toBe(original?.deployed);
    expect(compiler.code({ "src/A.sol": source("a + b") }, ["src/A.sol"])).toBeNull();
  });

  describe("in forge's folder", () => {
    let work: WorkFolder;
    beforeAll(() => {
      work = makeWorkFolder("mutation-test");
    });
    afterAll(() => work.remove());

    it("takes the place of its code and leaves the rest", () => {
      const path = join(work.path, "out/A.sol/A.json");
      mkdirSync(join(work.path, "out/A.sol"), { recursive: true });
      const built = { abi: [1], bytecode: { object: "0x01", more: 2 }, deployedBytecode: { object: "0x02" } };
      writeFileSync(path, JSON.stringify(built));
      new Artifacts(work.path, ["src/A.sol"]).put([{ created: "aa", deployed: "bb" }]);
      expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
        abi: [1],
        bytecode: { object: "0xaa", more: 2 },
        deployedBytecode: { object: "0xbb" },
      });
    });
  });
});

describe("the place of a change", () => {
  it("counts lines and columns from 1", () => {
    expect(placeOf("ab\ncd\n", { start: 0, end: 1 })).toEqual({
      start: { line: 1, column: 1 },
      end: { line: 1, column: 2 },
    });
    expect(placeOf("ab\ncd\n", { start: 4, end: 6 })).toEqual({
      start: { line: 2, column: 2 },
      end: { line: 3, column: 1 },
    });
  });
});
