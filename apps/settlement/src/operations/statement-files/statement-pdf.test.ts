import { describe, expect, it } from "@jest/globals";
import { NOTHING } from "../statements/statement-effects.ts";
import type { StatementHead, StatementLine, StatementPiece } from "../statements/statement-form.ts";
import { shownName, textRuns } from "./shown-text.ts";
import { statementPdf } from "./statement-pdf.ts";

const hash = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;

const payout: StatementLine = {
  ...{ index: 1, between: [], entry: "[]", operation: `paidOut:${hash(1)}:0:0`, at: "2026-11-21T09:00:00.000Z" },
  ...{
    day: "2026-11-21",
    kind: "payout",
    amount: 100n,
    counted: ["owed", "paidOut"],
    effect: NOTHING,
    balance: NOTHING,
  },
  ...{ voucher: null, card: null, counter: null, terminal: null, soldAt: null, tx: hash(1), batch: null, gasWei: null },
};

async function* piecesOf(parts: number): AsyncGenerator<StatementPiece> {
  yield await Promise.resolve({ piece: "line", line: payout } as const);
  for (let number = 0; number < parts; number += 1)
    yield { piece: "part", part: { of: `paid:${hash(number)}`, voucher: hash(number), amount: 1n } };
  yield { piece: "day", day: { day: "2026-11-21", lines: 1, change: NOTHING, balance: NOTHING } };
  yield { piece: "end", end: { lines: 1, closing: NOTHING, after: [] } };
}

async function pdfOf(name: string | null, parts: number): Promise<{ readonly text: string; readonly early: number }> {
  const head: StatementHead = {
    ...{ payee: `0x${"ab".repeat(20)}`, name, from: "2026-11-01", to: "2026-11-30", complete: true },
    ...{ madeAt: "2026-12-01T09:00:00.000Z", log: { size: 5, root: hash(9) }, consistency: [], opening: NOTHING },
    anchor: { batch: "8c0b3f4e", tx: hash(2), size: 4, root: hash(3) },
    ...{ openingIn: 0n, openingOut: 0n },
  };
  let [text, early] = ["", 0];
  let read = 0;
  const pieces = (async function* () {
    for await (const piece of piecesOf(parts)) {
      early = text.length;
      read += 1;
      yield piece;
    }
  })();
  for await (const chunk of statementPdf({ head, pieces }, { code: "TUSD", decimals: 6, scale: 1n }))
    text += Buffer.from(chunk).toString("latin1");
  expect(read).toBe(parts + 3);
  return { text, early };
}

describe("a statement as PDF", () => {
  it.each([
    ["nobody's name", null],
    ["a plain name", "Kiosk 2"],
    ["a name from right to left", "مقهى السلام (Café №1) שלום"],
    ["letters that no font has", "中文 कैफ़े \u{10FFFF}"],
    ["controls and turns", "\u202Eevil\u0000\u200F\u2028\n\tname\uD800"],
    ["markup and a formula", '=cmd|"/C calc"!A0 <script>alert(1)</script> %PDF endstream endobj ('],
    ["a name of nothing", "\u200B\u0000"],
    ["a name that is far too long", "W".repeat(5_000)],
  ])("takes %s", async (_, name) => {
    const { text } = await pdfOf(name, 7);
    expect(text.startsWith("%PDF-1.")).toBe(true);
    expect(text.trimEnd().endsWith("%%EOF")).toBe(true);
    // Every letter comes from a font that stands in the file; nothing in it runs or is fetched.
    expect(text).toContain("/FontFile2");
    expect(text).not.toMatch(/\/(?:JavaScript|JS|Launch|URI|OpenAction)\b/);
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
  });

  it("is written page by page, as it is read", async () => {
    const { text, early } = await pdfOf("Kiosk 2", 900);
    expect(text.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(4);
    expect(early).toBeGreaterThan(10_000);
  });
});

describe("a name", () => {
  it("stands on the page in the order in which it is read", () => {
    const order = (text: string) => textRuns(text).map(({ text: own }) => own);
    expect(order("Kiosk 2")).toEqual(["Kiosk 2"]);
    expect(order("Café שלום 12")).toEqual(["Café ", "12", "שלום "]);
    expect(textRuns("שלום (A)").map(({ rightToLeft }) => rightToLeft)).toContain(true);
    expect(order("")).toEqual([]);
  });

  it("has no controls, one line, and the numbers of letters that the font lacks", () => {
    expect(shownName(" a\u0000b\u202E\n c ", () => true)).toBe("ab c");
    expect(shownName("中", () => false)).toBe("\u2066[U+4E2D]\u2069");
    expect(shownName("x".repeat(500), () => true)).toMatch(/^x{80}…$/);
  });
});
