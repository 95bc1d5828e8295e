import { describe, expect, it } from "@jest/globals";
import { MAX_FILE_LINES, MAX_FOLDER_FILES, MAX_FUNCTION_LINES, MAX_SOLIDITY_FILE_LINES } from "../limits.ts";
import { functionsOf } from "./functions.ts";
import { sizesRule } from "./sizes.ts";

const lines = (count: number): string => "x;\n".repeat(count);
const faultsOf = (files: readonly { path: string; text: string }[]): readonly string[] =>
  sizesRule.judge(files, []).faults.map(({ path }) => path);

describe("sizesRule", () => {
  it("holds production files to their most lines, and tests to none", () => {
    expect(
      faultsOf([
        { path: "apps/a/src/good.ts", text: lines(MAX_FILE_LINES) },
        { path: "apps/a/src/long.ts", text: lines(MAX_FILE_LINES + 1) },
        { path: "apps/a/src/long.test.ts", text: lines(MAX_FILE_LINES + 1) },
        { path: "contracts/src/Good.sol", text: lines(MAX_SOLIDITY_FILE_LINES) },
        { path: "contracts/src/Long.sol", text: lines(MAX_SOLIDITY_FILE_LINES + 1) },
      ]),
    ).toEqual(["apps/a/src/long.ts", "contracts/src/Long.sol"]);
  });

  it("counts the source files of a folder without tests and subfolders", () => {
    const folder = (name: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `apps/a/${name}/f${index}.ts`, text: "" }));
    expect(
      faultsOf([
        ...folder("full", MAX_FOLDER_FILES),
        { path: "apps/a/full/f1.test.ts", text: "" },
        { path: "apps/a/full/more/f.ts", text: "" },
        ...folder("over", MAX_FOLDER_FILES + 1),
      ]),
    ).toEqual(["apps/a/over"]);
  });

  it("holds functions of Java and Solidity to their most lines", () => {
    const body = "    a();\n".repeat(MAX_FUNCTION_LINES - 2);
    const path = "applet/card/src/main/java/A.java";
    expect(faultsOf([{ path, text: `class A {\n  void a() {\n${body}  }\n}\n` }])).toEqual([]);
    expect(faultsOf([{ path, text: `class A {\n  void a() {\n${body}    b();\n  }\n}\n` }])).toEqual([path]);
  });
});

describe("functionsOf", () => {
  it("measures Java methods without blank lines and comments, and no other block", () => {
    const text = `class A {
  /** A comment with a brace: {. */
  private static short read(byte[] buffer, short offset) throws Fault {
    // one {

    if (buffer[offset] == '{') {
      return 1;
    }
    return 0;
  }
}`;
    expect(functionsOf("A.java", text)).toEqual([{ name: "read", line: 3, lines: 6 }]);
  });

  it("measures Solidity functions, constructors and modifiers, and no declaration", () => {
    const text = `contract A {
    constructor(address token) {
        t = token;
    }
    modifier locked() {
        _;
    }
    function declared(uint256 x) external returns (uint256);
    function pay(
        uint256 x
    ) external locked {
        assembly {
            mstore(0, x)
        }
    }
}`;
    expect(functionsOf("A.sol", text).map(({ name, lines: count }) => [name, count])).toEqual([
      ["constructor or modifier", 3],
      ["constructor or modifier", 3],
      ["pay", 7],
    ]);
  });
});
