import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { fromHex, toAddress, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { AnchoredRoots } from "../../src/books/ledger-log/anchored-roots.ts";
import { createPostgresLedger } from "../../src/books/ledger/postgres-ledger.ts";
import { payeeBalances } from "../../src/books/postings/payee-balances.ts";
import type { PostedVoucher } from "../../src/books/postings/postings.ts";
import { DAY_MS } from "../../src/foundation/limits/limits.ts";
import type { StatementDocument } from "../../src/operations/statements/statement-answers.ts";
import { STATEMENT_COLUMNS, statementCsv } from "../../src/operations/statements/statement-csv.ts";
import { FeeReports } from "../../src/operations/fees/fee-reports.ts";
import { exportLedger, type ExportSums } from "../../src/operations/ledger-files/ledger-export.ts";
import { replayLedger } from "../../src/operations/ledger-files/ledger-replay.ts";
import { statementJson } from "../../src/operations/statements/statement-json.ts";
import { assertKnownPayee } from "../../src/issuing/merchants/known-merchants.ts";
import { periodOf } from "../../src/operations/periods/period.ts";
import { moneyReached } from "../../src/operations/statements/money-reached.ts";
import { Statements } from "../../src/operations/statements/statements.ts";
import { divide } from "../../src/vouchers/fees/fee-shares.ts";
import { type FeeRpc, GasFees } from "../../src/vouchers/fees/gas-fees.ts";
import { verifyStatement } from "../../src/verify/verify-statement.ts";
import { NOW, QuietHarness } from "../harness/quiet/quiet-harness.ts";

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

  it("bears what people call the payee, whatever that is", async () => {
    const name = `=cmd|' /C calc'!A0 <script> مقهى \u202E"\\`;
    const row = { payee, name, contact: "", changed_at: new Date(harness.nowMs) };
    await harness.db.insertInto("merchant_names").values(row).execute();
    const text = await written(FIRST, FIRST);
    expect(judged(text).fault).toBeNull();
    expect((JSON.parse(text) as StatementDocument).name).toBe(name);
    await harness.db.deleteFrom("merchant_names").execute();
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
    const somebody = toAddress(randomBytes(20));
    const nothing = await written(FIRST, THIRD, somebody);
    expect(judged(nothing)).toMatchObject({ fault: null, document: { count: 0 } });
    // Of whom the books know nothing, and who has no terminal, nobody can ask for one.
    await expect(assertKnownPayee(harness.db, somebody)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await assertKnownPayee(harness.db, payee);
    await assertKnownPayee(harness.db, (await harness.terminal()).payee);
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
        "paid_out,issuer_owes,balance_accepted,balance_owed,balance_paid_out,balance_issuer_owes,part_of,gas_wei,log_index,became,code",
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
    // No batch has anchored anything here; the period of a day that is not over says so.
    const kinds = async (to: string, size: number | null) => {
      const statement = await statements.open(payee, periodOf(FIRST, to));
      const anchor = size === null ? null : { batch: "b", tx: "0x", root: "0x", size };
      const text = await textOf(
        statementCsv({ ...statement, head: { ...statement.head, anchor } }, harness.config.asset),
      );
      const last = text.split("\r\n").filter((row) => /^(?:closing|root|anchor),/.test(row));
      return last.map((row) => row.split(",")[3]);
    };
    const last = Math.max(...cells.filter(({ type }) => type === "line").map((row) => Number(row["log_index"])));
    expect(await kinds(THIRD, null)).toEqual(["complete", "lines-not-anchored"]);
    expect(await kinds(THIRD, last)).toEqual(["complete", "lines-not-anchored", ""]);
    expect(await kinds(THIRD, last + 1)).toEqual(["complete", "lines-anchored", ""]);
    expect((await kinds("2027-01-18", null))[0]).toBe("not-complete");
  });

  it("comes to what is listed as paid out ever, whoever sent it, with its transactions", async () => {
    const all = await moneyReached(harness.db, payee, 10);
    expect(all.before).toBe(0n);
    expect(all.reached.map(({ kind, units }) => [kind, units])).toEqual([
      ["compensation", 700_000n],
      ["refund", -500_000n],
      ["payout-by-others", 4_000_000n],
      ["payout-by-others", 2_000_000n],
    ]);
    const { paidOut } = await payeeBalances(harness.db, payee);
    expect(all.reached.reduce((sum, { units }) => sum + units, 0n)).toBe(paidOut);
    expect(all.reached.slice(0, 2).map(({ voucher }) => voucher)).toEqual([toHex(d.id), toHex(c.id)]);
    const [, refund, payout] = all.reached;
    expect([refund?.tx, payout?.tx].every((tx) => /^0x[0-9a-f]{64}$/.test(tx ?? ""))).toBe(true);
    // Of more than are listed, what came before is told; with it they come to the same.
    const two = await moneyReached(harness.db, payee, 2);
    expect([two.reached.length, two.before]).toEqual([2, 6_000_000n]);
    expect(await moneyReached(harness.db, toAddress(randomBytes(20)), 2)).toEqual({ reached: [], before: 0n });
    // One that was asked for here is told from those that anybody else called for.
    const [id, at] = [randomUUID(), new Date(harness.nowMs)];
    await harness.db
      .insertInto("chain_actions")
      .values({
        ...{ id, key: `payout:${id}`, kind: "payout", account: payee, target: payee, data: Buffer.alloc(0) },
        ...{ after_actions: [], state: "final", nonce: null, gas: null, failure: null, mined_block: null },
        ...{ mined_hash: fromHex(payout?.tx, 32), mined_block_hash: null, created_at: at, changed_at: at },
      })
      .execute();
    await harness.db.insertInto("payouts").values({ id, payee, action_id: id, created_at: at }).execute();
    const kinds = (await moneyReached(harness.db, payee, 10)).reached.map(({ kind }) => kind);
    expect(kinds.slice(2)).toEqual(["payout", "payout-by-others"]);
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

describe("the cost of transactions", () => {
  const treasury = toAddress(randomBytes(20));
  const GAS = 60_000n;
  const PRICE = 1_234_567_891n;
  /** What the chain shows: which hashes stand in which block. */
  const mined = new Map<string, bigint>();
  let asked = 0;
  const wei = () => 10n ** 19n - BigInt(mined.size) * (GAS * PRICE + 7n);
  const rpc: FeeRpc = {
    balance: () => Promise.resolve(wei()),
    transactionCount: (_, tag) => Promise.resolve((tag as bigint) < 10n ? 3n : 8n),
    block: (number) =>
      Promise.resolve({
        number: number as bigint,
        hash: randomHash(number as bigint),
        timestamp: BigInt(NOW),
        baseFee: 1n,
      }),
    transactionCost: (hash) => {
      asked += 1;
      const blockNumber = mined.get(toHex(hash));
      if (blockNumber === undefined) return Promise.resolve(null);
      const where = {
        transactionHash: hash,
        blockNumber,
        blockHash: randomHash(blockNumber),
        succeeded: blockNumber !== 6n,
      };
      return Promise.resolve({ ...where, from: treasury, gasUsed: GAS, gasPriceWei: PRICE, otherWei: 7n });
    },
  };
  const randomHash = (number: bigint) => new Uint8Array(32).fill(Number(number));

  /** An action with one attempt for each of these nonces. */
  async function action(key: string, nonces: readonly bigint[]): Promise<readonly Uint8Array[]> {
    const id = randomUUID();
    const at = new Date(harness.nowMs);
    const kind = key.split(":", 1)[0] ?? key;
    await harness.db
      .insertInto("chain_actions")
      .values({
        ...{ id, key, kind, account: treasury, target: treasury, data: Buffer.alloc(0), after_actions: [] },
        ...{ state: "final", nonce: null, gas: null, failure: null, mined_hash: null, mined_block: null },
        ...{ mined_block_hash: null, created_at: at, changed_at: at },
      })
      .execute();
    const hashes = nonces.map(() => randomBytes(32));
    for (const [place, hash] of hashes.entries())
      await harness.db
        .insertInto("chain_transactions")
        .values({
          ...{
            hash,
            account: treasury,
            action_id: id,
            attempt: place + 1,
            nonce: nonces[place] ?? 0n,
            raw: Buffer.alloc(1),
          },
          ...{ gas: GAS, max_fee: 1n, priority_fee: 1n, stored_at: at, sent_at: at },
        })
        .execute();
    return hashes;
  }

  it("is booked once for each nonce: replaced, undone and tried again, and what is unknown is named", async () => {
    const fees = new GasFees(harness.db, rpc, harness.domain, harness.clock);
    const reports = new FeeReports(harness.db, rpc);
    await harness.takenIn(4n);
    const early = await action("open:a", [2n]);
    mined.set(toHex(early[0] as Uint8Array), 4n);
    expect(await fees.pass()).toBe(1);
    // Two attempts with one nonce, of which the first stands in a block; one undone and tried again with another.
    const [cheap] = await action("fund:b", [3n, 3n]);
    const [undone, again] = await action(`compensate:${toHex(randomBytes(32))}`, [4n, 5n]);
    await action("fund:foreign", [6n]);
    for (const [hash, block] of [
      [cheap, 5n],
      [undone, 6n],
      [again, 7n],
    ] as const)
      mined.set(toHex(hash as Uint8Array), block);
    expect(await fees.pass()).toBe(0);
    await harness.takenIn(10n);
    expect(await fees.pass()).toBe(3);
    // What is unknown is asked for again, but not with every pass.
    const askedBefore = asked;
    for (let pass = 0; pass < 3; pass += 1) expect(await fees.pass()).toBe(0);
    expect(asked - askedBefore).toBe(1);
    harness.nowMs += 60_000;
    expect(await fees.pass()).toBe(0);
    expect(asked - askedBefore).toBe(2);
    expect(await new GasFees(harness.db, rpc, harness.domain, harness.clock).pass()).toBe(0);
    const { accounts } = await reports.accounts();
    const cost = GAS * PRICE + 7n;
    expect(accounts).toEqual([
      {
        ...{ account: toHex(treasury), openedBlock: "4", openedWei: (10n ** 19n - cost).toString() },
        ...{ spentWei: (3n * cost).toString(), expectedWei: wei().toString(), balanceWei: wei().toString() },
        ...{ otherWei: "0", transactions: 3, otherTransactions: 2 },
      },
    ]);
    const total = await reports.period(periodOf(FIRST, FIRST), "kind");
    expect(total).toMatchObject({ transactions: 4, wei: (4n * cost).toString(), others: { wei: "0" } });
    const { rows } = await sql<{ gwei: bigint; rest: bigint }>`
      select (select debits_posted - credits_posted from ledger_accounts where id = ${`gas-wallet:${toHex(treasury)}`}) as gwei,
        (select debits_posted - credits_posted from ledger_accounts where id = ${`gas-wallet-rest:${toHex(treasury)}`}) as rest`.execute(
      harness.db,
    );
    expect(BigInt(rows[0]?.gwei ?? 0n) * 1_000_000_000n + BigInt(rows[0]?.rest ?? 0n)).toBe(wei());
  });

  it.each([
    [10n, 3, [4n, 3n, 3n]],
    [2n, 3, [1n, 1n, 0n]],
    [0n, 2, [0n, 0n]],
    [10n ** 19n + 1n, 1, [10n ** 19n + 1n]],
  ] as const)("%d wei are divided among %d vouchers to the wei", (whole, parts, expected) => {
    expect(divide(whole, parts)).toEqual(expected);
  });
});

describe("an export of the ledger", () => {
  let lines: readonly string[] = [];
  let sums: ExportSums;

  beforeAll(async () => {
    let text = "";
    await createPostgresLedger(harness.db).log.seal();
    const { domain, config } = harness;
    const books = { domain, asset: config.asset, nowMs: harness.nowMs };
    sums = await exportLedger(harness.db, books, (more) => Promise.resolve(void (text += more)));
    lines = text.trimEnd().split("\n");
  });

  async function* inBits(text: string): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += 1_000) yield await Promise.resolve(text.slice(at, at + 1_000));
  }
  const replayed = (some: readonly string[]) => replayLedger(inBits(`${some.join("\n")}\n`));
  /** The first line of a kind that has this in it. */
  const placeOf = (part: string) => lines.findIndex((line) => line.includes(part));
  const edited = (part: string, change: (line: string) => string) =>
    lines.map((line, place) => (place === placeOf(part) ? change(line) : line));

  it("comes to the same log and balances when it is replayed", async () => {
    const head = await createPostgresLedger(harness.db).log.head();
    const outcome = await replayed(lines);
    expect(outcome).toEqual({
      ok: true,
      sums: {
        ...{ lines: sums.lines, operations: sums.operations, entries: head.size, root: toHex(head.root) },
        accounts: lines.filter((line) => line.startsWith('{"line":"account"')).length,
      },
    });
    expect([sums.entries, sums.root]).toEqual([head.size, toHex(head.root)]);
  });

  it.each<readonly [string, string, string, () => readonly string[]]>([
    [
      "a cent more",
      "ENTRY_DIFFERS",
      "hold:",
      () => edited('"amount":"2500000"', (line) => line.replace('"2500000"', '"2500001"')),
    ],
    [
      "a payment without its hold",
      "GROUP_REFUSED",
      "paid:",
      () => edited('"kind":"hold"', (line) => line.replace(/\{"kind":"hold",[^}]*\},/, "")),
    ],
    [
      "another leaf",
      "ENTRY_DIFFERS",
      "entry",
      () =>
        edited('"line":"entry","index":3', (line) => line.replace(/"leaf":"0x../, '"leaf":"0xzz').replace("zz", "00")),
    ],
    [
      "another root",
      "ROOT_DIFFERS",
      "head",
      () => edited('"line":"head"', (line) => line.replace(/0x[0-9a-f]{8}/, "0x00000000")),
    ],
    [
      "another balance",
      "BALANCE_DIFFERS",
      "balance",
      () => edited('"line":"balance","account":"owed:', (line) => line.replace(/"version":/, '"version":1')),
    ],
    [
      "an account without balance",
      "EXPORT_INCOMPLETE",
      "end",
      () => lines.filter((_, place) => place !== placeOf('"line":"balance"')),
    ],
    ["a line twice", "ENTRY_DIFFERS", "entry", () => edited('"line":"entry"', (line) => `${line}\n${line}`)],
    [
      "a line of another form",
      "EXPORT_MALFORMED",
      "entry",
      () => edited('"line":"entry"', (line) => line.replace("{", '{"more":1,')),
    ],
    ["no first line", "EXPORT_OUT_OF_ORDER", "account", () => lines.slice(1)],
    ["no last line", "EXPORT_INCOMPLETE", "end", () => lines.slice(0, -1)],
    [
      "another time of writing",
      "EXPORT_INCOMPLETE",
      "end",
      () => edited('"line":"ledger"', (line) => line.replace("2027", "2028")),
    ],
  ])("with %s names the first line that differs", async (_, code, kind, change) => {
    const some = change();
    const outcome = await replayed(some);
    expect(outcome).toMatchObject({ ok: false, fault: { code } });
    const at = outcome.ok ? 0 : outcome.fault.line;
    expect(some.join("\n").split("\n")[at - 1] ?? "the end").toContain(kind);
  });
});
