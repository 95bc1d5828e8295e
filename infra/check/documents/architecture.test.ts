import { describe, expect, it } from "@jest/globals";
import { importedPackages, judgeImports, judgeStoreys } from "./architecture.ts";

const files = [
  { path: "packages/money/src/a.ts", text: "" },
  { path: "packages/card/src/a.ts", text: 'import { x } from "@tallystick/money";' },
  { path: "packages/card/src/a.test.ts", text: 'import { x } from "@tallystick/stack";' },
  { path: "apps/till/src/a.ts", text: 'import type { x } from "@tallystick/card";\nimport "@tallystick/money/wire";' },
];

describe("the imports of ARCHITECTURE.md", () => {
  const faultsOf = (...lines: readonly string[]): number =>
    judgeImports(lines.join("\n"), importedPackages(files)).length;

  it("are those of the code, each below what imports it", () => {
    expect(faultsOf("till  ─► card", "card  ─► money", "money ─► nothing")).toBe(0);
  });

  it("lack no package, name no other import, and point down", () => {
    expect(faultsOf("card  ─► money", "money ─► nothing")).toBe(1);
    expect(faultsOf("till  ─► card, money", "card  ─► money", "money ─► nothing")).toBe(1);
    expect(faultsOf("till  ─► card", "card  ─► nothing", "money ─► nothing")).toBe(1);
    expect(faultsOf("till  ─► card", "money ─► nothing", "card  ─► money")).toBe(1);
  });
});

describe("the storeys of ARCHITECTURE.md", () => {
  const table = { "apps/a/src": [["main.ts"], ["top/"], ["left/", "right/"], ["low/"]] };
  const faultsOf = (...lines: readonly string[]): number =>
    judgeStoreys(`### apps/a/src\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n`, table).length;

  it("are those of the table", () => {
    expect(faultsOf("top           x", "right · left  y · z", "low           w")).toBe(0);
  });

  it("lack none and stand in their order", () => {
    expect(faultsOf("top  x", "left · right  y")).toBe(1);
    expect(faultsOf("low  x", "left · right  y", "top  z")).toBe(1);
    expect(faultsOf("top  x", "left · right · far  y", "low  z")).toBe(1);
  });
});
