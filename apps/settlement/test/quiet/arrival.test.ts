import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { CLOCK_SKEW_SECONDS, type VoucherBundle } from "@tallystick/protocol";
import { considered, forkedAt } from "../harness/quiet/quiet-forks.ts";
import { QuietHarness, keyOf, NOW } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;
/** The last second at which a voucher of one minute ago is in time. */
let latest: number;

beforeAll(async () => {
  harness = await QuietHarness.open();
  harness.chain.latest = 1_000_000n;
  latest = NOW - 60 + harness.config.uploadWindowSeconds + CLOCK_SKEW_SECONDS;
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.chain.lost.clear();
  await harness.takenIn(10n);
});

/** A forked voucher of one minute ago whose upload came a second too late, and which the issuer alone can pay. */
async function lateVoucher(): Promise<VoucherBundle> {
  harness.nowMs = (latest + 1) * 1_000;
  const { first, second } = await forkedAt(harness, 7n);
  await harness.settled(first);
  return second;
}

/** It stood in an upload with a receipt of this second. */
async function receipt(bundle: VoucherBundle, receivedAt: number): Promise<void> {
  const uploads = await harness.db.selectFrom("uploads").select("hash").execute();
  const known = await harness.db
    .selectFrom("arrival_receipts")
    .select("upload")
    .where("voucher_id", "=", keyOf(bundle))
    .execute();
  const upload = uploads[known.length]?.hash ?? Buffer.alloc(0);
  const row = { voucher_id: keyOf(bundle), upload, received_at: BigInt(receivedAt) };
  await harness.db.insertInto("arrival_receipts").values(row).execute();
}

/** It stood in the payload of this block. */
async function payload(bundle: VoucherBundle, block: bigint): Promise<void> {
  await harness.db
    .insertInto("arrival_payloads")
    .values({ voucher_id: keyOf(bundle), block_number: block })
    .execute();
}

/** A block of this second, or of the last one before it. */
const blockAt = (seconds: number): bigint => BigInt(Math.floor((seconds - harness.chain.timeOf(0n)) / 10));

const outcome = async (bundle: VoucherBundle): Promise<string> => {
  const { state, dispute } = await considered(harness, bundle);
  return dispute ?? state;
};

describe("the arrival of a voucher", () => {
  it("is that of its upload where nothing shows an earlier one", async () => {
    expect(await outcome(await lateVoucher())).toBe("LATE");
  });

  it("is that of its upload by the second in which it came", async () => {
    const bundle = await lateVoucher();
    const set = (ms: number) =>
      harness.db
        .updateTable("vouchers")
        .set({ received_at: new Date(ms) })
        .where("id", "=", keyOf(bundle))
        .execute();
    await set(latest * 1_000 + 999);
    expect(await outcome(bundle)).toBe("compensating");
  });

  it.each([
    [1, "LATE"],
    [0, "compensating"],
  ])("is that of a receipt, here %s s late: %s", async (late, wanted) => {
    const bundle = await lateVoucher();
    await receipt(bundle, latest + late);
    expect(await outcome(bundle)).toBe(wanted);
  });

  it("is that of its earliest receipt, and of none over other vouchers", async () => {
    const [bundle, other] = [await lateVoucher(), await lateVoucher()];
    for (const late of [1, 0, 2]) await receipt(bundle, latest + late);
    expect(await outcome(other)).toBe("LATE");
    expect(await outcome(bundle)).toBe("compensating");
  });

  it.each([
    ["in time", 0n, "compensating"],
    ["too late", 1n, "LATE"],
  ])("is that of a block whose payload held it, %s", async (_what, later, wanted) => {
    const bundle = await lateVoucher();
    await payload(bundle, blockAt(latest) + later);
    expect(await outcome(bundle)).toBe(wanted);
  });

  it("is not that of a block that held another voucher, or that the node has lost", async () => {
    const [bundle, other] = [await lateVoucher(), await lateVoucher()];
    await payload(bundle, 100n);
    expect(await outcome(other)).toBe("LATE");
    harness.chain.lost.add(100n);
    expect(await outcome(bundle)).toBe("LATE");
  });

  it("is that of its earliest proof, be it a receipt or a block", async () => {
    const [one, two] = [await lateVoucher(), await lateVoucher()];
    await receipt(one, latest + 1);
    await payload(one, 100n);
    await receipt(two, latest);
    await payload(two, blockAt(latest) + 1n);
    expect([await outcome(one), await outcome(two)]).toEqual(["compensating", "compensating"]);
  });
});
