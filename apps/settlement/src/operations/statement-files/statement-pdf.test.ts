import { describe, expect, it, jest } from "@jest/globals";
import { NOTHING } from "../statements/statement-effects.ts";
import type { StatementHead, StatementLine, StatementPiece } from "../statements/statement-form.ts";
import { shownName, textRuns } from "./shown-text.ts";
import { StatementPage } from "./statement-page.ts";
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

async function* piecesOf(parts: number, lines: readonly StatementLine[]): AsyncGenerator<StatementPiece> {
  for (const line of lines) yield await Promise.resolve({ piece: "line", line } as const);
  for (let number = 0; number < parts; number += 1)
    yield { piece: "part", part: { of: `paid:${hash(number)}`, voucher: hash(number), amount: 1n } };
  yield { piece: "day", day: { day: "2026-11-21", lines: 1, change: NOTHING, balance: NOTHING } };
  yield { piece: "end", end: { lines: 1, closing: NOTHING, after: [] } };
}

interface Written {
  readonly parts: number;
  readonly lines?: readonly StatementLine[];
  readonly change?: Partial<StatementHead>;
}

async function pdfOf(
  name: string | null,
  { parts, lines = [payout], change = {} }: Written,
): Promise<{ readonly text: string; readonly early: number }> {
  const head: StatementHead = {
    ...{ payee: `0x${"ab".repeat(20)}`, name, from: "2026-11-01", to: "2026-11-30", complete: true },
    ...{ madeAt: "2026-12-01T09:00:00.000Z", log: { size: 5, root: hash(9) }, consistency: [], opening: NOTHING },
    anchor: { batch: "8c0b3f4e", tx: hash(2), size: 4, root: hash(3) },
    ...{ openingIn: 0n, openingOut: 0n, ...change },
  };
  let [text, early] = ["", 0];
  let read = 0;
  const pieces = (async function* () {
    for await (const piece of piecesOf(parts, lines)) {
      early = text.length;
      read += 1;
      yield piece;
    }
  })();
  for await (const chunk of statementPdf({ head, pieces }, { code: "TUSD", decimals: 6, scale: 1n }))
    text += Buffer.from(chunk).toString("latin1");
  expect(read).toBe(parts + lines.length + 2);
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
    const { text } = await pdfOf(name, { parts: 7 });
    expect(text.startsWith("%PDF-1.")).toBe(true);
    expect(text.trimEnd().endsWith("%%EOF")).toBe(true);
    // Every letter comes from a font that stands in the file; nothing in it runs or is fetched.
    expect(text).toContain("/FontFile2");
    expect(text).not.toMatch(/\/(?:JavaScript|JS|Launch|URI|OpenAction)\b/);
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
  });

  it("is written page by page, as it is read", async () => {
    const { text, early } = await pdfOf("Kiosk 2", { parts: 900 });
    expect(text.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(4);
    expect(early).toBeGreaterThan(10_000);
  });
});

describe("what a statement as PDF says", () => {
  const line = (index: number, kind: StatementLine["kind"], amount: bigint): StatementLine => ({
    ...payout,
    ...{ index, kind, amount, gasWei: kind === "paid" ? 7n : null },
  });

  /** What is written, without its places. */
  async function said(lines: readonly StatementLine[], change: Partial<StatementHead> = {}): Promise<string> {
    const written = jest.spyOn(StatementPage.prototype, "write");
    await pdfOf(null, { parts: 0, lines, change });
    const texts = written.mock.calls.map(([text]) => text);
    written.mockRestore();
    return texts.join("|");
  }

  it("are the sums by kind, of which none takes from another, and what gas it cost", async () => {
    const lines = [line(0, "accepted", 250n), line(1, "paid", 250n), line(2, "accepted", 150n), line(3, "refund", 40n)];
    const text = await said([...lines, line(3, "payout", 210n)]);
    for (const [kind, sum] of [
      ["accepted", "2 lines|0.0004"],
      ["paid", "1 line|0.00025"],
      ["refund", "1 line|0.00004"],
      ["payout", "1 line|0.00021"],
    ] as const)
      expect(text).toMatch(new RegExp(`\\|${kind}\\|[^|]+\\|${sum.replace("|", "\\|").replace(".", "\\.")}(?=\\|)`));
    expect(text).toContain("|gas|7 wei");
    expect(text).not.toContain("|compensated|");
    expect(await said([payout])).not.toContain("|gas|");
  });

  it("is what became of each voucher that the vault did not pay, each end in a row of its own", async () => {
    const freed = (index: number, amount: bigint, end: Pick<StatementLine, "became" | "code">): StatementLine => ({
      ...line(index, "freed", amount),
      ...end,
    });
    const text = await said([
      freed(0, 4000n, { became: "disputed", code: "CERTIFICATE_WITHDRAWN" }),
      freed(1, 10n, { became: "reversed", code: null }),
      freed(2, 20n, { became: "compensated", code: null }),
      freed(3, 30n, { became: "disputed", code: "CERTIFICATE_WITHDRAWN" }),
      freed(4, 50n, { became: "disputed", code: "CARD_SUM" }),
    ]);
    const rows = [...text.matchAll(/\|freed\|([^|]+)\|(\d+ lines?)\|([^|]+)/g)].map(([, ...row]) => row);
    expect(rows.map(([said, ...sum]) => [/[A-Z]+_[A-Z]+/.exec(said ?? "")?.[0] ?? null, ...sum])).toEqual([
      [null, "1 line", "0.00001"],
      [null, "1 line", "0.00002"],
      ["CERTIFICATE_WITHDRAWN", "2 lines", "0.00403"],
      ["CARD_SUM", "1 line", "0.00005"],
    ]);
    // Only of what the issuer paid is there a word of money that came.
    expect(rows.map(([said]) => /nobody pays/.test(said ?? ""))).toEqual([true, false, true, true]);
  });

  it("is whether the period is over, and whether all of it is on the chain", async () => {
    const open = "not complete";
    const unproved = "not under that root yet";
    const none = "No root of it is on the chain";
    const whole = await said([line(3, "paid", 1n)]);
    for (const text of [open, unproved, none]) expect(whole).not.toContain(text);
    expect(await said([], { complete: false })).toContain(open);
    // The anchored log has 4 entries: the last one of them is 3.
    expect(await said([line(4, "paid", 1n)])).toContain(unproved);
    expect(await said([line(3, "paid", 1n)], { anchor: null })).toContain(none);
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
