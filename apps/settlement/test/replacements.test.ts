import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { eventually } from "./harness/eventually.ts";
import { allowanceRequest, registeredCard } from "./harness/issued.ts";
import { ReturnHarness } from "./harness/return-harness.ts";
import { ISSUER_TOKEN } from "./harness/settlement-harness.ts";
import type { TestCard } from "./harness/test-card.ts";

const DELAY_SECONDS = 16 * 86_400;

describe("a card that is replaced", () => {
  let harness: ReturnHarness;
  let lost: TestCard;
  let successor: TestCard;

  const call = (method: string, path: string, body?: unknown, token = ISSUER_TOKEN) =>
    harness.service.call(method, path, { token, ...(body === undefined ? {} : { body }) });
  const pathOf = (card: TestCard, rest = "") => `/v1/cards/${toHex(card.address)}${rest}`;
  const replace = (card: TestCard, by: TestCard, token = ISSUER_TOKEN) =>
    call("POST", pathOf(card, "/replacement"), { successor: toHex(by.address), reason: "left in a taxi" }, token);
  const float = async () => (await call("GET", "/v1/float")).body;
  const books = async () => (await call("GET", "/v1/reconciliation")).body;
  /** A withdrawal takes days; the next look at it is now. */
  const lookNow = () =>
    harness.service.platform.db
      .updateTable("replacements")
      .set({ next_look_at: new Date(0) })
      .where("done_at", "is", null)
      .execute();

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
    const { settlement, service } = harness;
    lost = await registeredCard(settlement, service);
    successor = await registeredCard(settlement, service);
    await call("POST", pathOf(lost, "/fundings"), { amount: "20.00", key: "first", reason: "a test" });
    const allowance = await eventually(
      () => call("POST", pathOf(lost, "/allowances"), allowanceRequest({ maxSpent: "12.00" })),
      ({ status }) => status === 200,
    );
    lost.load(allowance.body as { body: string; signature: string });
  });
  afterAll(async () => {
    await harness.stop();
  });

  it("is lost at once, its withdrawal is asked for, and its successor gets what no allowance of it reaches", async () => {
    await harness.paid(lost, 2_000_000n);
    const before = await float();
    expect(before).toMatchObject({ deposits: "20.00", spent: "2.00", liability: "18.00" });
    const answer = await replace(lost, successor);
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ advance: "8.00", state: "waiting", withdrawn: null, requestedBy: "ida" }),
    ]);
    expect((await replace(lost, successor)).body).toEqual(
      expect.objectContaining({ advance: "8.00", advanceFunding: answer.body.advanceFunding }),
    );
    const card = await eventually(
      () => call("GET", pathOf(lost)),
      ({ body }) => body.pendingWithdrawal === "18.00",
    );
    expect(card.body).toMatchObject({ status: "lost", replacedBy: toHex(successor.address), replaces: null });
    expect((await call("GET", pathOf(lost, "/replacement"))).body.readyAt).toBeGreaterThan(Date.now() / 1_000);
    await eventually(books, ({ advances }) => advances === "8.00");
    await eventually(
      () => call("GET", pathOf(successor)),
      ({ body }) => body.balanceFinal === "8.00" && body.replaces === toHex(lost.address),
    );
  });

  it("gets no allowance any more, and no second successor; the issuer's person alone decides, over its own cards", async () => {
    const { settlement, service } = harness;
    const code = async (answer: ReturnType<typeof replace>) => (await answer).body.code;
    const allowance = call("POST", pathOf(lost, "/allowances"), allowanceRequest({ maxSpent: "13.00" }));
    expect(await code(allowance)).toBe("CARD_REPLACED");
    expect(await code(call("POST", pathOf(lost, "/release"), { reason: "found" }))).toBe("CARD_REPLACED");
    const [third, foreign] = [
      await registeredCard(settlement, service),
      await registeredCard(settlement, service, `0x${"0f".repeat(20)}`),
    ];
    expect(await code(replace(lost, third))).toBe("CARD_REPLACED");
    expect(await code(replace(third, successor))).toBe("CARD_REPLACED");
    expect(await code(replace(third, third))).toBe("CARD_REPLACED");
    expect(await code(replace(foreign, third))).toBe("OWNER_NOT_ISSUER");
    expect(await code(replace(third, lost))).toBe("CARD_REPLACED");
    expect(await code(replace(third, foreign, "operator-token-of-the-tests"))).toBe("FORBIDDEN");
    const entries = await service.call("GET", "/v1/audit/entries");
    const replaced = entries.body.entries.filter(({ entry }: { entry: string }) => entry.includes('"card-replaced"'));
    expect(replaced).toHaveLength(1);
    expect([replaced[0].entry, replaced[0].words].join()).toMatch(
      /\["advance","8000000"\].*\["reason","left in a taxi"\]/,
    );
  });

  it("gives the rest when its withdrawal is through, less what it still paid; the advance is then no receivable", async () => {
    // It pays offline with the allowance that it has: the certain part was never in its reach.
    await harness.paid(lost, 3_000_000n);
    await lookNow();
    expect((await call("GET", pathOf(lost, "/replacement"))).body.state).toBe("waiting");
    await harness.settlement.rpc("evm_increaseTime", [DELAY_SECONDS]);
    await harness.settlement.mine(3);
    // A look that is under way puts the next one off once more.
    const done = await eventually(
      async () => {
        await lookNow();
        return call("GET", pathOf(lost, "/replacement"));
      },
      ({ body }) => body.state === "done",
    );
    expect(done.body).toMatchObject({ withdrawn: "15.00", advance: "8.00", pendingWithdrawal: "0.00" });
    await eventually(
      () => call("GET", pathOf(successor)),
      ({ body }) => body.balanceFinal === "15.00",
    );
    await harness.balanced();
    // The books have the deposit with its block; its action ends when it is looked at next.
    const sums = await eventually(
      float,
      ({ liability, waiting }) => liability === "15.00" && waiting.deposits === "0.00",
    );
    // A sum is shared by those who ask meanwhile, and may be a moment older than the card's row.
    const ledger = await eventually(
      books,
      ({ advances, ledger: { cards } }) => advances === "0.00" && cards === "15.00",
    );
    expect(sums).toMatchObject({ deposits: "35.00", spent: "20.00", liability: ledger.ledger.cards });
    expect(sums.liability).toBe("15.00");
    expect(sums.unspent).toEqual([
      { days: "0-30", cards: 1, amount: "15.00" },
      ...["31-90", "91-365", "over-365", "others"].map((days) => ({ days, cards: 0, amount: "0.00" })),
    ]);
    expect(sums.waiting).toEqual({
      ...{ deposits: "0.00", vouchers: "0.00", owed: "5.00", advances: "0.00", replacements: 0 },
    });
  });
});
