import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toAddress, toHex } from "@tallystick/protocol";
import { postGasOpening } from "../../src/books/gas/gas-postings.ts";
import { LONG_ROWS } from "../../src/operations/console/limits.ts";
import { BookReader } from "../../src/operations/console/read/books.ts";
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
