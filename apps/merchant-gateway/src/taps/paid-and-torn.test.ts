import { afterEach, describe, expect, it } from "@jest/globals";
import { ReaderError, type ReaderErrorCode } from "@tallystick/apdu";
import { createSignatureChecks, encodeDomain, judgeVoucherBytes, toAddress } from "@tallystick/protocol";
import { allowanceBody, asset, DAY, servedDomain, signCertificate, START } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { codeOf, codeOfRejection } from "../../test/harness/codes.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

describe("a good tap", () => {
  it("is two commands, and keeps a voucher that anyone can verify", async () => {
    const { terminal, card } = await suite.withCard();
    const result = await terminal.tap(PRICE);
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
    await terminal.gateway.engine.rest();
    expect(terminal.reader.held).toBe(0);
    const voucher = terminal.gateway.journal.vouchers.byId(result.voucherId ?? new Uint8Array(32));
    if (voucher === null) throw new Error("the voucher is not kept");
    const checks = createSignatureChecks(terminal.gateway.policies.issuerKeys);
    expect(judgeVoucherBytes(voucher.entry, { checks })).toMatchObject({ worth: "promised" });
    expect(voucher).toMatchObject({ delivery: "unsent", amount: PRICE, counter: 1, requestTime: START });
  });

  it("follows another one of the same card", async () => {
    const { terminal } = await suite.withCard();
    await terminal.tap(PRICE);
    expect(await terminal.tap(1n)).toMatchObject({
      outcome: "accepted",
      counter: 2,
      spentBefore: PRICE,
      spentAfter: PRICE + 1n,
    });
    expect(terminal.gateway.journal.vouchers.unsent((await servedDomain()).domainBytes)).toMatchObject({
      count: 2,
      sum: PRICE + 1n,
    });
  });

  it("uses a new challenge each time", async () => {
    const { terminal, card } = await suite.withCard();
    await terminal.tap(1n);
    await terminal.tap(1n);
    const challenges = card.requests.map((request) => Buffer.from(request.subarray(42, 58)).toString("hex"));
    expect(new Set(challenges).size).toBe(2);
  });

  it("shows the terminal's certificate to a card that demands it, and to no other", async () => {
    const { terminal, card } = await suite.withCard();
    await card.allow({ ...allowanceBody, flags: 1 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", apdus: 3 });
    expect(card.received).toEqual([0xa4, 0x18, 0x10]);
    card.tear = "before";
    await terminal.tap(PRICE);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2, apdus: 3 });
  });

  it("is the only one of its sale, though a card comes back that paid it too", async () => {
    const { terminal, card } = await suite.withCard();
    const bo = await terminal.card("bo");
    card.tear = "after";
    expect(await terminal.tap(PRICE, { saleId: "one" })).toMatchObject({ outcome: "unresolved" });
    terminal.now += 3_600;
    terminal.reader.card = bo;
    expect(await terminal.tap(1n, { saleId: "two" })).toMatchObject({ outcome: "accepted" });
    const paid = await terminal.tap(PRICE, { saleId: "one" });
    expect(paid).toMatchObject({ outcome: "accepted", counter: 2 });
    terminal.reader.card = card;
    const { resolved } = await terminal.tap(1n, { saleId: "three" });
    expect(resolved).toMatchObject([{ outcome: "accepted", counter: 1, saleId: "one" }]);
    const { journal } = terminal.gateway;
    expect(resolved.map(({ id }) => journal.reversals.has(id))).toEqual([true]);
    expect(journal.reversals.has(paid.id)).toBe(false);
  });

  it("ends its sale for good, also where its card only came back after a refusal of another", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    expect(await terminal.tap(PRICE, { saleId: "one" })).toMatchObject({ outcome: "unresolved" });
    terminal.now += 3_600;
    const poor = await terminal.card("poor", { maxSpent: 1n, softSpent: 1n });
    terminal.reader.card = poor;
    expect(await terminal.tap(PRICE, { saleId: "one" })).toMatchObject({ code: "CARD_SPENDING_CAP" });
    terminal.reader.card = card;
    const { resolved } = await terminal.tap(1n, { saleId: "two" });
    expect(resolved).toMatchObject([{ outcome: "accepted", counter: 1, saleId: "one" }]);
    const counter = card.counter;
    expect(await terminal.tap(PRICE, { saleId: "one" })).toMatchObject({ outcome: "accepted", counter: 1 });
    expect(card.counter).toBe(counter);
    expect(resolved.map(({ id }) => terminal.gateway.journal.reversals.has(id))).toEqual([false]);
  });

  it("is answered again for the same sale without a card", async () => {
    const { terminal, card } = await suite.withCard();
    const paid = await terminal.tap(PRICE, { saleId: "sale-1" });
    terminal.reader.card = null;
    expect(await terminal.tap(PRICE, { saleId: "sale-1" })).toMatchObject({
      outcome: "accepted",
      id: paid.id,
      voucherId: paid.voucherId,
    });
    expect(card.counter).toBe(1);
    expect(await codeOfRejection(terminal.tap(PRICE + 1n, { saleId: "sale-1" }))).toBe("SALE_AMOUNT_DIFFERS");
  });
});

describe("another card while a torn tap is open", () => {
  it("pays with two commands: what is open on its own instance is another card's", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved" });
    const other = await terminal.card("bert");
    terminal.reader.card = other;
    expect(await terminal.tap(PRICE + 1n)).toMatchObject({ outcome: "accepted", apdus: 2, resolved: [] });
    expect(other.received).toEqual([0xa4, 0x10]);
  });
});

describe("a torn tap", () => {
  it.each(["before", "after"] as const)(
    "torn %s the card's write pays once when the same card comes again",
    async (tear) => {
      const { terminal, card } = await suite.withCard();
      card.tear = tear;
      const torn = await terminal.tap(PRICE);
      expect(torn).toMatchObject({
        outcome: "unresolved",
        code: "TAP_TORN",
        counter: 1,
        sw: null,
        saleOpen: true,
        voucherId: null,
      });
      const repeated = await terminal.tap(PRICE);
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
        terminal.gateway.journal.vouchers.unsent(terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28)),
      ).toMatchObject({ count: 1, sum: PRICE });
    },
  );

  it.each(["before", "after"] as const)(
    "torn %s the write, then the power of the terminal fails: the same voucher all the same",
    async (tear) => {
      const { terminal, card } = await suite.withCard();
      card.tear = tear;
      const torn = await terminal.tap(PRICE);
      terminal.restart();
      expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved", saleOpen: true });
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", id: torn.id, counter: 1 });
      expect(card.spent).toBe(PRICE);
    },
  );

  it("torn twice and in the replay still ends in one payment", async () => {
    const { terminal, card } = await suite.withCard();
    for (const tear of ["after", "before", "after"] as const) {
      card.tear = tear;
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    }
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: PRICE });
  });

  it.each([new Uint8Array(0), Uint8Array.of(0x90)])(
    "takes an answer of %p as torn, never as a success",
    async (answer) => {
      const { terminal, card } = await suite.withCard();
      card.lies = { raw: (ins, response) => (ins === 0x10 ? answer : response) };
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
      card.lies = {};
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
    },
  );

  it.each<ReaderErrorCode>(["CARD_REMOVED", "CARD_RESET", "CARD_MUTE", "NO_SERVICE", "READER_FAULT", "TORN"])(
    "counts %s after PAY was sent as torn",
    async (code) => {
      const { terminal, card } = await suite.withCard();
      terminal.reader.beforeTransmit = async (command) => {
        if (command[1] === 0x10) throw new ReaderError(code);
      };
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
      expect(card.spent).toBe(0n);
      expect(terminal.reader.held).toBe(0);
    },
  );

  it("is never sent to another card", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    const other = await terminal.card("bert");
    terminal.reader.card = other;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "CARD_WRONG_CARD", id: torn.id });
    expect(other.requests).toEqual([]);
    terminal.reader.card = card;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", id: torn.id });
  });

  it("is not continued by the same number in another currency", async () => {
    const euro = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0xe0)) };
    const certificate = await signCertificate({ domain: euro });
    const domains = [
      await servedDomain(),
      await servedDomain({
        domain: euro,
        domainBytes: encodeDomain(euro),
        certificate,
        asset: { ...asset, code: "EURC" },
      }),
    ];
    const { terminal, card } = await suite.withCard({ domains });
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    const policies = terminal.gateway.policies.all().filter(({ served }) => served.asset.code === "EURC");
    const other = await terminal.gateway.engine.tap({ saleId: null, amount: PRICE, domains: policies, waitMs: 0 });
    expect(other).toMatchObject({ outcome: "refused", code: "DOMAIN_NOT_SERVED" });
    expect(other.saleId).not.toBe(torn.saleId);
    expect(card.requests).toHaveLength(1);
    const again = terminal.gateway.engine.tap({ saleId: torn.saleId, amount: PRICE, domains: policies, waitMs: 0 });
    expect(await codeOfRejection(again)).toBe("SALE_AMOUNT_DIFFERS");
  });

  it("is resolved before another sale of that card, and reported", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    const next = await terminal.tap(1n, { saleId: "another" });
    expect(next).toMatchObject({ outcome: "accepted", saleId: "another", counter: 2, spentBefore: PRICE });
    expect(next.resolved).toMatchObject([{ id: torn.id, outcome: "accepted", counter: 1, amount: PRICE }]);
    expect(card.received).toEqual([0xa4, 0x10, 0xa4, 0x10, 0x10]);
  });

  it("is not sent again below its counter once another sale has begun", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    const other = await terminal.card("bert");
    terminal.reader.card = other;
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    terminal.reader.card = card;
    const later = await terminal.tap(7n);
    expect(later).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: 7n });
    expect(later.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "TAP_CANCELLED" }]);
    expect(card.spent).toBe(7n);
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({
      state: "reversed",
      saleOpen: false,
      readBack: true,
    });
    // The card has used that counter for another request, so the old one never happened, and it
    // need not be asked.
    expect(await terminal.tap(1n)).toMatchObject({ resolved: [], apdus: 2 });
    expect(card.spent).toBe(8n);
  });

  it("is not sent again when the customer comes back after the sale was left", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    await terminal.tap(PRICE);
    terminal.now += 16 * 60;
    const result = await terminal.tap(PRICE);
    expect(result).toMatchObject({ outcome: "accepted", counter: 1 });
    expect(card.requests).toHaveLength(2);
    expect(card.requests[1]).not.toEqual(card.requests[0]);
  });

  it("goes on with a new payment when the card says that the earlier one never happened", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    const elsewhere = await suite.terminal();
    elsewhere.reader.card = card;
    await elsewhere.tap(9n);
    const result = await terminal.tap(PRICE);
    expect(result).toMatchObject({ outcome: "accepted", saleId: torn.saleId, counter: 2, spentAfter: PRICE + 9n });
    expect(result.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "NOTHING_HAPPENED" }]);
  });

  it("stays unresolved when sixteen further payments have passed, because the card has forgotten", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    const elsewhere = await suite.terminal();
    elsewhere.reader.card = card;
    for (let payment = 0; payment < 16; payment += 1) await elsewhere.tap(1n);
    expect(await terminal.tap(PRICE)).toMatchObject({
      outcome: "unresolved",
      code: "TAP_UNRESOLVED",
      id: torn.id,
      sw: "9E08",
    });
  });

  it("can still be read after fifteen further payments", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    await terminal.tap(PRICE);
    const elsewhere = await suite.terminal();
    elsewhere.reader.card = card;
    for (let payment = 0; payment < 15; payment += 1) await elsewhere.tap(1n);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1, spentAfter: PRICE });
  });

  it("is never accepted once it is older than the upload window", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    terminal.now += 7 * DAY + 1;
    await terminal.offerList({ seq: 2 });
    const result = await terminal.tap(1n);
    expect(result).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({
      state: "reversed",
      code: "TAP_EXPIRED",
      readBack: true,
    });
    expect(result.resolved).toEqual([]);
    // What the card had signed is kept and sent, so that its value goes back.
    const [kept] = terminal.gateway.journal.vouchers.toPack(
      terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28),
      10,
    );
    expect(kept).toMatchObject({ tapId: torn.id, reversed: true, amount: PRICE });
  });

  it("is PAID_TOO_LATE, reversed and sent where the window ends while its card answers", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    terminal.now += 7 * DAY;
    await terminal.offerList({ seq: 2 });
    // The window is still open when the tap begins, and over when the card has answered.
    card.lies = {
      raw: (ins, response) => {
        if (ins === 0xa4) terminal.now += 1;
        return response;
      },
    };
    const { resolved } = await terminal.tap(1n);
    expect(resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "PAID_TOO_LATE" }]);
    const { taps, vouchers, reversals } = terminal.gateway.journal;
    expect(taps.byId(torn.id)).toMatchObject({ state: "reversed", code: "PAID_TOO_LATE" });
    expect(vouchers.ofTap(torn.id)).toMatchObject({ amount: PRICE, reversed: true });
    expect(reversals.has(torn.id)).toBe(true);
  });

  it("does not end by a refusal of its repeated PAY, which a card that paid never gives", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    card.lies = { raw: (ins, response) => (ins === 0x10 ? Uint8Array.of(0x9e, 0x06) : response) };
    expect(await terminal.tap(PRICE)).toMatchObject({ id: torn.id, outcome: "unresolved", code: "TAP_UNRESOLVED" });
    const { taps, reversals } = terminal.gateway.journal;
    expect(taps.byId(torn.id)).toMatchObject({ state: "unresolved" });
    expect(reversals.has(torn.id)).toBe(false);
    card.lies = {};
    expect(await terminal.tap(PRICE)).toMatchObject({ id: torn.id, outcome: "accepted", counter: 1 });
    expect(card.counter).toBe(1);
  });

  it("may still be read in the last second of the upload window", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    terminal.now += 7 * DAY;
    await terminal.offerList({ seq: 2 });
    const result = await terminal.tap(1n);
    expect(result.resolved).toMatchObject([{ id: torn.id, outcome: "accepted" }]);
  });

  it("is unresolved after a start where the terminal stopped before it knew anything of the answer", async () => {
    const { terminal, card } = await suite.withCard();
    const sent = new Promise<void>((resolve) => {
      terminal.reader.beforeTransmit = (command) => {
        if (command[1] !== 0x10) return Promise.resolve();
        resolve();
        return new Promise(() => undefined);
      };
    });
    void terminal.tap(PRICE);
    await sent;
    const [left] = terminal.gateway.journal.taps.unresolved();
    expect(left).toMatchObject({ state: "intent" });
    terminal.restart();
    expect(terminal.gateway.journal.taps.byId(left?.id ?? "")).toMatchObject({
      ...{ state: "unresolved", code: "TAP_UNRESOLVED", saleOpen: true, amount: PRICE },
    });
    terminal.reader.held = 0;
    terminal.reader.beforeTransmit = () => Promise.resolve();
    expect(await terminal.tap(PRICE)).toMatchObject({ id: left?.id, outcome: "accepted", counter: 1 });
    expect(card.spent).toBe(PRICE);
  });

  it("of this very sale, which was closed, is the sale's answer where it turns out to be paid", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE, { saleId: "s-1" });
    // The counter was left for so long that the sale was closed.
    terminal.now += 16 * 60;
    const paid = await terminal.tap(PRICE, { saleId: "s-1" });
    expect(paid).toMatchObject({ outcome: "accepted", id: torn.id, saleId: "s-1", counter: 1 });
    expect(paid.resolved).toMatchObject([{ id: torn.id, outcome: "accepted" }]);
    expect(card.spent).toBe(PRICE);
  });

  it("keeps a sale open where the card goes again while an earlier payment of it is asked about", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE, { saleId: "s-1" });
    card.tear = "after";
    const again = await terminal.tap(1n, { saleId: "s-2" });
    expect(again).toMatchObject({ outcome: "refused", code: "TAP_TORN", saleId: "s-2", resolved: [] });
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved" });
    expect(card.spent).toBe(PRICE);
    const third = await terminal.tap(1n, { saleId: "s-3" });
    expect(third).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(third.resolved).toMatchObject([{ id: torn.id, outcome: "accepted" }]);
  });

  it("is left alone by what tidies up while its card is asked, and is not reversed then", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    terminal.now += 15 * 60;
    const codes: unknown[] = [];
    terminal.reader.beforeTransmit = () => {
      terminal.now += 1;
      terminal.gateway.engine.tidy();
      codes.push(codeOf(() => terminal.gateway.engine.reverse(torn.id)));
      expect(terminal.gateway.engine.isBusy).toBe(true);
      return Promise.resolve();
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ id: torn.id, outcome: "accepted" });
    expect(codes).toEqual(["TAP_IN_PROGRESS", "TAP_IN_PROGRESS"]);
    expect(terminal.gateway.engine.isBusy).toBe(false);
  });

  it("is closed by what tidies up between taps, once its sale was left", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    terminal.now += 15 * 60;
    terminal.gateway.engine.tidy();
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ saleOpen: true });
    terminal.now += 1;
    terminal.gateway.engine.tidy();
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved", saleOpen: false });
  });

  it("that its card says never happened is not asked about again", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    const elsewhere = await suite.terminal();
    elsewhere.reader.card = card;
    await elsewhere.tap(9n);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "reversed", readBack: true });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", apdus: 2, resolved: [] });
  });

  it("is paid too late where the upload window closes before the card is asked, and its value goes back", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "after";
    const torn = await terminal.tap(PRICE);
    terminal.now += 7 * DAY;
    await terminal.offerList({ seq: 2 });
    // The card is put on the reader in the last second, and asked in the one after it.
    terminal.reader.beforeTransmit = () => {
      terminal.reader.beforeTransmit = () => Promise.resolve();
      terminal.now += 1;
      return Promise.resolve();
    };
    const result = await terminal.tap(1n);
    expect(result.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "PAID_TOO_LATE" }]);
    const domainBytes = terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28);
    expect(terminal.gateway.journal.vouchers.toPack(domainBytes, 10)).toMatchObject([
      { tapId: torn.id, reversed: true, amount: PRICE },
      { amount: 1n, reversed: false },
    ]);
  });

  it.each([0x9e01, 0x9e04, 0x9e06, 0x6985, 0x6d00])(
    "stays open where its repeated PAY is answered with %p, for a replay is never refused",
    async (sw) => {
      const { terminal, card } = await suite.withCard();
      card.tear = "after";
      const torn = await terminal.tap(PRICE);
      card.lies = { raw: (ins, answer) => (ins === 0x10 ? Uint8Array.of(sw >> 8, sw & 0xff) : answer) };
      expect(await terminal.tap(PRICE)).toMatchObject({ id: torn.id, outcome: "unresolved", code: "TAP_UNRESOLVED" });
      expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "unresolved", saleOpen: true });
      card.lies = {};
      expect(await terminal.tap(PRICE)).toMatchObject({ id: torn.id, outcome: "accepted", counter: 1 });
      expect(card.spent).toBe(PRICE);
    },
  );

  it("decides again before PAY is sent again, and names why it is not", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    const torn = await terminal.tap(PRICE);
    await terminal.offerList({ seq: 2, statuses: [0, 0, 2, 0] });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED", id: torn.id });
    expect(terminal.gateway.journal.taps.byId(torn.id)).toMatchObject({ state: "reversed" });
    expect(card.requests).toHaveLength(1);
  });

  it("checks the voucher against the newest SELECT below its counter", async () => {
    const { terminal, card } = await suite.withCard();
    card.tear = "before";
    await terminal.tap(PRICE);
    await card.allow({ ...allowanceBody, seq: 4 });
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 1 });
  });
});
