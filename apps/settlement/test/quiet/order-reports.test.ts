import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { compareReports } from "../../src/issuing/order-reports/compare-reports.ts";
import { COMPARED_LINES } from "../../src/issuing/order-reports/limits.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());

/** A report of so many lines, of which the first names a card. */
async function report(lines: number, given: { readonly card: Uint8Array | null; readonly comparedAt: Date }) {
  const [digest, at] = [randomBytes(32), new Date(0)];
  const named = given.card === null ? null : sql<Buffer[]>`${[given.card]}::bytea[]`;
  await harness.db
    .insertInto("order_reports")
    .values({
      ...{ digest, report: "", order_name: "o", station: null, operator: null, payee: digest, terminal_id: digest },
      ...{ made_at: at, cards: lines, ready: 0, deposited: "0", known_cards: 0, known_units: 0n, received_at: at },
      ...{ named_cards: named, named_fundings: named === null ? null : sql<null[]>`array[null]::uuid[]` },
      compared_at: given.comparedAt,
    })
    .execute();
  return async () => {
    const found = harness.db.selectFrom("order_reports").select(["known_cards", "compared_at", "complete"]);
    const { known_cards, compared_at, complete } = await found.where("digest", "=", digest).executeTakeFirstOrThrow();
    return [compared_at?.getTime(), known_cards, complete];
  };
}

it("compares reports by turns, up to a bound of lines, and none that is complete or of an older version", async () => {
  const { db } = harness;
  const [unknown, known] = [randomBytes(20), (await harness.card()).address];
  const half = COMPARED_LINES / 2;
  const comparedAt = (ms: number) => new Date(ms);
  const [last, first, second, right, older] = [
    await report(half, { card: unknown, comparedAt: comparedAt(3) }),
    await report(half, { card: unknown, comparedAt: comparedAt(1) }),
    await report(half - 1, { card: unknown, comparedAt: comparedAt(2) }),
    await report(1, { card: known, comparedAt: comparedAt(2) }),
    await report(1, { card: null, comparedAt: comparedAt(0) }),
  ];
  await compareReports(db, comparedAt(10));
  expect([await first(), await second(), await right(), await last(), await older()]).toEqual([
    ...[
      [10, 0, false],
      [10, 0, false],
      [10, 1, true],
    ],
    ...[
      [3, 0, false],
      [0, 0, false],
    ],
  ]);
  // Who waits longest comes first; what is complete waits for nothing.
  await db
    .updateTable("order_reports")
    .set({ compared_at: comparedAt(0) })
    .where("complete", "=", true)
    .execute();
  await compareReports(db, comparedAt(11));
  expect([await last(), await right()]).toEqual([
    [11, 0, false],
    [0, 1, true],
  ]);
  // A deposit that nobody knows is no reason to say that all is known.
  await sql`update order_reports set named_fundings = array[${randomUUID()}::uuid], complete = false
    where known_cards = 1`.execute(db);
  await compareReports(db, comparedAt(12));
  expect((await right()).slice(1)).toEqual([1, false]);
});
