import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf, codeOfRejection } from "../../test/harness/codes.ts";
import type { TestCard } from "../../test/harness/test-card.ts";
import { START, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { REPEATED_SALE_SECONDS } from "../taps/limits.ts";
import type { SaleTerms } from "../journal/sales/sale-store.ts";
import type { SaleAttempt } from "./sales.ts";
import type { SaleState } from "./sale-view.ts";

const suite = new TerminalSuite();
let terminal: TestTerminal;
let card: TestCard;

beforeEach(async () => {
  ({ terminal, card } = await suite.withCard());
});
afterEach(async () => {
  await terminal.gateway.engine.rest();
  suite.removeAll();
});

const sales = () => terminal.gateway.sales;
const termsOf = (id: string, changes: Partial<SaleTerms> = {}): SaleTerms => ({
  ...{ id, currency: "USDC", decimals: 6, amount: PRICE, cashier: null, reference: null, metadata: {}, lane: "1" },
  ...changes,
});
const attemptOf = (changes: Partial<SaleAttempt> = {}): SaleAttempt => ({
  pin: null,
  waitMs: 0,
  again: false,
  ...changes,
});

/** Every state that is told from now on, each once in a row. */
function told(): SaleState[] {
  const states: SaleState[] = [];
  let before = "";
  sales().subscribe(({ sale, state, holding }) => {
    const now = `${sale.id} ${state}`;
    // A payment is told once more when its card may go.
    if (now !== before && (state !== "paid" || holding)) states.push(state);
    before = now;
  });
  return states;
}

/** The sale when its attempt has ended. */
async function ended(id: string) {
  await sales().settled();
  return sales().view(id);
}

async function sell(terms: SaleTerms, attempt: SaleAttempt = attemptOf()) {
  sales().put(terms, attempt);
  return await ended(terms.id);
}

describe("a sale", () => {
  it("is asked for once, runs without its caller, and tells each state", async () => {
    const states = told();
    const { created, view } = sales().put(termsOf("one", { cashier: "ann", metadata: { table: "7" } }), attemptOf());
    expect([created, view.state, view.tap]).toEqual([true, "waiting", null]);
    expect(await ended("one")).toMatchObject({
      ...{ state: "paid", code: null },
      sale: { cashier: "ann", metadata: { table: "7" }, createdAt: START },
    });
    expect(states).toEqual(["waiting", "card-seen", "paying", "paid"]);
  });

  it("never charges twice under one id, whatever is asked again, also after a restart", async () => {
    await sell(termsOf("one"));
    for (const again of [false, true]) {
      expect(sales().put(termsOf("one"), attemptOf({ again }))).toMatchObject({
        created: false,
        view: { state: "paid" },
      });
      expect(codeOf(() => sales().attempt("one", attemptOf({ again })))).toBe("SALE_PAID");
    }
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(sales().put(termsOf("one"), attemptOf())).toMatchObject({ created: false, view: { state: "paid" } });
    expect(await terminal.tap(PRICE, { saleId: "one" })).toMatchObject({ outcome: "accepted", counter: 1 });
    expect(card.counter).toBe(1);
  });

  it("keeps its terms: another amount, currency or reference under its id is refused, and so is a tap", async () => {
    await sell(termsOf("one", { reference: "R-1" }));
    for (const change of [{ amount: PRICE + 1n }, { currency: "EURC" }, { decimals: 2 }, { reference: null }])
      expect(codeOf(() => sales().put(termsOf("one", { reference: "R-1", ...change }), attemptOf()))).toBe(
        "SALE_DIFFERS",
      );
    expect(await codeOfRejection(terminal.tap(1n, { saleId: "one" }))).toBe("SALE_AMOUNT_DIFFERS");
    expect(codeOf(() => sales().put(termsOf("two", { currency: "EURC" }), attemptOf()))).toBe("CURRENCY_NOT_SERVED");
    expect(codeOf(() => sales().view("two"))).toBe("SALE_UNKNOWN");
    await terminal.tap(7n, { saleId: "tap" });
    expect(codeOf(() => sales().put(termsOf("tap"), attemptOf()))).toBe("SALE_DIFFERS");
    expect(sales().put(termsOf("tap", { amount: 7n }), attemptOf())).toMatchObject({
      created: true,
      view: { state: "paid" },
    });
    expect(card.counter).toBe(2);
  });

  it("waits alone: another one, or a tap, is refused and leaves nothing behind", async () => {
    terminal.reader.card = null;
    sales().put(termsOf("one"), attemptOf({ waitMs: 60_000 }));
    expect(codeOf(() => sales().put(termsOf("two"), attemptOf()))).toBe("TAP_IN_PROGRESS");
    expect(codeOf(() => sales().view("two"))).toBe("SALE_UNKNOWN");
    expect(await codeOfRejection(terminal.tap(PRICE))).toBe("TAP_IN_PROGRESS");
    expect(codeOf(() => sales().reverse("one"))).toBe("SALE_IN_PROGRESS");
    expect(await sales().cancel("one")).toMatchObject({ state: "refused", code: "SALE_CANCELLED" });
    expect(await sales().cancel("one")).toMatchObject({ state: "refused", code: "SALE_CANCELLED" });
    expect(codeOf(() => sales().reverse("one"))).toBe("TAP_NOT_OPEN");
  });

  it("is refused where nobody waited for its card: the terminal stopped before one came", async () => {
    const { journal } = terminal.gateway;
    journal.write(() => {
      journal.sales.add(termsOf("one"), START);
    });
    terminal.restart();
    expect(sales().view("one")).toMatchObject({ state: "refused", code: "SALE_CANCELLED", tap: null });
    expect(codeOf(() => sales().reverse("one"))).toBe("SALE_NOT_PAID");
    sales().attempt("one", attemptOf());
    expect(await ended("one")).toMatchObject({ state: "paid" });
  });

  it("says that it was paid where the stop came too late", async () => {
    let stopped: Promise<unknown> = Promise.resolve();
    terminal.reader.beforeTransmit = (command) => {
      if (command[1] === 0x10) stopped = sales().cancel("one");
      return Promise.resolve();
    };
    sales().put(termsOf("one"), attemptOf());
    expect(await ended("one")).toMatchObject({ state: "paid" });
    expect(await stopped).toMatchObject({ state: "paid", code: null });
  });

  it("is tried again after a torn tap, and one payment comes of it", async () => {
    card.tear = "after";
    expect(await sell(termsOf("one"))).toMatchObject({ state: "unresolved", code: "TAP_TORN" });
    expect(sales().put(termsOf("one"), attemptOf())).toMatchObject({ created: false, view: { state: "unresolved" } });
    sales().attempt("one", attemptOf());
    expect(await ended("one")).toMatchObject({ state: "paid" });
    expect(card.counter).toBe(1);
  });

  it("is reversed: an open one, and a paid one; then nothing is taken for it any more", async () => {
    card.tear = "before";
    await sell(termsOf("open"));
    expect(sales().reverse("open")).toMatchObject({ state: "reversed", code: "TAP_CANCELLED" });
    await sell(termsOf("paid", { amount: 3n }));
    const states = told();
    expect(sales().reverse("paid")).toMatchObject({ state: "reversed" });
    expect(states).toEqual(["reversed"]);
    for (const id of ["open", "paid"]) expect(codeOf(() => sales().attempt(id, attemptOf()))).toBe("SALE_REVERSED");
  });

  it("stays refused where the card refused, whatever the terminal reverses by itself", async () => {
    card.refuse = 0x9e06;
    expect(await sell(termsOf("one"))).toMatchObject({ state: "refused", code: "CARD_SPENDING_CAP" });
  });
});

describe("the card of the sale before", () => {
  /** The reader is empty for as long as it takes to be seen. */
  async function takenAway(): Promise<void> {
    const { reader } = terminal;
    await terminal.gateway.engine.rest();
    const { status } = reader;
    let looks = 0;
    const isSeen = new Promise<void>((resolve) => {
      reader.status = async () => {
        const shown = await status.call(reader);
        looks += shown.card === "absent" ? 1 : 0;
        if (looks === 2) setImmediate(resolve);
        return shown;
      };
    });
    reader.card = null;
    await isSeen;
    reader.status = status;
  }

  it("pays nobody else's: it is taken away first, and only then counts", async () => {
    await sell(termsOf("one"));
    const states = told();
    const bo = await terminal.card("bo");
    terminal.reader.onWait = (what) => {
      if (what === "removal") terminal.reader.card = null;
      else terminal.reader.card = bo;
    };
    expect(await sell(termsOf("two"), attemptOf({ waitMs: 60_000 }))).toMatchObject({ state: "paid" });
    expect(states).toEqual(["waiting", "card-left", "waiting", "card-seen", "paying", "paid"]);
    expect([card.counter, bo.counter]).toEqual([1, 1]);
  });

  it("is named where nobody takes it away in time, also after a restart", async () => {
    await sell(termsOf("one"));
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(await sell(termsOf("two", { amount: 1n }))).toMatchObject({ state: "refused", code: "CARD_LEFT" });
    expect(card.counter).toBe(1);
  });

  it("pays again where it came when the reader was empty, and ends by a stop meanwhile", async () => {
    await sell(termsOf("one"));
    terminal.reader.card = null;
    terminal.reader.onWait = () => {
      terminal.reader.card = card;
    };
    expect(await sell(termsOf("two", { amount: 1n }), attemptOf({ waitMs: 60_000 }))).toMatchObject({ state: "paid" });
    terminal.reader.onWait = (what) => {
      if (what === "removal") void sales().cancel("three");
    };
    expect(await sell(termsOf("three", { amount: 2n }), attemptOf({ waitMs: 60_000 }))).toMatchObject({
      ...{ state: "refused", code: "SALE_CANCELLED" },
    });
  });

  it("pays again where it was away between the two sales, and lies there again when the next one begins", async () => {
    await sell(termsOf("one"));
    await takenAway();
    terminal.reader.card = card;
    expect(await sell(termsOf("two", { amount: 1n }))).toMatchObject({ state: "paid" });
  });

  it("pays nobody else's where it came back for something else and still lies there, and the same sale again", async () => {
    for (const [price, ask] of [
      [1n, async () => void (await terminal.gateway.engine.balances({ waitMs: 0 }))],
      [2n, async () => void (await sell(termsOf("refused", { amount: 3n })))],
    ] as const) {
      expect(await sell(termsOf(`paid ${price}`, { amount: price }))).toMatchObject({ state: "paid" });
      await takenAway();
      terminal.reader.card = card;
      card.refuse = 0x9e06;
      await ask();
      card.refuse = null;
      const next = await sell(termsOf(`next ${price}`, { amount: 4n }));
      expect(next).toMatchObject({ state: "refused", code: "CARD_LEFT" });
      await takenAway();
      terminal.reader.card = card;
    }
    // Whoever came for a sale and was refused is asked in its next attempt without taking the card away.
    card.refuse = 0x9e06;
    expect(await sell(termsOf("again", { amount: 5n }))).toMatchObject({ code: "CARD_SPENDING_CAP" });
    card.refuse = null;
    sales().attempt("again", attemptOf());
    expect(await ended("again")).toMatchObject({ state: "paid" });
  });

  it("pays again where the reader was seen empty meanwhile, in a sale that nobody paid", async () => {
    await sell(termsOf("one"));
    terminal.reader.card = null;
    terminal.reader.onWait = () => void sales().cancel("two");
    expect(await sell(termsOf("two", { amount: 1n }), attemptOf({ waitMs: 60_000 }))).toMatchObject({
      ...{ state: "refused", code: "SALE_CANCELLED" },
    });
    terminal.reader.card = card;
    expect(await sell(termsOf("three", { amount: 2n }))).toMatchObject({ state: "paid" });
    // What was seen is of the payment before.
    await terminal.gateway.engine.rest();
    expect(await sell(termsOf("four", { amount: 3n }))).toMatchObject({ state: "refused", code: "CARD_LEFT" });
  });

  it("is asked about where it pays the same amount again within two minutes, and only then", async () => {
    await sell(termsOf("one"));
    terminal.reader.onWait = () => {
      terminal.reader.card = card;
    };
    const lifted = async (id: string, changes: Partial<SaleTerms> = {}, again = false) => {
      terminal.reader.card = null;
      return (await sell(termsOf(id, changes), attemptOf({ waitMs: 60_000, again }))).code;
    };
    terminal.now += REPEATED_SALE_SECONDS - 1;
    expect(await lifted("two")).toBe("SALE_REPEATED");
    expect(await lifted("three", { amount: PRICE - 1n })).toBeNull();
    expect(await lifted("four", {}, true)).toBeNull();
    terminal.now += REPEATED_SALE_SECONDS;
    expect(await lifted("five")).toBeNull();
    expect(card.counter).toBe(4);
  });
});

describe("a card that carries a beacon after its payment", () => {
  it("is held until that is done: the sale says so, and says when it may go", async () => {
    const views: (readonly [SaleState, boolean])[] = [];
    sales().subscribe(({ state, holding }) => {
      if (state === "paid") views.push([state, holding]);
    });
    const seen: unknown[] = [];
    terminal.reader.beforeTransmit = async (command) => {
      if (command[1] !== 0x1c || seen.length > 0) return;
      seen.push(await terminal.gateway.lanes.all[0]?.watch.check(), sales().view("one").holding);
    };
    await sell(termsOf("one"));
    await terminal.gateway.engine.rest();
    await Promise.resolve();
    expect(seen).toMatchObject([{ state: "busy", code: null }, true]);
    expect(views).toEqual([
      ["paid", true],
      ["paid", false],
    ]);
  });
});

describe("sales", () => {
  it("are listed by time and cashier, newest first, in pages", async () => {
    const ids = ["a", "b", "c", "d"];
    for (const [index, id] of ids.entries()) {
      terminal.reader.card = null;
      await sell(termsOf(id, { cashier: index % 2 === 0 ? "ann" : "bo" }));
      terminal.now += 10;
    }
    const all = { from: null, to: null, cashier: null, before: null, limit: 10 };
    const listed = (
      changes: Partial<typeof all> | { cashier: string } | { from: number; to: number } | { before: string },
    ) =>
      sales()
        .page({ ...all, ...changes })
        .map(({ sale }) => sale.id);
    expect(listed({})).toEqual(["d", "c", "b", "a"]);
    expect(listed({ cashier: "ann" })).toEqual(["c", "a"]);
    expect(listed({ from: START + 10, to: START + 30 })).toEqual(["c", "b"]);
    expect(listed({ limit: 1 })).toEqual(["d"]);
    expect(listed({ before: "c" })).toEqual(["b", "a"]);
    expect(codeOf(() => listed({ before: "none" }))).toBe("SALE_UNKNOWN");
  });
});
