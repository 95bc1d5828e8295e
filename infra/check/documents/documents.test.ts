import { describe, expect, it } from "@jest/globals";
import { MAX_PROSE_COLUMNS } from "../limits.ts";
import { judgeCited, judgeTestColumns } from "./cited.ts";
import { judgeCommandsIn } from "./commands.ts";
import { anchorOf, judgeLinks, placesOf } from "./links.ts";
import { proseRule } from "./prose.ts";
import { findForbiddenWords } from "./words.ts";
import { wrapMarkdown } from "./wrap.ts";

const long = "word ".repeat(30).trim();

describe("proseRule", () => {
  const faultsIn = (text: string): number => proseRule.judge([{ path: "a.md", text }], []).faults.length;

  it.each([long, `- ${long}`, `> ${long}`, `1. ${long}`])("finds a long line %#", (text) => {
    expect(faultsIn(text)).toBe(1);
    expect(faultsIn(wrapMarkdown(text))).toBe(0);
  });

  it.each([
    `| ${long} |`,
    `# ${long}`,
    `\`\`\`\n${long}\n\`\`\``,
    `\`${long}\``,
    `[x](https://example.org/${"y".repeat(MAX_PROSE_COLUMNS)})`,
    `<img alt="${long}">`,
  ])("lets stand what cannot be broken %#", (text) => {
    expect(faultsIn(text)).toBe(0);
    expect(wrapMarkdown(text)).toBe(text);
  });
});

describe("wrapMarkdown", () => {
  it("indents what follows in a list, and keeps a paragraph that fits as it is", () => {
    const [first = "", second = ""] = wrapMarkdown(`- ${long}`).split("\n");
    expect([first.slice(0, 6), second.slice(0, 6)]).toEqual(["- word", "  word"]);
    expect(wrapMarkdown("one\ntwo\n")).toBe("one\ntwo\n");
  });

  it("begins no line with what would begin a block", () => {
    const text = `one ${"w".repeat(MAX_PROSE_COLUMNS - 5)} - and two ${"w".repeat(MAX_PROSE_COLUMNS - 10)} 1. more`;
    expect(
      wrapMarkdown(text)
        .split("\n")
        .filter((line) => /^(-|1\.)/.test(line)),
    ).toEqual([]);
  });
});

describe("links", () => {
  const texts = new Map([["docs/b.md", "# One `two`, three\n"]]);
  const places = placesOf(["docs/a.md", "docs/b.md", "LICENSE"]);
  const faultsIn = (text: string): number => judgeLinks({ path: "docs/a.md", text }, texts, places).length;

  it.each([
    "[b](b.md)",
    "[b](b.md#one-two-three)",
    "[l](../LICENSE)",
    "[d](.)",
    "[w](https://x.org/y)",
    "`[b](c.md)`",
    "```\n[b](c.md)\n```",
  ])("takes %s", (text) => {
    expect(faultsIn(text)).toBe(0);
  });

  it.each(["[b](c.md)", "[b](b.md#four)", "[b](../docs/c/)", "[one\ntwo](c.md)", "```\nx\n```\n[b](c.md)"])(
    "finds %s",
    (text) => {
      expect(faultsIn(text)).toBe(1);
    },
  );

  it("names headings as renderers do", () => {
    expect(anchorOf("## §4.8 What, then? [link](x)")).toBe("48-what-then-link");
  });
});

describe("cited", () => {
  const programs = [
    { path: "apps/a/src/tap.test.ts", text: "" },
    { path: "applet/PayTest.java", text: "void paysOnce() {}" },
    { path: "contracts/test/VaultSuite.sol", text: "function test_pay_once() public {}" },
  ];
  const checkout = { programs, places: placesOf(programs.map(({ path }) => path)) };
  const faultsIn = (text: string): number => judgeCited({ path: "a.md", text }, checkout).length;

  it.each([
    ...["`tap.test.ts`", "`src/tap.test.ts`", "`apps/a/src`", "`PayTest.paysOnce`", "`VaultSuite`"],
    ...["`test_pay_once`", "`test_pay_…`", "`apps/a/dist/main.js`", "tip.test.ts"],
  ])("takes %s", (text) => {
    expect(faultsIn(text)).toBe(0);
  });

  it.each([
    "`tip.test.ts`",
    "`apps/b/`",
    "`PayTest.paysTwice`",
    "`FarTest`",
    "`test_pay_twice`",
    "`VaultSuite.test_x`",
  ])("finds %s", (text) => {
    expect(faultsIn(text)).toBeGreaterThan(0);
  });
});

describe("columns of tests", () => {
  it("cite a test in every row", () => {
    const table = (last: string): { path: string; text: string } => ({
      path: "a.md",
      text: `| attack | test |\n|---|---|\n| x | ${last} |\n\n| a | b |\n|---|---|\n| x | no tests here |\n`,
    });
    expect(judgeTestColumns(table("`a.test.ts`"))).toEqual([]);
    expect(judgeTestColumns(table("gateway tests")).map(({ line }) => line)).toEqual([3]);
  });
});

describe("commands", () => {
  const files = [
    {
      path: "apps/merchant-gateway/src/main.ts",
      text: 'options: { "init-keys": {}, config: {} }; command("claim"); "--config"',
    },
    { path: "tools/make.mjs", text: "" },
  ];
  const checkout = { scripts: new Set(["test", "gateway"]), files };
  const faultsIn = (text: string): number => judgeCommandsIn({ path: "a.md", text }, checkout).length;

  it.each([
    "`pnpm test`",
    "npx -y pnpm@12 test x",
    "$ tallystick-gateway claim --config F --json",
    "`pnpm gateway --init-keys`",
    "`node --conditions=source tools/make.mjs`",
    "nothing but pnpm and Node",
  ])("takes %s", (text) => {
    expect(faultsIn(text)).toBe(0);
  });

  it.each([
    "`pnpm tset`",
    "$ tallystick-gateway clam --config F",
    "`tallystick-gateway --keys`",
    "`node tools/take.mjs`",
    "`node apps/merchant-gateway/dist/main.js`",
  ])("finds %s", (text) => {
    expect(faultsIn(text)).toBe(1);
  });
});

describe("words", () => {
  const faultsIn = (text: string, path = "apps/a/src/a.ts"): number => findForbiddenWords({ path, text }).length;

  it.each([
    ...[
      "the shop",
      "Tills",
      "openTillReader",
      "TILL_KEY",
      "till-key",
      "a stranger's",
      "for\n  ever",
      "kept for\n * ever",
    ],
    ...["its word", "give-backs", "the holder of"],
  ])("finds %p", (text) => {
    expect(faultsIn(text)).toBe(1);
  });

  it.each([
    "workshop",
    "until",
    "still",
    "distill",
    "the cardholder",
    "placeholder",
    "SIGHTING_MISMATCH",
    "from cancellations",
    "status word",
    "forever",
  ])("takes %p", (text) => {
    expect(faultsIn(text)).toBe(0);
  });

  it("judges names of files, and knows where an old word is right", () => {
    expect(faultsIn("", "apps/a/src/till-page.ts")).toBe(1);
    expect(faultsIn('"shop"', "e2e/src/demo.test.ts")).toBe(0);
  });
});
