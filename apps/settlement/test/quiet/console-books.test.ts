import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toAddress, toHex } from "@tallystick/protocol";
import { postGasOpening } from "../../src/books/gas/gas-postings.ts";
import { LONG_ROWS } from "../../src/operations/console/limits.ts";
import { BookReader, typedTime } from "../../src/operations/console/read/books.ts";
import { gasOfLastBatches } from "../../src/operations/readiness/gas-of-batch.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;
let reader: BookReader;
const wallet = randomBytes(20);
const sales = Array.from({ length: 2 * LONG_ROWS + 1 }, () => ({
  ...{ id: randomBytes(32), card: toAddress(randomBytes(20)), payee: toAddress(randomBytes(20)), amount: 1_250_000n },
}));

beforeAll(async () => {
  harness = await QuietHarness.open();
  reader = new BookReader(harness.db, harness.config.asset);
  const wei = 10n ** 18n + 7n;
  await harness.db.transaction().execute((trx) => harness.postings.received(trx, sales));
  await harness.db
    .transaction()
    .execute((trx) => postGasOpening(trx, { account: wallet, wei, atMs: harness.clock.now() }));
});
afterAll(() => harness.close());

describe("the books on the console", () => {
  it("show every posting once, page after page, also of a step that fills several", async () => {
    const seen: string[] = [];
    let pages = 0;
    for (let before: string | null = null; ; pages++) {
      const { lines, next } = await reader.journal(before);
      seen.push(...lines.map(({ id }) => id));
      if (next === null) break;
      before = next;
    }
    expect([seen.length, new Set(seen).size, pages]).toEqual([sales.length + 2, sales.length + 2, 2]);
    for (const wrong of ["", "x", "1", "1-", "-1", "0-1", "1-x", `${"9".repeat(30)}-1`])
      expect((await reader.journal(wrong)).lines).toHaveLength(LONG_ROWS);
  });

  it("show each amount in its own asset", async () => {
    const { lines } = await reader.journal(null);
    const amounts = new Set(lines.map(({ amount }) => amount));
    expect([...amounts].toSorted()).toEqual(["1.25 TUSD", "1000000000 gwei", "7 wei"].toSorted());
    const account = await reader.account(`gas-wallet:${toHex(wallet)}`, harness.clock.now());
    expect([account?.balance, account?.pending]).toEqual(["1000000000 gwei", "0 gwei"]);
  });
});

it("shows an account at a time with the entries until then, and none behind it", async () => {
  const [card, payee] = [toAddress(randomBytes(20)), toAddress(randomBytes(20))];
  const begin = harness.nowMs;
  const count = LONG_ROWS + 3;
  for (let n = 1; n <= count; n++) {
    harness.nowMs = begin + n * 1_000;
    const sale = { id: randomBytes(32), card, payee, amount: 10_000n };
    await harness.db.transaction().execute((trx) => harness.postings.received(trx, [sale]));
  }
  const at = async (n: number) => {
    const found = await reader.account(`owed:${toHex(payee)}`, begin + n * 1_000);
    return [found?.pending, found?.entries.length, found?.entries[0]?.at];
  };
  const time = (n: number) => new Date(begin + n * 1_000).toISOString();
  expect(await at(0)).toEqual(["0.00 TUSD", 0, undefined]);
  expect(await at(2)).toEqual(["0.02 TUSD", 2, time(2)]);
  expect(await at(LONG_ROWS + 1)).toEqual(["0.51 TUSD", LONG_ROWS, time(LONG_ROWS + 1)]);
  expect(await at(count + 9)).toEqual(["0.53 TUSD", LONG_ROWS, time(count)]);
});

it("takes a typed time for one that has come: of today now, of a day before its end, and of none later", () => {
  const now = Date.parse("2027-01-15T08:00:00.000Z");
  const took = (text: string) => {
    const time = typedTime(text, now);
    return typeof time === "number" ? new Date(time).toISOString().slice(0, 19) : time;
  };
  expect(["", "2027-01-15", "2027-01-14", "2027-01-15 08:00", "2027-01-15T07:59:59Z"].map(took)).toEqual([
    ...["2027-01-15T08:00:00", "2027-01-15T08:00:00", "2027-01-14T23:59:59"],
    ...["2027-01-15T08:00:00", "2027-01-15T07:59:59"],
  ]);
  for (const later of ["2027-01-16", "2027-01-15 08:00:01", "2030-01-01"]) expect(took(later)).toBe("in the future");
  for (const none of ["x", "2027-13-01", "2027-01-15 25:00", "15.1.2027"]) expect(took(none)).toBe("no time");
});

it("counts gas for batches by the last ones, and knows none before the first", async () => {
  const { db } = harness;
  expect(await gasOfLastBatches(db)).toBeNull();
  const action_id = randomUUID();
  const at = new Date(harness.nowMs);
  await db
    .insertInto("chain_actions")
    .values({
      ...{ id: action_id, key: "settle:1", kind: "settle", account: randomBytes(20), target: randomBytes(20) },
      ...{ data: randomBytes(4), state: "mined", created_at: at, changed_at: at },
    } as never)
    .execute();
  const batch = (gas_estimate: bigint | null) => ({
    ...{ id: randomUUID(), state: "final", action_id, payload: randomBytes(1), payload_hash: randomBytes(32) },
    ...{ batch_root: randomBytes(32), ledger_root: randomBytes(32), ledger_size: 1n, voucher_count: 1, gas_estimate },
    ...{ created_at: at },
  });
  // One from before batches kept it counts for nothing.
  for (const gas of [100n, 300n, null]) await db.insertInto("batches").values(batch(gas)).execute();
  expect(await gasOfLastBatches(db)).toBe(200n);
});
