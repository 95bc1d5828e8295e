import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";

/** The interface is the document (style of the house): what the specification's table of §7.9 says stands in the NatSpec as well. */
const source = readFileSync(new URL("../../../../contracts/src/IVault.sol", import.meta.url), "utf8");
const chapter = readFileSync(new URL("../../../../docs/spec/7-vault.md", import.meta.url), "utf8");

/** Each function's comment in one line, by name. */
const documentation = new Map(
  [...source.matchAll(/((?: {4}\/\/\/.*\n)+) {4}function (\w+)\(/g)].map(([, comment, name]) => [
    name ?? "",
    (comment ?? "").replaceAll(/\s*\/\/\/\s*/g, " "),
  ]),
);
const functions = [...source.matchAll(/^ {4}function (\w+)\(/gm)].map(([, name]) => name ?? "");
const errors = new Set([...source.matchAll(/^ {4}error (\w+)\(/gm)].map(([, name]) => name ?? ""));

/** The rows of §7.9's table that say what reverts, by function. */
const reverts = new Map(
  (/## §7\.9[\s\S]*?(?=\n## §)/.exec(chapter)?.[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      const names = [...(cells[1] ?? "").matchAll(/`(\w+)/g)].map(([, name]) => name ?? "");
      const named = [...(cells[4] ?? "").matchAll(/\w+/g)].map(([name]) => name).filter((name) => errors.has(name));
      return names.map((name) => [name, named] as const);
    }),
);
/** What a row of several functions says of some of them only. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  withdraw: ["ZeroAddress"],
  requestWithdrawal: ["NotRipe", "InexactTransfer"],
  cancelWithdrawal: ["ZeroAmount", "Overflow", "WithdrawalPending", "InexactTransfer"],
  withdrawFromCard: ["ZeroAmount", "Overflow", "WithdrawalPending"],
  requestVoid: ["NotRipe", "Advance"],
  executeVoid: ["NoProof", "MalformedMessage", "BadSignature", "WithdrawalPending"],
};

describe("the vault's interface", () => {
  it.each(functions)("says of %s which clause it serves", (name) => {
    expect(documentation.get(name)).toMatch(/@notice .*spec §\d/);
  });

  const changing = [...reverts].filter(([name]) => functions.includes(name));
  it("has every function of the specification's table that changes something", () => {
    const writing = [...source.matchAll(/function (\w+)\([^)]*\) external(?! view)/g)].map(([, name]) => name ?? "");
    expect(changing.map(([name]) => name).sort()).toEqual([...writing].sort());
  });

  it.each(changing)("names of %s the errors that the specification names", (name, named) => {
    const wanted = named.filter((error) => !(exceptions[name] ?? []).includes(error));
    const said = [...(documentation.get(name) ?? "").matchAll(/\w+/g)].map(([word]) => word);
    expect(wanted.filter((error) => !said.includes(error))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(0);
  });

  it.each(["withdraw", "withdrawTo", "withdrawFromCard"])("says that %s pays exactly or not at all", (name) => {
    expect(documentation.get(name)).toContain("InexactTransfer");
  });
});
