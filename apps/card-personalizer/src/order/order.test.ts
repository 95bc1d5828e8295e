import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ConfigError, MAX_ORDER_CARDS } from "@tallystick/program";
import { parseAddress, toHex } from "@tallystick/protocol";
import { configOf } from "../../test/harness/steps-harness.ts";
import { checkOrder, type OrderGrounds } from "./check-order.ts";
import { readOrder } from "./read-order.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-order-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const owner = `0x${"0a".repeat(20)}`;
const config = {
  ...configOf({ caps: { requireCertificate: false } }),
  ...{ owner: parseAddress(owner), fund: 20_000_000n, pinFolder: "letters" },
  templates: { small: { perTap: "5.00", pinAbove: "2.00" }, tight: { maxSpent: "30.00" } },
} as unknown as Parameters<typeof checkOrder>[1]["config"];
const nobody: OrderGrounds = { registered: () => null, begun: () => null, treasury: null };

function read(content: string | Uint8Array, name = "order.csv") {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readOrder(path);
}

function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ line, path }) => `${line ?? "-"} ${path}`.trim());
    throw error;
  }
  return [];
}

const check = (content: string, grounds: Partial<OrderGrounds> = {}, of: object = {}) =>
  checkOrder(read(content), {
    ...{ config: { ...config, ...of }, grounds: { ...nobody, ...grounds }, source: "order.csv" },
    visits: "two",
  });

describe("an order's form", () => {
  const plain = "reference,label,fund\nC-1,Ada,10.00\nC-2,,\n";
  const columns = { reference: 1, label: 2, fund: 3 };
  const rows = [
    { reference: "C-1", label: "Ada", limits: null, fund: "10.00", pin: null, owner: null, line: 2, columns },
    { reference: "C-2", label: null, limits: null, fund: null, pin: null, owner: null, line: 3, columns },
  ];

  it.each<[string, string | Uint8Array]>([
    ["commas", plain],
    ["semicolons", plain.replaceAll(",", ";")],
    ["CRLF", plain.replaceAll("\n", "\r\n")],
    ["a byte-order mark", `\ufeff${plain}`],
    ["quotes", plain.replace("Ada", '"Ada"')],
    ["names in capitals", plain.replace("reference", "Reference")],
  ])("is read with %s", (_name, content) => {
    expect(read(content)).toEqual(rows);
  });

  it("keeps separators and quotes that stand in quotes", () => {
    expect(read('reference,label\nC-1,"Ada ""A"", 2nd"\n')[0]?.label).toBe('Ada "A", 2nd');
  });

  it("is read from JSON, and JSON's faults have their lines", () => {
    expect(read('{"cards":[{"reference":"C-1","fund":"1.00"}]}', "order.json")[0]).toMatchObject({
      ...{ reference: "C-1", fund: "1.00", owner: null },
    });
    expect(faultsOf(() => read('{"cards":[\n{"reference":"C-1","fund":1}]}', "order.json"))).toEqual([
      "2 cards.0.fund",
    ]);
    expect(faultsOf(() => read('{"cards":[]}', "order.json"))).toEqual(["1 cards"]);
  });

  it.each<[string, string | Uint8Array, string[]]>([
    ["that is empty", "", ["1"]],
    ["without cards", "reference\n", ["1"]],
    ["in UTF-16", Buffer.from("reference\nC-1\n", "utf16le"), ["-"]],
    ["in Latin-1", Buffer.from("reference,label\nC-1,Späti\n", "latin1"), ["-"]],
    [
      "with an unknown column, one that stands twice, and no reference",
      "label,label,colour\na,b,c\n",
      ["1 label", "1 colour", "1 reference"],
    ],
    ["with a field too many", "reference,label\nC-1\nC-2,a,b\n", ["2", "3"]],
    ["with an open quote", 'reference,label\nC-1,"Ada\n', ["2"]],
    ["of too many cards", `reference\n${"C\n".repeat(MAX_ORDER_CARDS + 1)}`, ["1"]],
  ])("is refused %s", (_name, content, faults) => {
    expect(faultsOf(() => read(content))).toEqual(faults);
  });
});

describe("an order's meaning", () => {
  it("takes what a line leaves out from the configuration and its template", () => {
    const [first, second] = check(
      `reference,limits,fund,pin,owner\nC-1,small,7.50,yes,0x${"0b".repeat(20)}\nC-2,,,,\n`,
    );
    expect(first).toMatchObject({ reference: "C-1", fund: 7_500_000n, hasPin: true });
    expect(first?.caps).toMatchObject({ perTap: "5.00", pinAbove: "2.00", noPinSum: "100.00" });
    expect([first, second].map((card) => toHex(card?.owner ?? new Uint8Array()))).toEqual([
      `0x${"0b".repeat(20)}`,
      owner,
    ]);
    expect(second).toMatchObject({ fund: 20_000_000n, hasPin: true, caps: { perTap: "50.00" } });
  });

  it.each<[string, string, string[]]>([
    ["a reference that stands twice", "reference\nC-1\nC-2\nC-1\n", ["4 reference"]],
    ["a reference that cannot be, and none", "reference,label\nspäti,\n,x\n", ["2 reference", "3 reference"]],
    ["a template that is not there", "reference,limits\nC-1,large\n", ["2 limits"]],
    ["a decimal comma", 'reference,fund\nC-1,"10,00"\n', ["2 fund"]],
    ["a thousands point", "reference;fund\nC-1;1.250,00\n", ["2 fund"]],
    ["nothing, and what is no amount", "reference,fund\nC-1,0\nC-2,ten\n", ["2 fund", "3 fund"]],
    ["a cap above the deposit", "reference,limits,fund\nC-1,tight,30.00\nC-2,tight,29.99\n", ["3 limits"]],
    ["a PIN rule without a PIN", "reference,limits,pin\nC-1,small,no\n", ["2 limits"]],
    ["a PIN that is neither", "reference,pin\nC-1,maybe\n", ["2 pin"]],
    [
      "the vault as owner, and no address",
      `reference,owner\nC-1,0x${"7a".repeat(20)}\nC-2,0x12\n`,
      ["2 owner", "3 owner"],
    ],
  ])("refuses %s", (_name, content, faults) => {
    expect(faultsOf(() => check(content))).toEqual(faults);
  });

  it("names the line and the number of the field, and of JSON the line where the card stands", () => {
    const faultOf = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return (error as ConfigError).faults.map(({ line, column, path }) => [line, column, path]);
      }
    };
    expect(faultOf(() => check("label;pin;fund;reference\nAda;maybe;10,00;C-1\n"))).toEqual([
      [2, 3, "fund"],
      [2, 2, "pin"],
    ]);
    const rows = read('{"cards":[\n{"reference":"C-1"},\n\n{"reference":"C-1"}]}', "order.json");
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    const of = { config, grounds: nobody, source: "order.json", visits: "one" as const };
    expect(faultOf(() => checkOrder(rows, of))).toEqual([[4, null, "reference"]]);
  });

  it("refuses limits that do not travel to a card, where it comes once", () => {
    const of = { config, grounds: nobody, source: "order.csv" };
    const order = read("reference,limits\nC-1,small\nC-2,tight\n");
    expect(faultsOf(() => checkOrder(order, { ...of, visits: "one" }))).toEqual(["3 limits", "3 limits"]);
    expect(faultsOf(() => checkOrder(order, { ...of, visits: "two" }))).toEqual(["3 limits"]);
  });

  it("refuses what only the configuration could say, and does not", () => {
    const bare = { owner: null, fund: null, pinFolder: undefined };
    expect(faultsOf(() => check("reference,pin\nC-1,yes\n", {}, bare))).toEqual(["2 owner", "2 fund", "2 pin"]);
  });

  it("refuses references of other cards, and takes those of its own", () => {
    const registered = (reference: string) => (reference === "C-1" ? owner : null);
    expect(faultsOf(() => check("reference\nC-1\nC-2\n", { registered }))).toEqual(["2 reference"]);
    expect(check("reference\nC-1\nC-2\n", { registered, begun: registered })).toHaveLength(2);
  });

  it("refuses more than the treasury has, of which begun cards take nothing any more", () => {
    const order = "reference,fund\nC-1,6.00\nC-2,4.00\n";
    expect(check(order, { treasury: 10_000_000n })).toHaveLength(2);
    expect(faultsOf(() => check(order, { treasury: 9_999_999n }))).toEqual(["- fund"]);
    const begun = (reference: string) => (reference === "C-1" ? owner : null);
    expect(check(order, { treasury: 4_000_000n, begun })).toHaveLength(2);
  });
});
