import { describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { ConfigError } from "@tallystick/program";
import { type AllowanceBody, cardStates } from "@tallystick/protocol";
import type { OrderRow } from "../order/order-row.ts";
import type { CardAnswer, SettlementClient } from "../settlement/settlement-client.ts";
import { checkTask, type TaskColumn } from "./check-task.ts";
import { describeCard } from "./describe-card.ts";
import { describeOnReader } from "./describe-on-reader.ts";
import { findCard } from "./find-card.ts";

const asset = createAsset({ code: "USDC", decimals: 6, scale: 1n });
const address = `0x${"0c".repeat(20)}`;

describe("a card in sentences", () => {
  const card = {
    ...{
      card: address,
      reference: "C-1",
      owner: `0x${"0a".repeat(20)}`,
      state: "open",
      status: "valid",
      flagged: false,
    },
    ...{ balanceFinal: "16.50", paidFinal: "3.50", bound: "25.00", pendingWithdrawal: "0.00" },
    ...{ suspendedFor: [], missing: { count: 0, worth: "0.00" } },
  } as unknown as CardAnswer;
  const allowance = {
    ...{ seq: 2, maxSpent: 20_000_000n, perTap: 5_000_000n, pinAbove: 2_000_000n, notBefore: 100, notAfter: 1_000_000 },
  } as AllowanceBody;
  const told = (changes: object, body: AllowanceBody | null = allowance, nowSeconds = 500) =>
    describeCard({ ...card, ...changes } as CardAnswer, { allowance: body, asset, nowSeconds }).join("\n");

  it("says where it stands, what it can spend now and later, and until when", () => {
    expect(told({}).split("\n")).toHaveLength(7);
    for (const part of ["16.50", "3.50", "number 2", " 5.00", " 2.00", "1970-01-12"]) expect(told({})).toContain(part);
    expect(told({ bound: "20.00" }).split("\n")).toHaveLength(6);
    expect(told({}, null).split("\n")).toHaveLength(4);
    const keys = told({ masterKey: "504A77", issuerKeyId: 2 });
    expect([keys.split("\n").length, keys.includes("504A77"), keys.includes("issuer key 2")]).toEqual([9, true, true]);
  });

  it("says what it would be refused for", () => {
    const sentences = [
      ...[told({}), told({ flagged: true }), told({ status: "lost" }), told({ status: "revoked" })],
      ...[told({ status: "suspended", suspendedFor: ["ISSUER"] }), told({ status: "suspended", suspendedFor: [] })],
      ...[told({}, allowance, 1_000_001), told({}, allowance, 99), told({ state: "opening" })],
    ];
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(told({ status: "suspended", suspendedFor: ["PENDING_VOID", "NEW_GROUND"] })).toContain("NEW_GROUND");
  });

  it("says what it can spend with the allowance that it has shown, and which one waits for it", () => {
    const shown = (changes: object) => told(changes).split("\n").slice(7);
    expect(shown({})).toEqual([]);
    const old = shown({ allowanceShown: { seq: 1, maxSpent: "10.00" } });
    expect([
      old.length,
      old[0]?.includes("number 1"),
      old[0]?.includes(" 6.50 "),
      old[1]?.includes("Number 2"),
    ]).toEqual([...[2, true, true, true]]);
    // Nothing waits for a card that terminals refuse for good.
    for (const status of ["lost", "revoked"])
      expect(shown({ status, allowanceShown: { seq: 1, maxSpent: "10.00" } })).toHaveLength(1);
    expect(shown({ allowanceShown: { seq: 1, maxSpent: "3.00" } })[0]).toContain(" 0.00 ");
    expect(shown({ allowanceShown: { seq: 1, maxSpent: null } })[0]).not.toContain("spend");
    expect([null, { seq: 2, maxSpent: "20.00" }].map((each) => shown({ allowanceShown: each }).length)).toEqual([1, 1]);
  });

  it("says what the card on the reader holds, whether it has a PIN, and never less than nothing left", () => {
    const answer = {
      ...{ state: cardStates.personalized, counter: 3, spent: 1_500_000n, noPinUsed: 700_000n, noPinTaps: 2 },
      allowanceBody: { ...allowance, noPinSum: 4_000_000n, noPinCount: 5 },
    };
    const [first = "", second = "", third] = describeOnReader({ answer, hasPin: true }, asset);
    for (const part of ["number 2", "1.50", " 3 ", "18.50"]) expect(first).toContain(part);
    for (const part of ["0.70", "4.00", "2 of 5"]) expect(second).toContain(part);
    const others = [false, null].map((hasPin) => describeOnReader({ answer, hasPin }, asset));
    expect([others[0]?.[2] === third, others[0]?.length, others[1]?.length]).toEqual([false, 3, 2]);
    const spentMore = { ...answer, spent: 20_000_001n, allowanceBody: { ...answer.allowanceBody, noPinCount: 255 } };
    const text = describeOnReader({ answer: spentMore, hasPin: null }, asset).join();
    expect([text.includes("at most 0.00 more"), text.includes("of 255")]).toEqual([true, false]);
  });

  it("says what is on its way, and never less than nothing left", () => {
    expect(told({ pendingWithdrawal: "4.00", missing: { count: 2, worth: "0.70" } }).split("\n")).toHaveLength(9);
    expect(told({ paidFinal: "21.00" })).toContain("at most 0.00 more");
    expect(told({ depositsWaiting: { count: 2, amount: "7.00" } })).toContain("2, 7.00");
    expect(told({ depositsWaiting: { count: 0, amount: "0.00" } }).split("\n")).toHaveLength(7);
  });
});

describe("a card by its name", () => {
  const settlement = (...cards: string[]) =>
    ({
      cards: () => Promise.resolve({ cards: cards.map((card) => ({ card })), next: null }),
    }) as unknown as SettlementClient;

  it("is one of the register, or the address itself", async () => {
    expect(await findCard(settlement(address), "C-1")).toBe(address);
    expect(await findCard(settlement(), address.toUpperCase().replace("0X", "0x"))).toBe(address);
    await expect(findCard(settlement(), "C-1")).rejects.toMatchObject({ code: "USAGE" });
    await expect(findCard(settlement(address, address), "C-1")).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("a task's file", () => {
  const row = (reference: string, line: number, changes: Partial<OrderRow> = {}): OrderRow => ({
    ...{ reference, label: null, limits: null, fund: null, pin: null, owner: null, line },
    ...changes,
  });
  const register = new Map([
    ["C-1", address],
    ["C-2", `0x${"0d".repeat(20)}`],
  ]);
  const faultsOf = (rows: readonly OrderRow[], column: TaskColumn): string[] => {
    try {
      checkTask(rows, { register, asset, column, templates: ["small"], source: "task.csv" });
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map(({ line, path }) => `${line} ${path}`);
      throw error;
    }
    return [];
  };

  it("names cards of the register, each once, and amounts where it deposits", () => {
    const cards = checkTask([row("C-1", 2, { fund: "5.00" })], {
      register,
      asset,
      column: "fund",
      templates: [],
      source: "",
    });
    expect(cards).toEqual([{ reference: "C-1", card: address, amount: "5.00", limits: null }]);
    expect(faultsOf([row("C-1", 2), row("C-9", 3), row("C-1", 4)], null)).toEqual(["3 reference", "4 reference"]);
    const amounts = [null, "0", "5,00", "ten"].map((fund, index) => row(`C-${index + 1}`, index + 2, { fund }));
    expect(faultsOf(amounts, "fund")).toEqual([
      ...["2 fund", "3 fund", "4 reference", "4 fund", "5 reference", "5 fund"],
    ]);
  });

  it("names a template where it changes limits", () => {
    const named = [null, "small", "large"].map((limits, index) => row(`C-${index + 1}`, index + 2, { limits }));
    expect(faultsOf(named, "limits").filter((fault) => fault.endsWith("limits"))).toEqual(["2 limits", "4 limits"]);
  });

  it("refuses columns that it would not carry out", () => {
    expect(faultsOf([row("C-1", 2, { fund: "5.00", limits: "small" })], null)).toEqual(["2 limits", "2 fund"]);
    expect(faultsOf([row("C-1", 2, { fund: "5.00", pin: "no", owner: "x" })], "fund")).toEqual(["2 pin", "2 owner"]);
  });
});
