import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { addressOfKey, type VoucherBundle } from "@tallystick/protocol";
import { sql } from "kysely";
import { LIMITS } from "../../src/foundation/limits/limits.ts";
import { Approvals } from "../../src/books/approvals/approvals.ts";
import { retryDeposit } from "../../src/vouchers/forks/retry-deposit.ts";
import { WithheldDeposits } from "../../src/vouchers/withheld/withheld-deposits.ts";
import { WithheldPayments } from "../../src/vouchers/withheld/withheld-payments.ts";
import { compensatorOf, considered, forkedAt, type Fork } from "../harness/quiet/quiet-forks.ts";
import { begun } from "../harness/quiet/begun.ts";
import { QuietHarness, keyOf, NOW, refuses } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  await harness.takenIn(10n);
});

/** A forked voucher that only the issuer can pay. */
async function unpaid(amount: bigint, options: Parameters<typeof forkedAt>[2] = {}): Promise<Fork> {
  const fork = await forkedAt(harness, amount, options);
  await harness.settled(fork.first);
  return fork;
}

/** One that a person decides about, because it is above what the issuer bears by itself. */
async function withheld(): Promise<Fork> {
  const fork = await unpaid(100_001n, { certificate: { perCardSum: 1_000_000n } });
  expect(await considered(harness, fork.second)).toMatchObject({ state: "withheld", ground: "PER_CARD" });
  return fork;
}

/** A voucher of 50 that the vault skipped, because it holds nothing of its card. */
async function skipped(certificate: Parameters<typeof harness.terminal>[0] = {}): Promise<VoucherBundle> {
  const [card, terminal] = [await harness.card(), await harness.terminal(certificate)];
  const sale = await harness.pay(card, terminal, 50n);
  await send(harness, terminal, { vouchers: [sale] });
  await harness.setVoucher(sale, "skipped");
  return sale;
}

/** The second at which a skipped voucher is owed. */
const dueAt = ({ context }: VoucherBundle): number => context.time + LIMITS.vaultDelaySeconds;

const owedTo = ({ message }: VoucherBundle): Promise<bigint> => harness.owedTo(message.payee);
const owedSince = async (bundle: VoucherBundle) => (await harness.voucher(bundle)).owed_since;

/** Its upload had a certificate of before there were sums. */
async function underOldCertificate(bundle: VoucherBundle): Promise<void> {
  const { upload: own } = await harness.voucher(bundle);
  const row = await harness.db.selectFrom("uploads").selectAll().where("hash", "=", own).executeTakeFirstOrThrow();
  const upload = { ...row, hash: randomBytes(32), certificate: Buffer.from(row.certificate).subarray(0, 119) };
  await harness.db.insertInto("uploads").values(upload).execute();
  // No program can do this: a voucher stays in the upload that brought it.
  await sql`alter table vouchers disable trigger vouchers_keep_their_upload`.execute(harness.db);
  await harness.db.updateTable("vouchers").set({ upload: upload.hash }).where("id", "=", keyOf(bundle)).execute();
  await sql`alter table vouchers enable trigger vouchers_keep_their_upload`.execute(harness.db);
}

describe("what the issuer owes", () => {
  it("stands in the books once, from when it was decided", async () => {
    const { second } = await unpaid(7n);
    expect([await owedTo(second), await owedSince(second)]).toEqual([0n, null]);
    await considered(harness, second);
    const decidedAt = new Date(harness.nowMs);
    harness.nowMs += 5_000;
    await considered(harness, second);
    expect([await owedTo(second), await owedSince(second)]).toEqual([7n, decidedAt]);
  });

  it.each([
    ["withheld", 7n],
    ["compensating", 7n],
    ["forked", 0n],
    ["compensated", 0n],
  ])("is taken into the books where it became %s without them", async (state, units) => {
    const { second } = await forkedAt(harness, 7n);
    await harness.setVoucher(second, state);
    await considered(harness, second);
    await considered(harness, second);
    expect(await owedTo(second)).toBe(units);
    expect(await owedSince(second)).toEqual(units === 0n ? null : new Date(harness.nowMs));
  });

  it("is no more in the books once it is given up", async () => {
    const sale = await skipped();
    harness.nowMs = dueAt(sale) * 1_000;
    await considered(harness, sale);
    expect(await owedTo(sale)).toBe(50n);
    const released = { card: addressOfKey(sale.cardKey), payee: sale.message.payee, units: 1n };
    await harness.event("released", released, { counter: 1 });
    expect(await considered(harness, sale)).toEqual({ state: "disputed", dispute: "GIVEN_UP", ground: null });
    expect(await owedTo(sale)).toBe(0n);
  });

  it("is decided by persons where it is withheld, whatever fits the bounds by now", async () => {
    const { second } = await withheld();
    await harness.db.updateTable("vouchers").set({ amount_units: 7n }).where("id", "=", keyOf(second)).execute();
    expect(await considered(harness, second)).toEqual({ state: "withheld", dispute: null, ground: "PER_CARD" });
  });

  it("is nothing under a certificate of before there were sums", async () => {
    const { second } = await unpaid(7n);
    await underOldCertificate(second);
    expect(await considered(harness, second)).toMatchObject({ state: "disputed", dispute: "OUTSIDE_CERTIFICATE" });
    expect(await owedTo(second)).toBe(0n);
  });
});

describe("a voucher that its card could not cover for W", () => {
  it("is owed from then on, and not a second before", async () => {
    const sale = await skipped();
    harness.nowMs = dueAt(sale) * 1_000 - 1;
    expect(await considered(harness, sale)).toMatchObject({ state: "skipped", ground: null });
    expect(await owedTo(sale)).toBe(0n);
    harness.nowMs += 1;
    expect(await considered(harness, sale)).toEqual({ state: "withheld", dispute: null, ground: "STILL_UNPAID" });
    expect([await owedTo(sale), await owedSince(sale)]).toEqual([50n, new Date(harness.nowMs)]);
    expect((await harness.voucher(sale)).withheld_at).toEqual(new Date(harness.nowMs));
    harness.nowMs += 1;
    await considered(harness, sale);
    expect((await harness.voucher(sale)).withheld_at).toEqual(new Date(dueAt(sale) * 1_000));
  });

  it("is not owed where the issuer does not guarantee it", async () => {
    const sale = await skipped({ perCardSum: 49n });
    harness.nowMs = dueAt(sale) * 1_000;
    expect((await considered(harness, sale)).state).toBe("skipped");
  });

  it("is not owed under a certificate of before there were sums", async () => {
    const sale = await skipped();
    await underOldCertificate(sale);
    harness.nowMs = dueAt(sale) * 1_000;
    expect((await considered(harness, sale)).state).toBe("skipped");
  });

  it("is owed where the guarantee itself withholds it", async () => {
    const [card, terminal] = [await harness.card(), await harness.terminal({ perCardSum: 1_000_000n })];
    const sale = await harness.pay(card, terminal, 100_001n);
    await send(harness, terminal, { vouchers: [sale] });
    await harness.setVoucher(sale, "skipped");
    harness.nowMs = dueAt(sale) * 1_000;
    expect(await considered(harness, sale)).toMatchObject({ state: "withheld", ground: "STILL_UNPAID" });
  });
});

describe("a deposit for a withheld voucher that had no effect", () => {
  const resendMs = 60_000;
  const retry = (bundle: VoucherBundle) => retryDeposit(harness.db, keyOf(bundle), { now: harness.nowMs, resendMs });

  /** A decision to pay it, with an action in this state. */
  async function decided(bundle: VoucherBundle, state: string, way: "deposit" | "compensation" = "deposit") {
    const id = await harness.db.transaction().execute(async (trx) => {
      const [target, data] = [harness.contract.vault, Buffer.alloc(4)];
      return harness.actions.plan(trx, { key: `test:${randomBytes(8).toString("hex")}`, kind: "fund", target, data });
    });
    await harness.db
      .updateTable("chain_actions")
      .set({ state, gas: 4n, changed_at: new Date(harness.nowMs) })
      .where("id", "=", id)
      .execute();
    const row = { kind: "payment", ground: "PER_CARD", who: "ada", reason: "a test", statement: null } as const;
    await harness.db
      .insertInto("withheld_decisions")
      .values({ ...row, voucher_id: keyOf(bundle), way, action_id: id, decided_at: new Date(harness.nowMs) })
      .execute();
    return id;
  }
  const stateOf = async (id: string) => {
    const found = harness.db.selectFrom("chain_actions").select(["state", "gas", "changed_at"]).where("id", "=", id);
    return found.executeTakeFirstOrThrow();
  };

  it.each(["refused", "failed"])("is planned again where it was %s, after a while", async (state) => {
    const { second } = await withheld();
    const id = await decided(second, state);
    harness.nowMs += harness.config.chain.resendMs - 1;
    await considered(harness, second);
    expect(await stateOf(id)).toMatchObject({ state, gas: 4n });
    harness.nowMs += 1;
    await considered(harness, second);
    expect(await stateOf(id)).toEqual({ state: "planned", gas: null, changed_at: new Date(harness.nowMs) });
  });

  it("is not planned again where the vault pays the voucher at this very moment", async () => {
    const { second } = await withheld();
    const id = await decided(second, "refused");
    harness.nowMs += resendMs;
    const retrying = await harness.db.transaction().execute(async (trx) => {
      await trx.updateTable("vouchers").set({ state: "final" }).where("id", "=", keyOf(second)).execute();
      return begun(harness.db, () => retry(second));
    });
    await retrying.end;
    expect((await stateOf(id)).state).toBe("refused");
  });

  it("stays as it is where it is on its way or final, and where no deposit was decided", async () => {
    const { second } = await withheld();
    harness.nowMs += resendMs;
    await retry(second);
    for (const state of ["sent", "final", "planned"]) {
      const id = await decided(second, state);
      harness.nowMs += resendMs;
      await retry(second);
      expect((await stateOf(id)).gas).toBe(4n);
    }
  });

  it("is the newest alone, and no transfer", async () => {
    const { second } = await withheld();
    const old = await decided(second, "refused");
    const newest = await decided(second, "refused");
    const transfer = await decided(second, "refused", "compensation");
    harness.nowMs += resendMs;
    await retry(second);
    const states = await Promise.all([old, newest, transfer].map(async (id) => (await stateOf(id)).state));
    expect(states).toEqual(["refused", "planned", "refused"]);
  });

  it("is not that of another voucher, and stays where the voucher is not withheld any more", async () => {
    const [{ second }, other] = [await withheld(), await withheld()];
    const id = await decided(second, "refused");
    harness.nowMs += resendMs;
    await retry(other.second);
    expect((await stateOf(id)).state).toBe("refused");
    await harness.setVoucher(second, "compensated");
    await retry(second);
    expect((await stateOf(id)).state).toBe("refused");
  });

  it("waits while somebody decides", async () => {
    const { second } = await withheld();
    const id = await decided(second, "refused");
    harness.nowMs += resendMs;
    await harness.waitsForLock("guarantee", () => retry(second));
    expect((await stateOf(id)).state).toBe("planned");
  });
});

describe("one decision at a time", () => {
  it("about what a final block shows", async () => {
    const { second } = await unpaid(7n);
    await harness.waitsForLock("guarantee", () => compensatorOf(harness).consider(keyOf(second)));
    expect((await harness.voucher(second)).state).toBe("compensating");
  });

  it("about what is still unpaid", async () => {
    const sale = await skipped();
    harness.nowMs = dueAt(sale) * 1_000;
    await harness.waitsForLock("guarantee", () => compensatorOf(harness).consider(keyOf(sale)));
    expect((await harness.voucher(sale)).state).toBe("withheld");
  });
});

describe("a payment that meets the watcher of the chain", () => {
  /** A person's call, which reads the card at the newest block that was taken in; then `meanwhile` happens. */
  const pay = (bundle: VoucherBundle, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    const { db, chain, contract, actions, clock, config } = harness;
    let happens: typeof meanwhile | null = meanwhile;
    const card: typeof contract.card = async (...of) => {
      const slot = await contract.card(...of);
      await happens?.();
      happens = null;
      return slot;
    };
    const deposits = new WithheldDeposits(actions, contract);
    const approvals = new Approvals(db, clock, config);
    const parts = [{ ...contract, card }, compensatorOf(harness), deposits, approvals, clock] as const;
    const payments = new WithheldPayments(db, chain.rpc(), ...parts);
    return payments.pay(keyOf(bundle), "a test", { role: "operator", name: "ada" });
  };
  const unpaidByVault = async (): Promise<VoucherBundle> => {
    const sale = await skipped();
    await harness.setVoucher(sale, "withheld");
    return sale;
  };
  const deposits = (bundle: VoucherBundle) =>
    harness.db
      .selectFrom("withheld_decisions")
      .select("action_id")
      .where("voucher_id", "=", keyOf(bundle))
      .where("way", "=", "deposit")
      .execute();

  it("plans no second deposit where the first becomes final behind the block of which the balance is", async () => {
    const sale = await unpaidByVault();
    expect(await pay(sale)).toMatchObject({ way: "deposit", state: "withheld" });
    const [first] = await deposits(sale);
    const becomesFinal = async () => {
      harness.chain.show(addressOfKey(sale.cardKey), { balance: 50n }, 11n);
      const mined = { state: "final", mined_block: 11n };
      await harness.db
        .updateTable("chain_actions")
        .set(mined)
        .where("id", "=", first?.action_id ?? "")
        .execute();
      await harness.takenIn(11n);
    };
    await refuses(pay(sale, becomesFinal), "PAYMENT_UNDER_WAY");
    expect(await deposits(sale)).toEqual([first]);
    expect(await pay(sale)).toMatchObject({ way: "vault", state: "received" });
  });

  it("plans no deposit where a block meanwhile used the counter, and compensates at once", async () => {
    const sale = await unpaidByVault();
    const row = { card: addressOfKey(sale.cardKey), payee: randomBytes(20), units: 1n, block_number: 11n };
    const used = async () => {
      await harness.event("released", row, { counter: 1 });
      await harness.takenIn(11n);
    };
    expect(await pay(sale, used)).toMatchObject({ way: "compensation", state: "compensating" });
    expect(await deposits(sale)).toEqual([]);
  });
});
