import { randomBytes } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toAddress, toHex } from "@tallystick/protocol";
import { postGasOpening } from "../../src/books/gas/gas-postings.ts";
import { createPostgresLedger } from "../../src/books/ledger/postgres-ledger.ts";
import { takeLock } from "../../src/foundation/database/advisory-locks.ts";
import { Problem } from "../../src/foundation/http/problem.ts";
import type { PeriodStatement } from "../../src/operations/periods/period-statement.ts";
import { type ClosedPeriod, Periods } from "../../src/operations/periods/periods.ts";
import { periodCommand } from "../../src/verify/period-command.ts";
import { eventually } from "../harness/eventually.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

const ada = { name: "ada", role: "finance", payee: null } as never;

let harness: QuietHarness;
let periods: Periods;
let folder: string;

beforeAll(async () => {
  harness = await QuietHarness.open();
  periods = new Periods(harness.db, harness.config, harness.issuer, harness.clock);
  folder = await mkdtemp(join(tmpdir(), "tallystick-periods-"));
});
afterAll(() => harness.close());

/** A voucher is booked, and the log holds it. */
async function book(): Promise<void> {
  const [card, payee] = [toAddress(randomBytes(20)), toAddress(randomBytes(20))];
  const voucher = { id: randomBytes(32), card, payee, amount: 5n };
  await harness.db.transaction().execute((trx) => harness.postings.received(trx, [voucher]));
  await createPostgresLedger(harness.db).log.seal();
  harness.nowMs += 1_000;
}

const close = async (): Promise<ClosedPeriod | string> => {
  try {
    return await periods.close("the month", ada);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

/** What `verify period` says of a file, and of it behind another one. */
async function verified(period: ClosedPeriod, previous?: ClosedPeriod): Promise<unknown> {
  const write = async (each: ClosedPeriod) => {
    const file = join(folder, `${each.id}.json`);
    await writeFile(file, JSON.stringify(each));
    return file;
  };
  const before = previous === undefined ? [] : ["--previous", await write(previous)];
  const key = toHex(harness.issuer.publicKey);
  return periodCommand([await write(period), ...before, "--issuer-key", key, "--json"]);
}

describe("periods", () => {
  it("are closed one behind the other, each with the sums of what moved in it", async () => {
    await book();
    const first = (await close()) as ClosedPeriod;
    expect(await close()).toBe("PERIOD_CLOSED");
    await book();
    const second = (await close()) as ClosedPeriod;
    expect(await verified(first)).toMatchObject({ accepted: true });
    expect(await verified(second, first)).toMatchObject({ accepted: true });
    expect(await verified(first, second)).toMatchObject({ accepted: false });
    expect(await periods.find(BigInt(second.id))).toEqual(second);
  });

  it("hold gas besides, each asset with its own sums, and end after the one before", async () => {
    const [account, wei] = [randomBytes(20), 10n ** 18n + 7n];
    await harness.db.transaction().execute((trx) => postGasOpening(trx, { account, wei, atMs: harness.clock.now() }));
    await createPostgresLedger(harness.db).log.seal();
    const at = harness.nowMs;
    harness.nowMs -= 86_400_000;
    expect(await close()).toBe("PERIOD_CLOSED");
    harness.nowMs = at;
    const [before] = await periods.list();
    const period = (await close()) as ClosedPeriod;
    expect(await verified(period, before)).toMatchObject({ accepted: true });
    const { others } = JSON.parse(period.statement) as PeriodStatement;
    expect(others).toMatchObject({
      GWEI: { balances: { "gas-wallet": "1000000000", "gas-outside": "-1000000000" }, sum: "0" },
      WEI: { moved: { "gas-wallet-rest": "7", "gas-outside-rest": "-7" } },
    });
  });

  it("are one chain also where two persons close at once with something booked between them", async () => {
    await book();
    const closings = await harness.db.transaction().execute(async (trx) => {
      await takeLock(trx, "auditLog");
      const first = close();
      await eventually(
        () => harness.lockWaiters(),
        (waiters) => waiters === 1,
      );
      await book();
      const second = close();
      await eventually(
        () => harness.lockWaiters(),
        (waiters) => waiters === 2,
      );
      return [first, second];
    });
    const [first, second] = await Promise.all(closings);
    expect(second).toBe("PERIOD_CLOSED");
    const next = (await close()) as ClosedPeriod;
    expect(await verified(next, first as ClosedPeriod)).toMatchObject({ accepted: true });
    expect(BigInt(next.id)).toBe(BigInt((first as ClosedPeriod).id) + 1n);
  });

  it("have numbers without a gap, also behind a closing that failed", async () => {
    await book();
    const [last] = await periods.list();
    const both = await Promise.all([close(), close()]);
    expect(both).toContain("PERIOD_CLOSED");
    await book();
    // Fails where the action is recorded, behind everything else.
    const failing = Object.defineProperty({ ...(ada as object) }, "role", {
      get: () => {
        throw new Problem("LEDGER_CHANGED", "The plug was pulled.");
      },
    });
    await expect(periods.close("the month", failing as never)).rejects.toMatchObject({ code: "LEDGER_CHANGED" });
    expect((await close()) as ClosedPeriod).toMatchObject({ id: String(BigInt(last?.id ?? 0) + 2n) });
  });
});
