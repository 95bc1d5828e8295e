import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { Intake, type TakenUpload } from "../src/vouchers/intake/intake.ts";
import { CaseViews } from "../src/operations/cases/case-views.ts";
import { BookReader } from "../src/operations/console/read/books.ts";
import { MerchantReader } from "../src/operations/console/read/merchants.ts";
import { MissingPaymentReader } from "../src/operations/silence/missing-payments.ts";
import { SilentTerminals } from "../src/operations/silence/silent-terminals.ts";
import { isUnsettled, withdrawalMayCome } from "../src/issuing/replacements/card-movements.ts";
import { queryOf } from "../src/operations/console/read/query-forms.ts";
import { Search } from "../src/operations/console/read/search.ts";
import { RECORD_FINDERS } from "../src/operations/console/read/search-records.ts";
import { TransactionReader } from "../src/operations/console/read/transactions.ts";
import { VoucherLives } from "../src/operations/console/read/voucher-life.ts";
import { VoucherViews } from "../src/vouchers/states/voucher-views.ts";
import { Receipts } from "../src/vouchers/intake/receipts.ts";
import { VerificationPool } from "../src/vouchers/verification/verification-pool.ts";
import { beginHistory, growCards, growHistory, payFrom, type History } from "./harness/history/fill-history.ts";
import { nameRecords } from "./harness/history/named-records.ts";
import { rowsRead } from "./harness/history/rows-read.ts";
import { WatchedDatabase } from "./harness/history/watched-database.ts";
import { QuietHarness } from "./harness/quiet/quiet-harness.ts";
import { nextUpload } from "./harness/quiet/quiet-intake.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

/** Stored vouchers; the soak run takes a million. */
const FEW = 10_000;
const MANY = Number(process.env["TALLYSTICK_HISTORY"] ?? 100_000);

/** An upload of 85: each of the cards that can sign pays five times. */
const SIGNING_CARDS = 17;
const EACH = 5;

/** Rows of one table that an upload may read for each of its vouchers. */
const ROWS_A_VOUCHER = 4;

/** Pages that one query of the console may touch. */
const PAGES_A_QUERY = 2_000;

/** Cards of one owner, and pages that a query about it or about one of them may touch. */
const [OWNED_CARDS, PAGES_A_CARD] = [3_000, 50];

/** Ways to the server that an upload may cost, whatever it holds and whatever is stored. */
const ROUND_TRIPS = 15;

interface Cost {
  /** Rows read of each table that grows. */
  readonly rows: ReadonlyMap<string, number>;
  readonly buffers: number;
  /** Plan nodes that read a table or an index from one end to the other. */
  readonly scans: readonly string[];
}

let harness: QuietHarness;
let watched: WatchedDatabase;
let history: History;
let intake: Intake;

beforeAll(async () => {
  harness = await QuietHarness.open();
  history = await beginHistory(harness, SIGNING_CARDS);
  watched = new WatchedDatabase(harness.config.databaseUrl);
  const { domain, issuer, postings, clock, config } = harness;
  const { db } = watched;
  const receipts = new Receipts(db, domain, issuer, config);
  intake = new Intake(db, new VerificationPool(config), domain, issuer, receipts, postings, clock, config);
});
afterAll(async () => {
  await watched.db.destroy();
  await harness.close();
});

/** Takes an upload of a new terminal in. */
async function take(vouchersOf: (terminal: TestTerminal) => Promise<VoucherBundle[]>): Promise<TakenUpload> {
  const terminal = await harness.terminal();
  const bytes = await nextUpload(terminal, { vouchers: await vouchersOf(terminal) });
  watched.statements = [];
  return intake.take(bytes);
}

const fresh = (terminal: TestTerminal) => payFrom(harness, history, { terminal, each: EACH });

/** What one upload of new vouchers costs: counted by the server, then explained by it. */
async function costOfUpload(): Promise<Cost> {
  const before = await rowsRead(watched.db);
  await take(fresh);
  const after = await rowsRead(watched.db);
  watched.explain = true;
  await take(fresh);
  watched.explain = false;
  return {
    rows: new Map([...after].map(([table, rows]) => [table, rows - (before.get(table) ?? 0)])),
    buffers: watched.statements.reduce((sum, { buffers }) => sum + buffers, 0),
    scans: watched.statements.flatMap(({ scans }) => scans),
  };
}

describe("an upload", () => {
  it("costs the same at few and at many stored vouchers, and few ways to the server", async () => {
    await growHistory(harness, history, FEW);
    const few = await costOfUpload();
    await growHistory(harness, history, MANY);
    const many = await costOfUpload();
    // A plan may read a card's row once more or once less; none may read what lies stored.
    for (const { rows } of [few, many])
      expect([...rows].filter(([, read]) => read > ROWS_A_VOUCHER * SIGNING_CARDS * EACH)).toEqual([]);
    expect([...many.rows.values()].reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(SIGNING_CARDS * EACH);
    expect(many.buffers / few.buffers).toBeLessThanOrEqual(1.5);
    expect(many.scans.filter((scan) => growing.some((table) => scan.endsWith(` ${table}`)))).toEqual([]);

    const { outcomes } = await take(fresh);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["new"]));
    expect(watched.statements.length).toBeLessThanOrEqual(ROUND_TRIPS);

    // New vouchers, forks of them, and one that contradicts the voucher before it.
    const mixed = await take(async (terminal) => {
      const clones = history.cards.map((card) => card.clone());
      const [liar] = history.cards;
      if (liar !== undefined) liar.spent += 1n;
      const first = await fresh(terminal);
      return [...first, ...(await payFrom(harness, { ...history, cards: clones }, { terminal, each: 1 }))];
    });
    expect(new Set(mixed.outcomes.map(({ status }) => status))).toEqual(new Set(["new", "forked"]));
    expect(watched.statements.length).toBeLessThanOrEqual(ROUND_TRIPS);
  });
});

describe("the console", () => {
  it("finds everything by an index and reads little of what lies stored", async () => {
    const { db } = watched;
    const { asset } = harness.config;
    await growHistory(harness, history, MANY);
    await take(fresh);
    const newest = await harness.db
      .selectFrom("vouchers")
      .select("id")
      .orderBy("received_at", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const cases = new CaseViews(db, asset);
    const lives = new VoucherLives(db, new VoucherViews(db, asset), cases, asset);
    const search = new Search(db, asset, harness.config);
    const transactions = new TransactionReader(db, asset);
    const { transaction_hash: tx } = await harness.db
      .selectFrom("settled_items")
      .select("transaction_hash")
      .limit(1)
      .executeTakeFirstOrThrow();
    watched.explain = true;
    for (const typed of ["0xabc", toHex(newest.id), "abc", "8c0b3f4e-4f0a", "kiosk", "0a1b", "#7"]) {
      watched.statements = [];
      await search.find(typed);
      expect([typed, watched.statements.length > 0, ...costly()]).toEqual([typed, true]);
    }
    const silences = new SilentTerminals(db, new MissingPaymentReader(db), harness.clock);
    for (const read of [
      () => lives.find(newest.id),
      () => transactions.find(tx),
      () => new BookReader(db, asset).journal(null),
      () => new MerchantReader(db, silences, asset, harness.clock).terminals(null),
      () => silences.read(),
    ]) {
      watched.statements = [];
      await read();
      expect([read.toString(), watched.statements.length > 0, ...costly()]).toEqual([read.toString(), true]);
    }
    watched.explain = false;
  });

  it("finds a record of every kind by its name, on the page of what it belongs to", async () => {
    const named = await nameRecords(harness.db);
    const search = new Search(watched.db, harness.config.asset, harness.config);
    watched.explain = true;
    for (const { kind, typed, href } of named) {
      watched.statements = [];
      const hits = (await search.find(typed)).find((group) => group.kind === kind)?.hits ?? [];
      expect([kind, typed, hits.map((hit) => hit.href)]).toEqual([kind, typed, expect.arrayContaining([href])]);
      expect([kind, ...costly()]).toEqual([kind]);
    }
    // What ends otherwise than the shortened form is not it.
    const short = named.find(({ typed }) => typed.includes("…"))?.typed ?? "";
    const other = `${short.slice(0, -1)}${short.endsWith("0") ? "1" : "0"}`;
    expect(await search.find(other)).toEqual([]);
    const { vault, token } = harness.config;
    for (const [address, detail] of [
      [vault, "the vault"],
      [token, "the token"],
    ] as const)
      expect((await search.find(toHex(address))).flatMap(({ hits }) => hits)).toContainEqual(
        expect.objectContaining({ kind: "Contract", detail, href: "/console/books" }),
      );
    watched.explain = false;
    const finders = RECORD_FINDERS.map(({ kind }) => kind);
    expect(finders.filter((kind) => !named.some((each) => each.kind === kind))).toEqual([]);
  });

  /** Statements that read a whole table that grows, or many pages. */
  function costly(): string[] {
    const whole = growing.map((table) => `Seq Scan ${table}`);
    return watched.statements
      .filter(({ scans, buffers }) => buffers > PAGES_A_QUERY || scans.some((scan) => whole.includes(scan)))
      .map(({ text, buffers }) => `${buffers} pages: ${text}`);
  }
});

const growing = ["vouchers", "counter_claims", "settled_items", "uploads", "ledger_transfers", "ledger_entries"];

describe("an owner of nearly all cards", () => {
  it("is found by few of them, and the withdrawals of one by no others", async () => {
    const { db } = watched;
    const owner = Buffer.alloc(20, 0x77);
    await growCards(harness, owner, OWNED_CARDS);
    const { card } = await db.selectFrom("cards").select("card").where("owner", "=", owner).executeTakeFirstOrThrow();
    const ofOwner = RECORD_FINDERS.find(({ kind }) => kind === "Card of the owner");
    watched.explain = true;
    for (const read of [
      () => ofOwner?.rows(queryOf(toHex(owner)))?.execute(db),
      () => withdrawalMayCome(db, card, 0n),
      () => isUnsettled(db, card, 0n),
    ]) {
      watched.statements = [];
      await read();
      const costly = watched.statements.filter(({ buffers, scans }) => buffers > PAGES_A_CARD || scans.length > 0);
      expect([read.toString(), watched.statements.length, costly]).toEqual([read.toString(), 1, []]);
    }
    watched.explain = false;
  });
});

describe("a voucher's upload", () => {
  it("is there, and stays the one that brought it", async () => {
    const { db } = harness;
    const row = await db.selectFrom("vouchers").selectAll().limit(1).executeTakeFirstOrThrow();
    const [id, upload] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    await expect(
      db
        .insertInto("vouchers")
        .values({ ...row, id, upload })
        .execute(),
    ).rejects.toMatchObject({ code: "23503" });
    await expect(db.updateTable("vouchers").set({ upload }).where("id", "=", row.id).execute()).rejects.toMatchObject({
      code: "TS001",
    });
  });
});
