import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toAddress, toHex } from "@tallystick/protocol";
import { AnchoredRoots } from "../../src/books/ledger-log/anchored-roots.ts";
import type { PostedVoucher } from "../../src/books/postings/postings.ts";
import { DAY_MS } from "../../src/foundation/limits/limits.ts";
import type { StatementDocument } from "../../src/operations/statements/statement-answers.ts";
import { STATEMENT_COLUMNS, statementCsv } from "../../src/operations/statements/statement-csv.ts";
import { statementJson } from "../../src/operations/statements/statement-json.ts";
import { periodOf } from "../../src/operations/statements/statement-period.ts";
import { Statements } from "../../src/operations/statements/statements.ts";
import { verifyStatement } from "../../src/verify/verify-statement.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;
let statements: Statements;
const payee = toAddress(randomBytes(20));
const other = toAddress(randomBytes(20));
const card = toAddress(randomBytes(20));
const [FIRST, SECOND, THIRD] = ["2027-01-15", "2027-01-16", "2027-01-17"];

const sale = (amount: bigint, to = payee): PostedVoucher => ({ id: randomBytes(32), card, payee: to, amount });
const [a, b, c, d, gone] = [sale(2_500_000n), sale(1_000_001n), sale(3_000_000n), sale(700_000n), sale(40n)] as const;

/** Books something in a transaction of its own, with one of somebody else's behind it. */
async function book(work: (trx: Parameters<QuietHarness["postings"]["received"]>[0]) => Promise<void>): Promise<void> {
  await harness.db.transaction().execute(work);
  await harness.db.transaction().execute((trx) => harness.postings.received(trx, [sale(5n, other)]));
}

beforeAll(async () => {
  harness = await QuietHarness.open();
  const { postings } = harness;
  statements = new Statements(harness.db, new AnchoredRoots(harness.db), harness.clock);
  const paid = (sales: readonly PostedVoucher[]) =>
    book((trx) =>
      postings.paid(
        trx,
        sales.map((each) => ({ ...each, held: true })),
      ),
    );
  const payout = (units: bigint) =>
    book((trx) => postings.moved(trx, `${toHex(randomBytes(32))}:3`, { kind: "paidOut", payee, units, own: null }));
  await book((trx) => postings.received(trx, [a, b, gone]));
  await book((trx) => postings.released(trx, [gone]));
  await paid([a]);
  await payout(2_000_000n);
  harness.nowMs += DAY_MS;
  await paid([b]);
  await book((trx) => postings.received(trx, [c, d]));
  await paid([c]);
  await book((trx) => postings.owed(trx, d));
  await payout(4_000_000n);
  const shares = [{ voucherId: c.id, units: 600_000n }];
  const refund = {
    kind: "refunded",
    payee,
    card,
    fromEarnings: 100_000n,
    fromTokens: 500_000n,
    own: null,
    shares,
  } as const;
  await book((trx) => postings.moved(trx, `${toHex(randomBytes(32))}:0`, refund));
  harness.nowMs += DAY_MS;
  await book((trx) => postings.compensated(trx, d, { from: "guarantee", to: null }));
  await book((trx) => postings.released(trx, [d]));
  harness.nowMs += DAY_MS;
});
afterAll(() => harness.close());

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

async function written(from: string, to: string, of = payee): Promise<string> {
  const { domain, issuer, config } = harness;
  return await textOf(
    statementJson(await statements.open(of, periodOf(from, to)), { asset: config.asset, domain, issuer }),
  );
}

const judged = (text: string) => verifyStatement(text, { issuerKeys: [harness.issuer.publicKey], root: null });
/** Without the signature, which every change breaks. */
const unsigned = (text: string) => verifyStatement(text, { issuerKeys: [], root: null }).fault;

type Day = StatementDocument["days"][number];

function lineOf({ lines }: StatementDocument, place: number): StatementDocument["lines"][number] {
  const line = lines[place];
  if (line === undefined) throw new Error(`there is no line ${place}`);
  return line;
}

/** The entry's amount with a digit more. */
const spoilt = (entry: string) => entry.replace(/"(\d+)",null/, '"$11",null');

function changed(text: string, change: (document: StatementDocument) => unknown): string {
  const document = JSON.parse(text) as StatementDocument;
  change(document);
  return JSON.stringify(document);
}

describe("a statement", () => {
  it("leads from the opening to the closing balances, day by day, and proves every line", async () => {
    const text = await written(FIRST, THIRD);
    expect(judged(text).fault).toBeNull();
    const document = JSON.parse(text) as StatementDocument;
    expect(document.opening).toEqual({
      accepted: "0.00",
      owed: "0.00",
      paidOut: "0.00",
      issuerOwes: "0.00",
      in: "0.00",
      out: "0.00",
    });
    expect(document.closing).toEqual({ accepted: "0.00", owed: "0.400001", paidOut: "6.20", issuerOwes: "0.00" });
    expect(document.days.map(({ day, lines, balance }) => [day, lines, balance.owed])).toEqual([
      [FIRST, 6, "0.50"],
      [SECOND, 8, "0.400001"],
      [THIRD, 3, "0.400001"],
    ]);
    const kinds = document.lines.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "accepted")).toHaveLength(5);
    expect(kinds.slice(-3).sort()).toEqual(["compensated", "freed", "owed-by-issuer-ended"]);
  });

  it("ties each payout to the vouchers that came in first, to the unit", async () => {
    const document = JSON.parse(await written(FIRST, THIRD)) as StatementDocument;
    const parts = document.lines.flatMap(({ kind, parts: own }) => (own === undefined ? [] : [{ kind, own }]));
    const part = ({ id }: PostedVoucher, amount: string) => ({ of: `paid:${toHex(id)}`, voucher: toHex(id), amount });
    expect(parts).toEqual([
      { kind: "payout", own: [part(a, "2.00")] },
      { kind: "payout", own: [part(a, "0.50"), part(b, "1.000001"), part(c, "2.499999")] },
      { kind: "refund", own: [part(c, "0.10")] },
    ]);
    // The second day begins in the middle of a voucher of the first.
    const second = await written(SECOND, SECOND);
    expect(judged(second).fault).toBeNull();
    expect((JSON.parse(second) as StatementDocument).lines.flatMap(({ parts: own }) => own ?? [])).toEqual(
      parts.slice(1).flatMap(({ own }) => own),
    );
  });

  it("of periods one after the other goes on where the one before ended", async () => {
    const each = await Promise.all([FIRST, SECOND, THIRD, "2027-01-18"].map((day) => written(day, day)));
    const documents = each.map((text) => JSON.parse(text) as StatementDocument);
    expect(each.map((text) => judged(text).fault)).toEqual([null, null, null, null]);
    for (const [place, { opening }] of documents.entries())
      if (place > 0) expect(opening).toMatchObject(documents[place - 1]?.closing ?? {});
    expect(documents.map(({ complete }) => complete)).toEqual([true, true, true, false]);
    expect(documents.at(-1)).toMatchObject({ lines: [], count: 0, days: [] });
    const nobody = await written(FIRST, THIRD, toAddress(randomBytes(20)));
    expect(judged(nobody)).toMatchObject({ fault: null, document: { count: 0 } });
  });

  it.each<readonly [string, string, (it: StatementDocument) => unknown]>([
    ["a cent that was added to a line", "STATEMENT_LINE", (it) => (lineOf(it, 0).amount = "2.51")],
    ["a log entry with another amount", "STATEMENT_LINE", (it) => (lineOf(it, 0).entry = spoilt(lineOf(it, 0).entry))],
    ["a voucher that was left out", "STATEMENT_LINE", (it) => it.lines.splice(4, 1)],
    ["a last line that was left out", "STATEMENT_SUM", (it) => it.lines.pop()],
    ["another closing balance", "STATEMENT_SUM", (it) => (it.closing.owed = "0.41")],
    ["another sum of a day", "STATEMENT_SUM", (it) => (it.days[1] = { ...(it.days[1] as Day), lines: 7 })],
    ["a part of another amount", "STATEMENT_PARTS", (it) => it.lines.forEach(({ parts }) => parts?.splice(1, 1))],
    ["another root", "STATEMENT_PROOF", (it) => (it.log.root = `0x${"ab".repeat(32)}`)],
    ["entries that are hidden in a gap", "STATEMENT_PROOF", (it) => (lineOf(it, 3).between = [])],
    ["a member that it does not have", "STATEMENT_MALFORMED", (it) => Object.assign(it, { more: 1 })],
    ["an account that is not counted", "STATEMENT_LINE", (it) => (lineOf(it, 9).counted = [])],
  ])("shows %s", async (_, code, change) => {
    const text = changed(await written(FIRST, THIRD), change);
    expect(unsigned(text)?.code).toBe(code);
    expect(judged(text).fault?.code).toMatch(/STATEMENT_(?:SIGNATURE|MALFORMED)/);
  });

  it("of which all lines and balances were changed alike is not the one that the issuer signed", async () => {
    const emptied = changed(await written("2027-01-18", "2027-01-18"), (it) => {
      it.opening.owed = it.closing.owed = "0.10";
    });
    expect(unsigned(emptied)).toBeNull();
    expect(judged(emptied).fault?.code).toBe("STATEMENT_SIGNATURE");
    const spread = JSON.stringify(JSON.parse(await written(FIRST, THIRD)), null, 2);
    expect(judged(spread).fault).toBeNull();
    const root = `0x${"00".repeat(32)}`;
    expect(verifyStatement(spread, { issuerKeys: [], root }).fault?.code).toBe("STATEMENT_ROOT");
  });

  it("has frozen columns as CSV, and the same figures", async () => {
    const csv = await textOf(statementCsv(await statements.open(payee, periodOf(FIRST, THIRD)), harness.config.asset));
    const rows = csv.trimEnd().split("\r\n");
    expect(rows[0]).toBe(
      "type,day,at,kind,operation,voucher,card,counter,terminal,sold_at,tx,batch,currency,amount,accepted,owed," +
        "paid_out,issuer_owes,balance_accepted,balance_owed,balance_paid_out,balance_issuer_owes,part_of,gas_wei,log_index",
    );
    const cells = rows
      .slice(1)
      .map((row) => Object.fromEntries(row.split(",").map((cell, at) => [STATEMENT_COLUMNS[at], cell])));
    const sum = (column: string) =>
      cells
        .filter(({ type }) => type === "line")
        .reduce((total, row) => total + Math.round(Number(row[column]) * 1e6), 0);
    expect([sum("owed"), sum("paid_out"), sum("accepted")]).toEqual([400_001, 6_200_000, 0]);
    expect(cells.map(({ type }) => type).filter((type) => type !== "line" && type !== "part")).toEqual([
      "opening",
      "day",
      "day",
      "day",
      "closing",
      "root",
    ]);
  });

  it("is refused for a period that is none", () => {
    for (const [from, to, code] of [
      ["2027-01-15", "2027-01-14", "PERIOD_RANGE"],
      ["2026-01-01", "2027-01-02", "PERIOD_RANGE"],
      ["2027-02-30", "2027-03-01", "MALFORMED_BODY"],
      ["2027-1-1", "2027-03-01", "MALFORMED_BODY"],
      [undefined, "2027-03-01", "MALFORMED_BODY"],
      [["2027-01-15"], "2027-01-15", "MALFORMED_BODY"],
    ] as const)
      expect(() => periodOf(from, to)).toThrow(expect.objectContaining({ code }));
  });
});
