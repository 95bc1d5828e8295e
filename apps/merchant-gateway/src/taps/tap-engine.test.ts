import { afterEach, describe, expect, it } from "@jest/globals";
import type { ReaderErrorCode } from "@tallystick/apdu";
import { cardStates, createSigner, decodeVoucherBundle, toAddress, verifyVoucher } from "@tallystick/protocol";
import {
  allowanceBody,
  DAY,
  servedDomain,
  signCertificate,
  START,
  testSigner,
  TestTill,
} from "../testing/test-till.ts";
import type { TapError } from "./tap-error.ts";

const tills: TestTill[] = [];

afterEach(() => {
  for (const till of tills.splice(0)) till.remove();
});

async function makeTill(...options: Parameters<typeof TestTill.make>): Promise<TestTill> {
  const till = await TestTill.make(...options);
  tills.push(till);
  return till;
}

/** A till with a card on its reader. */
async function withCard(...options: Parameters<typeof TestTill.make>) {
  const till = await makeTill(...options);
  const card = await till.card();
  till.reader.card = card;
  return { till, card };
}

async function codeOfRejection(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as TapError).code;
  }
  return "nothing thrown";
}

const PRICE = 2_500_000n;

describe("a good tap", () => {
  it("is two commands, and keeps a voucher that anyone can verify", async () => {
    const { till, card } = await withCard();
    const result = await till.tap(PRICE);
    expect(result).toMatchObject({
      outcome: "accepted",
      code: null,
      counter: 1,
      sw: "9000",
      apdus: 2,
      spentBefore: 0n,
      spentAfter: PRICE,
      resolved: [],
    });
    expect(card.received).toEqual([0xa4, 0x10]);
    expect(till.reader.held).toBe(0);
    const voucher = till.gateway.journal.vouchers.byId(result.voucherId ?? new Uint8Array(32));
    if (voucher === null) throw new Error("the voucher is not kept");
    expect(verifyVoucher(decodeVoucherBundle(voucher.entry), till.gateway.policies.issuerKeys)).toMatchObject({
      ok: true,
    });
    expect(voucher).toMatchObject({ delivery: "unsent", amount: PRICE, counter: 1, requestTime: START });
  });

  it("follows another one of the same card", async () => {
    const { till } = await withCard();
    await till.tap(PRICE);
    expect(await till.tap(1n)).toMatchObject({
      outcome: "accepted",
      counter: 2,
      spentBefore: PRICE,
      spentAfter: PRICE + 1n,
    });
    expect(till.gateway.journal.vouchers.unsent((await servedDomain()).domainBytes)).toMatchObject({
      count: 2,
      sum: PRICE + 1n,
    });
  });

  it("uses a new challenge each time", async () => {
    const { till, card } = await withCard();
    await till.tap(1n);
    await till.tap(1n);
    const challenges = card.requests.map((request) => Buffer.from(request.subarray(42, 58)).toString("hex"));
    expect(new Set(challenges).size).toBe(2);
  });

  it("is answered again for the same sale without a card", async () => {
    const { till, card } = await withCard();
    const paid = await till.tap(PRICE, { saleId: "sale-1" });
    till.reader.card = null;
    expect(await till.tap(PRICE, { saleId: "sale-1" })).toMatchObject({
      outcome: "accepted",
      id: paid.id,
      voucherId: paid.voucherId,
    });
    expect(card.counter).toBe(1);
    expect(await codeOfRejection(till.tap(PRICE + 1n, { saleId: "sale-1" }))).toBe("SALE_AMOUNT_DIFFERS");
  });
});

describe("a torn tap", () => {
  it.each(["before", "after"] as const)(
    "torn %s the card's write pays once when the same card comes again",
    async (tear) => {
      const { till, card } = await withCard();
      card.tear = tear;
      const torn = await till.tap(PRICE);
      expect(torn).toMatchObject({
        outcome: "unresolved",
        code: "TAP_TORN",
        counter: 1,
        sw: null,
        saleOpen: true,
        voucherId: null,
      });
      const repeated = await till.tap(PRICE);
      expect(repeated).toMatchObject({
        outcome: "accepted",
        id: torn.id,
        saleId: torn.saleId,
        counter: 1,
        spentAfter: PRICE,
        apdus: 2,
        resolved: [],
      });
      expect(card.spent).toBe(PRICE);
      expect(
        till.gateway.journal.vouchers.unsent(till.config.domains[0]?.domainBytes ?? new Uint8Array(28)),
      ).toMatchObject({ count: 1, sum: PRICE });
    },
  );

  it.each(["before", "after"] as const)(
    "torn %s the write, then the power of the till fails: the same voucher all the same",
    async (tear) => {
      const { till, card } = await withCard();
      card.tear = tear;
      const torn = await till.tap(PRICE);
      till.restart();
      expect(till.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved", saleOpen: true });
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", id: torn.id, counter: 1 });
      expect(card.spent).toBe(PRICE);
    },
  );

  it("torn twice and in the replay still ends in one payment", async () => {
    const { till, card } = await withCard();
    for (const tear of ["after", "before", "after"] as const) {
      card.tear = tear;
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    }
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: PRICE });
  });

  it.each([new Uint8Array(0), Uint8Array.of(0x90)])(
    "takes an answer of %p as torn, never as a success",
    async (answer) => {
      const { till, card } = await withCard();
      card.lies = { raw: (ins, response) => (ins === 0x10 ? answer : response) };
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
      card.lies = {};
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
    },
  );

  it.each<ReaderErrorCode>(["CARD_REMOVED", "CARD_RESET", "CARD_MUTE", "NO_SERVICE", "READER_FAULT", "TORN"])(
    "counts %s after PAY was sent as torn",
    async (code) => {
      const { till, card } = await withCard();
      const { ReaderError } = await import("@tallystick/apdu");
      till.reader.beforeTransmit = async (command) => {
        if (command[1] === 0x10) throw new ReaderError(code);
      };
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
      expect(card.spent).toBe(0n);
      expect(till.reader.held).toBe(0);
    },
  );

  it("is never sent to another card", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    const torn = await till.tap(PRICE);
    const other = await till.card("bert");
    till.reader.card = other;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "CARD_WRONG_CARD", id: torn.id });
    expect(other.requests).toEqual([]);
    till.reader.card = card;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", id: torn.id });
  });

  it("is resolved before another sale of that card, and reported", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    const torn = await till.tap(PRICE);
    const next = await till.tap(1n, { saleId: "another" });
    expect(next).toMatchObject({ outcome: "accepted", saleId: "another", counter: 2, spentBefore: PRICE });
    expect(next.resolved).toMatchObject([{ id: torn.id, outcome: "accepted", counter: 1, amount: PRICE }]);
    expect(card.received).toEqual([0xa4, 0x10, 0xa4, 0x10, 0x10]);
  });

  it("is not sent again below its counter once another sale has begun", async () => {
    const { till, card } = await withCard();
    card.tear = "before";
    const torn = await till.tap(PRICE);
    const other = await till.card("bert");
    till.reader.card = other;
    expect(await till.tap(1n)).toMatchObject({ outcome: "accepted" });
    till.reader.card = card;
    const later = await till.tap(7n);
    expect(later).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: 7n, resolved: [] });
    expect(card.spent).toBe(7n);
    expect(till.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved", saleOpen: false });
    // The card has now used that counter for another request: it says that the old one never happened.
    const last = await till.tap(1n);
    expect(last.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "NOTHING_HAPPENED" }]);
    expect(card.spent).toBe(8n);
  });

  it("is not sent again when the customer comes back after the sale was left", async () => {
    const { till, card } = await withCard();
    card.tear = "before";
    await till.tap(PRICE);
    till.now += 16 * 60;
    const result = await till.tap(PRICE);
    expect(result).toMatchObject({ outcome: "accepted", counter: 1 });
    expect(card.requests).toHaveLength(2);
    expect(card.requests[1]).not.toEqual(card.requests[0]);
  });

  it("goes on with a new payment when the card says that the earlier one never happened", async () => {
    const { till, card } = await withCard();
    card.tear = "before";
    const torn = await till.tap(PRICE);
    const elsewhere = await makeTill();
    elsewhere.reader.card = card;
    await elsewhere.tap(9n);
    const result = await till.tap(PRICE);
    expect(result).toMatchObject({ outcome: "accepted", saleId: torn.saleId, counter: 2, spentAfter: PRICE + 9n });
    expect(result.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "NOTHING_HAPPENED" }]);
  });

  it("stays unresolved when sixteen further payments have passed, because the card has forgotten", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    const torn = await till.tap(PRICE);
    const elsewhere = await makeTill();
    elsewhere.reader.card = card;
    for (let payment = 0; payment < 16; payment += 1) await elsewhere.tap(1n);
    expect(await till.tap(PRICE)).toMatchObject({
      outcome: "unresolved",
      code: "TAP_UNRESOLVED",
      id: torn.id,
      sw: "9E08",
    });
  });

  it("can still be read after fifteen further payments", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    await till.tap(PRICE);
    const elsewhere = await makeTill();
    elsewhere.reader.card = card;
    for (let payment = 0; payment < 15; payment += 1) await elsewhere.tap(1n);
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: PRICE });
  });

  it("is never accepted once it is older than the upload window", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    const torn = await till.tap(PRICE);
    till.now += 7 * DAY + 1;
    await till.offerList({ seq: 2 });
    const result = await till.tap(1n);
    expect(result).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(till.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "expired", code: "TAP_EXPIRED" });
    expect(result.resolved).toEqual([]);
  });

  it("may still be read in the last second of the upload window", async () => {
    const { till, card } = await withCard();
    card.tear = "after";
    const torn = await till.tap(PRICE);
    till.now += 7 * DAY;
    await till.offerList({ seq: 2 });
    const result = await till.tap(1n);
    expect(result.resolved).toMatchObject([{ id: torn.id, outcome: "accepted" }]);
  });

  it("decides anew before PAY is sent again, and says why it is not", async () => {
    const { till, card } = await withCard();
    card.tear = "before";
    const torn = await till.tap(PRICE);
    await till.offerList({ seq: 2, statuses: [0, 0, 2, 0] });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "STATUS_REVOKED", id: torn.id });
    expect(card.requests).toHaveLength(1);
  });

  it("checks the voucher against the newest SELECT below its counter", async () => {
    const { till, card } = await withCard();
    card.tear = "before";
    await till.tap(PRICE);
    await card.allow({ ...allowanceBody, seq: 4 });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
  });
});

describe("a card that refuses", () => {
  it.each([
    [0x9e01, "CARD_STATE"],
    [0x9e02, "CARD_VALIDITY"],
    [0x9e03, "CARD_CATEGORY"],
    [0x9e04, "CARD_PER_TAP"],
    [0x9e05, "CARD_COUNTER_CAP"],
    [0x9e06, "CARD_SPENDING_CAP"],
    [0x9e07, "CARD_PIN_NEEDED"],
    [0x9e08, "CARD_OUT_OF_TURN"],
    [0x9e09, "CARD_WRONG_CARD"],
    [0x9e0c, "CARD_CERTIFICATE_NEEDED"],
    [0x6985, "CARD_REFUSED"],
    [0x6a80, "CARD_REFUSED"],
  ])("with %p is refused as %s and nothing stays open", async (sw, code) => {
    const { till, card } = await withCard();
    card.refuse = sw;
    expect(await till.tap(PRICE)).toMatchObject({
      outcome: "refused",
      code,
      sw: sw.toString(16).toUpperCase(),
      apdus: 2,
      saleOpen: false,
    });
    card.refuse = null;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, resolved: [] });
  });

  it.each([0x6f00, 0x6581, 0x6400])("with %p may have paid, so the tap stays open", async (sw) => {
    const { till, card } = await withCard();
    card.refuse = sw;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_UNRESOLVED", saleOpen: true });
  });

  it("over its cap is refused by the card itself", async () => {
    const { till } = await withCard();
    expect(await till.tap(50_000_001n)).toMatchObject({ outcome: "refused", code: "CARD_PER_TAP", sw: "9E04" });
  });
});

describe("a till that refuses, by each reason that it can name before PAY", () => {
  const cases: readonly [string, (till: TestTill) => Promise<void>][] = [
    [
      "CARD_SUSPENDED",
      async (till) => {
        if (till.reader.card) till.reader.card.state = cardStates.suspended;
      },
    ],
    [
      "CARD_TERMINATED",
      async (till) => {
        if (till.reader.card) till.reader.card.state = cardStates.terminated;
      },
    ],
    [
      "ALLOWANCE_SIGNATURE_WRONG",
      async (till) => {
        if (till.reader.card)
          till.reader.card.lies = {
            select: (answer) => ({ ...answer, allowanceBody: { ...answer.allowanceBody, maxSpent: 1n } }),
          };
      },
    ],
    [
      "ISSUER_KEY_UNKNOWN",
      async (till) => {
        till.reader.card = await till.card("x", { issuerKeyId: 9 });
      },
    ],
    [
      "ALLOWANCE_NOT_YET_VALID",
      async (till) => {
        till.reader.card = await till.card("x", { notBefore: START + 1 });
      },
    ],
    [
      "ALLOWANCE_EXPIRED",
      async (till) => {
        till.reader.card = await till.card("x", { notAfter: START - 1 });
      },
    ],
    [
      "STATUS_LIST_TOO_OLD",
      async (till) => {
        till.now += 7 * DAY;
      },
    ],
    [
      "CARD_NOT_IN_LIST",
      async (till) => {
        till.reader.card = await till.card("x", { cardIndex: 4 });
      },
    ],
    [
      "STATUS_SUSPENDED",
      async (till) => {
        await till.offerList({ seq: 2, statuses: [0, 0, 1, 0] });
      },
    ],
    [
      "STATUS_REVOKED",
      async (till) => {
        await till.offerList({ seq: 2, statuses: [0, 0, 2, 0] });
      },
    ],
    [
      "STATUS_LOST",
      async (till) => {
        await till.offerList({ seq: 2, statuses: [0, 0, 3, 0] });
      },
    ],
    [
      "ASSURANCE_CLASS_REFUSED",
      async (till) => {
        till.reader.card = await till.card("x", { flags: 2 << 1 });
      },
    ],
    [
      "CATEGORY_NOT_ALLOWED",
      async (till) => {
        till.reader.card = await till.card("x", { categories: 1n << 11n });
      },
    ],
    [
      "CARD_NOT_TALLYSTICK",
      async (till) => {
        if (till.reader.card) till.reader.card.lies = { raw: () => Uint8Array.of(0x6a, 0x82) };
      },
    ],
    [
      "CARD_NOT_PERSONALIZED",
      async (till) => {
        if (till.reader.card)
          till.reader.card.lies = {
            raw: () =>
              Uint8Array.from(Buffer.from("6f0e8408f0544 14c4c59000185020101 9000".replaceAll(" ", ""), "hex")),
          };
      },
    ],
    [
      "CLOCK_BELOW_FLOOR",
      async (till) => {
        till.now -= 1;
      },
    ],
  ];

  it.each(cases)("%s", async (code, arrange) => {
    const { till } = await withCard();
    await arrange(till);
    const { card } = till.reader;
    const result = await till.tap(PRICE);
    expect(result).toMatchObject({ outcome: "refused", code, voucherId: null, counter: null });
    expect(result.message.length).toBeGreaterThan(20);
    expect(card?.requests).toEqual([]);
    expect(till.gateway.journal.taps.byId(result.id)).toMatchObject({ state: "refused", code });
  });

  it("CLOCK_UNCONFIRMED before anything is asked of a card", async () => {
    const { till, card } = await withCard({ batteryBacked: false });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED", apdus: 0 });
    expect(card.received).toEqual([]);
    till.gateway.clock.confirmBySettlement();
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    till.restart();
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED" });
  });

  it("STATUS_LIST_MISSING on a till that never had one", async () => {
    const { till } = await withCard({}, { list: false });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_MISSING" });
  });

  it("CERTIFICATE_MISSING before the shop is registered", async () => {
    const { till, card } = await withCard({ domains: [await servedDomain({ certificate: null })] });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CERTIFICATE_MISSING" });
    expect(card.received).toEqual([]);
  });

  it("CERTIFICATE_NOT_VALID when the shop's certificate has run out", async () => {
    const { till } = await withCard({
      domains: [await servedDomain({ certificate: await signCertificate({ notAfter: START - 1 }) })],
    });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CERTIFICATE_NOT_VALID" });
  });

  it("DOMAIN_NOT_SERVED for a card of another vault, after looking for a further instance on it", async () => {
    const till = await makeTill();
    const card = await till.card("far", {}, { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(3)) });
    till.reader.card = card;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "DOMAIN_NOT_SERVED", apdus: 2 });
    expect(card.received).toEqual([0xa4, 0xa4]);
  });

  it.each([
    ["TERMINAL_PER_TAP", { perTap: PRICE - 1n }, 0],
    ["TERMINAL_UNSENT_SUM", { unsentSum: 2n * PRICE - 1n }, 1],
    ["TERMINAL_UNSENT_COUNT", { unsentCount: 2 }, 2],
  ])("%s by its own limits", async (code, limits, before) => {
    const { till } = await withCard({ domains: [await servedDomain(limits)] });
    for (let payment = 0; payment < before; payment += 1)
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code });
  });

  it("TERMINAL_UNSENT_AGE when a voucher has waited nearly as long as it may", async () => {
    const { till } = await withCard();
    await till.tap(PRICE);
    till.now += 7 * DAY - DAY / 2 - 1;
    await till.offerList({ seq: 2 });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    till.now += 1;
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "TERMINAL_UNSENT_AGE" });
  });

  it("SOFTWARE_NOT_GUARANTEED above the sum that the issuer guarantees for software cards", async () => {
    const till = await makeTill({ domains: [await servedDomain({ softwareCardSum: PRICE })] });
    till.reader.card = await till.card("soft", { flags: 2 << 1 });
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    expect(await till.tap(1n)).toMatchObject({ outcome: "refused", code: "SOFTWARE_NOT_GUARANTEED" });
  });
});

describe("a reader that does not work", () => {
  it.each<ReaderErrorCode>(["NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "CARD_MUTE", "READER_FAULT"])(
    "%s has its own code and sentence",
    async (fault) => {
      const { till, card } = await withCard();
      till.reader.fault = fault;
      const result = await till.tap(PRICE);
      expect(result).toMatchObject({ outcome: "refused", code: fault, apdus: 0 });
      expect(result.message).toMatch(/\. .+\.$/);
      till.reader.fault = null;
      expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted" });
      expect(card.counter).toBe(1);
    },
  );

  it("without a card says CARD_ABSENT", async () => {
    const till = await makeTill();
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CARD_ABSENT" });
  });

  it("tries SELECT again where a card vanishes before PAY, and debits nothing", async () => {
    const { till, card } = await withCard();
    let torn = 2;
    card.lies = { raw: (ins, response) => (ins === 0xa4 && torn-- > 0 ? new Uint8Array(0) : response) };
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, apdus: 2 });
    expect(till.reader.held).toBe(0);
  });

  it("is let go when the till hangs up before a card came", async () => {
    const till = await makeTill();
    const gone = new AbortController();
    const waiting = till.tap(PRICE, { waitMs: 60_000, signal: gone.signal });
    expect(till.gateway.engine.isBusy).toBe(true);
    expect(await codeOfRejection(till.tap(PRICE))).toBe("TAP_IN_PROGRESS");
    gone.abort();
    expect(await waiting).toMatchObject({ outcome: "refused", code: "SALE_CANCELLED" });
    expect(till.gateway.engine.isBusy).toBe(false);
  });

  it("serves one of two requests at once", async () => {
    const { till, card } = await withCard();
    const both = await Promise.allSettled([till.tap(PRICE), till.tap(PRICE)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(card.spent).toBe(PRICE);
  });
});

describe("a card that lies", () => {
  const wrong = new Uint8Array(32).fill(0xee);
  const selectLies: readonly [string, Parameters<typeof lie>[0], string][] = [
    ["cardTag", () => ({ cardTag: new Uint8Array(8) }), "DOMAIN_NOT_SERVED"],
    ["cardKey", () => ({ cardKey: testSigner("other card").publicKey }), "DOMAIN_NOT_SERVED"],
    ["allowance signature", () => ({ allowanceSignature: new Uint8Array(64).fill(1) }), "ALLOWANCE_SIGNATURE_WRONG"],
    ["counter", (answer) => ({ counter: answer.counter + 5 }), "CARD_OUT_OF_TURN"],
    ["spent", (answer) => ({ spent: answer.spent - 1n }), "SPENT_MISMATCH"],
    ["head", () => ({ head: wrong }), "LINK_MISMATCH"],
    ["noPinUsed", () => ({ noPinUsed: 499_999_999n }), "OVER_NO_PIN"],
    ["noPinTaps", () => ({ noPinTaps: 255 }), "OVER_NO_PIN"],
  ];
  function lie(change: (answer: { counter: number; spent: bigint }) => object) {
    return { select: (answer: never) => ({ ...(answer as object), ...change(answer) }) as never };
  }

  it.each(selectLies)("about %s in SELECT is named", async (_, change, code) => {
    const { till, card } = await withCard();
    await till.tap(PRICE);
    card.lies = lie(change);
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code, voucherId: null });
  });

  type PayChange = (answer: { counter: number; spent: bigint; allowanceSeq: number }) => object;
  const payLies: readonly [string, PayChange, string][] = [
    ["counter", (answer) => ({ counter: answer.counter + 1 }), "COUNTER_MISMATCH"],
    ["spent", (answer) => ({ spent: answer.spent + 1n }), "SPENT_MISMATCH"],
    ["allowance seq", (answer) => ({ allowanceSeq: answer.allowanceSeq + 1 }), "SEQ_MISMATCH"],
    ["link", () => ({ link: wrong }), "LINK_MISMATCH"],
    ["cvm", () => ({ cvm: 1 }), "CVM_MISMATCH"],
  ];
  it.each(payLies)(
    "about %s in PAY, and signs it, is named and its voucher kept as evidence",
    async (_, change, code) => {
      const { till, card } = await withCard();
      await till.tap(PRICE);
      card.lies = { pay: async (answer, __, resign) => await resign({ ...answer, ...change(answer) }) };
      const result = await till.tap(PRICE);
      expect(result).toMatchObject({ outcome: "refused", code, voucherId: null });
      const kept = till.gateway.journal.taps.byId(result.id);
      expect(kept?.answer?.length).toBeGreaterThan(100);
      expect(till.gateway.journal.vouchers.unsent(till.config.domains[0]?.domainBytes ?? wrong)).toMatchObject({
        count: 1,
      });
    },
  );

  it.each(payLies)("about %s in PAY without signing it is caught by its signature", async (_, change) => {
    const { till, card } = await withCard();
    await till.tap(PRICE);
    card.lies = { pay: async (answer) => ({ ...answer, ...change(answer) }) };
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", voucherId: null });
  });

  it("with another key's signature is refused", async () => {
    const { till, card } = await withCard();
    const other = await till.card("thief");
    card.lies = { pay: async (answer) => ({ ...answer, signature: await signature(other.signer, answer.counter) }) };
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG" });
  });

  it("with an unreadable answer leaves the tap open, and the truth is read later", async () => {
    const { till, card } = await withCard();
    card.lies = {
      raw: (ins, response) => (ins === 0x10 ? Uint8Array.from([...response.subarray(0, 60), 0x90, 0x00]) : response),
    };
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "CARD_ANSWER_MALFORMED" });
    card.lies = {};
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
  });

  it.each([
    ["OVER_PER_TAP", {}, 50_000_001n],
    ["OVER_MAX_SPENT", { maxSpent: 1n }, PRICE],
    ["OVER_COUNTER", { maxCounter: 0 }, PRICE],
    ["OVER_NO_PIN", { pinAbove: 1n }, PRICE],
  ])("and breaks its own cap is named %s", async (code, body, amount) => {
    const till = await makeTill();
    const card = await till.card("x", body);
    till.reader.card = card;
    card.lies = { pay: async (answer) => answer };
    expect(await till.tap(amount)).toMatchObject({ outcome: "refused", code });
  });

  it("and is a copy convicts itself at the till that saw the other", async () => {
    const { till, card } = await withCard();
    await till.tap(PRICE);
    const twin = await card.copy();
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    till.reader.card = twin;
    const result = await till.tap(PRICE);
    expect(result).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE" });
    expect(
      till.gateway.journal.knowledge.sightings(till.config.domains[0]?.domainBytes ?? wrong, card.signer.publicKey, 2),
    ).toHaveLength(3);
  });

  it("and goes back behind its intent is named", async () => {
    const { till, card } = await withCard();
    await till.tap(PRICE);
    card.tear = "before";
    await till.tap(PRICE);
    card.lies = { select: (answer) => ({ ...answer, counter: 0 }) };
    expect(await till.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "COUNTER_MISMATCH" });
  });

  async function signature(signer: ReturnType<typeof createSigner>, counter: number): Promise<Uint8Array> {
    const { decodeSignature, encodeDerSignature } = await import("@tallystick/protocol");
    return encodeDerSignature(decodeSignature(await signer.sign(new Uint8Array(32).fill(counter))));
  }
});
