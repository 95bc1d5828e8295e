import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { approveCall, settleCall, buildBatchPayload } from "@tallystick/vault";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { eventually } from "./harness/eventually.ts";
import { fundedCard } from "./harness/issued.ts";
import { ReturnHarness, signedMessage } from "./harness/return-harness.ts";
import { OPERATOR_TOKEN } from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";

describe("refunds", () => {
  let harness: ReturnHarness;

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
  });
  afterAll(async () => {
    await harness.stop();
  });

  const funded = () => fundedCard(harness.settlement, harness.service, "10.00");
  const allowanceOf = async (card: Parameters<ReturnHarness["allowance"]>[0], maxSpent: bigint) =>
    eventually(
      () => harness.allowance(card),
      (allowance) => allowance.maxSpent === maxSpent,
    );

  it("raises the allowance by a partial refund once it is final, and not a block before", async () => {
    const card = await funded();
    const sale = await harness.paid(card, 4_000_000n);
    expect(await harness.view(sale)).toMatchObject({ amount: "4.00", reversed: false, owes: null, refunded: "0.00" });
    await harness.overTheBoundary(card, () => harness.refund(card, 1_500_000n, sale), "refunded");
    const raised = await allowanceOf(card, 11_500_000n);
    expect(raised).toMatchObject({ seq: 2, softSpent: 11_500_000n });
    expect(await harness.bound(card)).toBe("11500000");
    const seen = await harness.view(sale);
    expect(seen).toMatchObject({ state: "final", refunded: "1.50" });
    expect(seen.refunds).toEqual([{ amount: "1.50", tx: expect.stringMatching(/^0x[0-9a-f]{64}$/) }]);
    await harness.balanced();
  });

  it("marks a voucher refunded when its last part came back, with postings that name it", async () => {
    const card = await funded();
    const sale = await harness.paid(card, 3_000_000n);
    const { tx } = await harness.view(sale);
    await harness.refund(card, 1_000_000n, sale);
    await harness.becomes(sale, { refunded: "1.00" });
    await harness.refund(card, 2_000_000n, sale);
    const seen = await harness.becomes(sale, { state: "refunded" });
    expect(seen).toMatchObject({ refunded: "3.00", owes: null, tx });
    const ledger = createPostgresLedger(harness.service.platform.db);
    const refunds = await harness.service.platform.db
      .selectFrom("refunds")
      .selectAll()
      .where("card", "=", card.address)
      .orderBy("block_number")
      .execute();
    const postings = await Promise.all(
      refunds.map(({ place }) => ledger.transfer(`refunded:${place}:${idOf(sale)}:e`)),
    );
    expect(postings.map((posting) => [posting?.amount, posting?.debit, posting?.credit])).toEqual([
      [1_000_000n, `card:${toHex(card.address)}`, `owed:${toHex(harness.terminal.payee)}`],
      [2_000_000n, `card:${toHex(card.address)}`, `owed:${toHex(harness.terminal.payee)}`],
    ]);
    await allowanceOf(card, 13_000_000n);
    await harness.balanced();
  });

  it("assigns an unnamed refund to the newest payments, and the rest to the card alone", async () => {
    const card = await funded();
    const [older, newer] = [await harness.paid(card, 1_000_000n), await harness.paid(card, 2_000_000n)];
    await harness.refund(card, 2_500_000n);
    await harness.becomes(newer, { state: "refunded" });
    expect(await harness.view(older)).toMatchObject({ state: "final", refunded: "0.50" });
    await harness.refund(card, 700_000n, older);
    await harness.becomes(older, { state: "refunded", refunded: "1.00" });
    const { returns } = await harness.listReturns();
    const own = returns.filter((row: { card: string }) => row.card === toHex(card.address));
    expect(
      own.map(({ amount, ofNoVoucher, vouchers }: Record<string, unknown>) => [amount, ofNoVoucher, vouchers]),
    ).toEqual([
      ["0.70", "0.20", [{ voucherId: idOf(older), amount: "0.50" }]],
      [
        "2.50",
        "0.00",
        expect.arrayContaining([
          { voucherId: idOf(newer), amount: "2.00" },
          { voucherId: idOf(older), amount: "0.50" },
        ]),
      ],
    ]);
    const page = await harness.service.call("GET", "/console/returns");
    expect(page.body).toContain("Returned on the chain");
    expect(page.body).toContain(idOf(older));
    await allowanceOf(card, 13_200_000n);
    await harness.balanced();
  });

  it("posts a refund out of tokens that the payee had withdrawn", async () => {
    const { service, terminal, settlement } = harness;
    const card = await funded();
    const sale = await harness.paid(card, 2_000_000n);
    const payout = await service.call("POST", "/v1/payouts", {
      token: OPERATOR_TOKEN,
      body: { payee: toHex(terminal.payee), reason: "a test" },
    });
    await eventually(
      () => service.call("GET", `/v1/payouts/${payout.body.id}`, { token: OPERATOR_TOKEN }),
      ({ body }) => body.state === "final",
    );
    await settlement.sendAs(toHex(terminal.payee), approveCall(service.platform.contract.vault), settlement.token);
    const next = await harness.paid(card, 500_000n);
    await harness.refund(card, 2_000_000n, sale);
    await harness.becomes(sale, { state: "refunded" });
    const ledger = createPostgresLedger(service.platform.db);
    const [{ place } = { place: "" }] = await service.platform.db
      .selectFrom("refunds")
      .select("place")
      .where("card", "=", card.address)
      .execute();
    const parts = await Promise.all(
      ["e", "w"].map((part) => ledger.transfer(`refunded:${place}:${idOf(sale)}:${part}`)),
    );
    expect(parts.map((part) => [part?.credit.split(":")[0], part?.amount])).toEqual([
      ["owed", 500_000n],
      ["paid-out", 1_500_000n],
    ]);
    expect(await harness.view(next)).toMatchObject({ state: "final", refunded: "0.00" });
    await harness.balanced();
  });

  it("knows what was claimed, refunded and released before its upload came", async () => {
    const { terminal, settlement, service } = harness;
    const card = await funded();
    const [claimed, released] = [await harness.pay(card, 1_000_000n), await harness.pay(card, 250_000n)];
    const { signature, parity } = signedMessage(claimed);
    const { counter, amount, context } = claimed.message;
    const nothing = new Uint8Array(32);
    const voucher = { card: card.address, payee: terminal.payee, counter, amount, context, signature, parity };
    const { payload } = buildBatchPayload({ batchRoot: nothing, ledgerRoot: nothing, vouchers: [voucher] });
    await settlement.sendAs(toHex(terminal.payee), settleCall(payload));
    await harness.refund(card, 1_000_000n, claimed);
    await harness.release(released);
    await eventually(
      () => harness.listReturns(),
      ({ returns }) =>
        returns.filter((row: { card: string; final: boolean }) => row.final && row.card === toHex(card.address))
          .length === 2,
    );
    await harness.send({ vouchers: [claimed, released] });
    expect(await harness.view(claimed)).toMatchObject({ state: "refunded", refunded: "1.00" });
    expect(await harness.view(released)).toMatchObject({ state: "released", tx: expect.stringMatching(/^0x/) });
    const batches = await service.platform.db
      .selectFrom("vouchers")
      .select("batch_id")
      .where("card", "=", card.address)
      .execute();
    expect(batches).toEqual([{ batch_id: null }, { batch_id: null }]);
    // 10.00 and the refund of 1.00, and 0.25 that its voucher proves only now.
    await allowanceOf(card, 11_250_000n);
    await harness.balanced();
  });
});
