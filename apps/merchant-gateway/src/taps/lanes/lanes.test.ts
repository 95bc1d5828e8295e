import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf, codeOfRejection } from "../../../test/harness/codes.ts";
import type { TestCard } from "../../../test/harness/test-card.ts";
import type { TestReader } from "../../../test/harness/test-reader.ts";
import { PRICE, TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { servedDomain, type TestTerminal } from "../../../test/harness/test-terminal.ts";
import type { ServedDomain } from "../../config/gateway-config.ts";
import type { SaleAttempt } from "../../sales/sales.ts";

const suite = new TerminalSuite();
let terminal: TestTerminal;

const PAY = 0x10;
const PRESENT_CERTIFICATE = 0x18;
/** The allowance's flag of a card that pays only who shows a certificate. */
const NEEDS_CERTIFICATE = 1;

const lanes = ["A", "B"].map((name) => ({ name, reader: `Reader ${name}`, vpcd: null }));
const at = (lane: string): TestReader => terminal.readerOf(`Reader ${lane}`);

async function open(served: Partial<ServedDomain> = {}): Promise<void> {
  terminal = await suite.terminal({ lanes, domains: [await servedDomain(served)] });
}

beforeEach(async () => {
  await open();
});
afterEach(() => {
  suite.removeAll();
});

/** Lets a command through when it is opened. */
function gate() {
  let opened: () => void = () => undefined;
  let came: () => void = () => undefined;
  const open = new Promise<void>((resolve) => (opened = resolve));
  const reached = new Promise<void>((resolve) => (came = resolve));
  return { open: opened, reached, pass: async () => (came(), await open) };
}

/** Holds the first command of one kind at a lane. */
function hold(lane: string, instruction: number) {
  const held = gate();
  at(lane).beforeTransmit = async (command) => {
    if (command[1] === instruction) await held.pass();
  };
  return held;
}

async function put(lane: string, name: string, flags = 0): Promise<TestCard> {
  const card = await terminal.card(name, { flags });
  at(lane).card = card;
  return card;
}

const sales = () => terminal.gateway.sales;
const terms = (id: string, lane: string, amount = PRICE) => ({
  ...{ id, lane, currency: "USDC", decimals: 6, amount, cashier: null, reference: null, metadata: {} },
});
const attempt = (changes: Partial<SaleAttempt> = {}): SaleAttempt => ({
  ...{ pin: null, waitMs: 0, again: false },
  ...changes,
});

async function sell(id: string, lane: string, amount = PRICE) {
  sales().put(terms(id, lane, amount), attempt());
  await sales().settled(lane);
  return sales().view(id);
}

describe("two lanes", () => {
  it("sell at once, each with its own card, into one journal", async () => {
    await put("A", "anna");
    await put("B", "bo");
    const held = hold("A", PAY);
    const first = terminal.tap(PRICE, { lane: "A", saleId: "a" });
    await held.reached;
    expect(await terminal.tap(1n, { lane: "B", saleId: "b" })).toMatchObject({ outcome: "accepted" });
    expect(await codeOfRejection(terminal.tap(1n, { lane: "A" }))).toBe("TAP_IN_PROGRESS");
    expect(await codeOfRejection(terminal.tap(1n, { lane: "C" }))).toBe("LANE_UNKNOWN");
    held.open();
    expect(await first).toMatchObject({ outcome: "accepted" });
    const { taps, vouchers } = terminal.gateway.journal;
    expect([taps.bySale("a")?.lane, taps.bySale("b")?.lane]).toEqual(["A", "B"]);
    const [served] = terminal.config.domains;
    expect(vouchers.unsent(served?.domainBytes ?? new Uint8Array())).toMatchObject({ count: 2, sum: PRICE + 1n });
  });

  it.each([
    ["TERMINAL_UNSENT_SUM", { unsentSum: 2n * PRICE - 1n }],
    ["TERMINAL_UNSENT_COUNT", { unsentCount: 1 }],
  ])("cannot both pass the last unit of a limit: %s", async (code, limits) => {
    for (const [instruction, flags] of [
      [PRESENT_CERTIFICATE, NEEDS_CERTIFICATE],
      [PAY, 0],
    ] as const) {
      await open(limits);
      const cards = [await put("A", "anna", flags), await put("B", "bo", flags)];
      const gates = [hold("A", instruction), hold("B", instruction)] as const;
      const both = [terminal.tap(PRICE, { lane: "A" }), terminal.tap(PRICE, { lane: "B" })];
      // Both have decided where both show their certificate; where PAY is held, one is on its way to its card.
      await (flags === 0 ? Promise.any(gates.map(({ reached }) => reached)) : Promise.all(gates.map((g) => g.reached)));
      for (const each of gates) each.open();
      const codes = (await Promise.all(both)).map((tap) => tap.code);
      expect(codes.toSorted()).toEqual([code, null].toSorted());
      expect(cards.map(({ counter }) => counter).toSorted()).toEqual([0, 1]);
    }
  });

  it("ask one card in turns: its copy waits, and is found to be one", async () => {
    const card = await put("A", "anna");
    at("B").card = await card.copy();
    const held = hold("A", PAY);
    const first = terminal.tap(PRICE, { lane: "A" });
    await held.reached;
    const second = terminal.tap(1n, { lane: "B" });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(at("B").card?.requests).toEqual([]);
    held.open();
    expect(await first).toMatchObject({ outcome: "accepted" });
    expect(await second).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE" });
  });

  it("are at one sale by turns, and one waits while the other sells", async () => {
    await put("B", "bo");
    sales().put(terms("a", "A"), attempt({ waitMs: 60_000 }));
    expect(codeOf(() => sales().attempt("a", attempt({ lane: "B" })))).toBe("TAP_IN_PROGRESS");
    expect(await codeOfRejection(terminal.tap(PRICE, { lane: "B", saleId: "a" }))).toBe("TAP_IN_PROGRESS");
    expect(await sell("b", "B")).toMatchObject({ state: "paid", lane: "B" });
    expect(sales().view("a")).toMatchObject({ state: "waiting", lane: "A" });
    expect(await sales().cancel("a")).toMatchObject({ state: "refused" });
    expect(codeOf(() => sales().put(terms("c", "C"), attempt()))).toBe("LANE_UNKNOWN");
    const all = { from: null, to: null, cashier: null, before: null, limit: 9 };
    const ids = (lane: string) =>
      sales()
        .page({ ...all, lane })
        .map(({ sale }) => sale.id);
    expect([ids("A"), ids("B")]).toEqual([["a"], ["b"]]);
  });
});

describe("a torn card that comes back at another lane", () => {
  it.each(["before", "after"] as const)("completes its sale there, and pays once (torn %s the debit)", async (tear) => {
    const card = await put("A", "anna");
    card.tear = tear;
    expect(await sell("one", "A")).toMatchObject({ state: "unresolved", lane: "A" });
    at("A").card = null;
    at("B").card = card;
    expect(sales().attempt("one", attempt({ lane: "B" }))).toMatchObject({ state: "waiting", lane: "B" });
    await sales().settled();
    expect(sales().view("one")).toMatchObject({ state: "paid", lane: "B" });
    expect([card.counter, card.spent]).toEqual([1, PRICE]);
  });

  it("completes it on its way to the next sale, and who waits for it waits no more", async () => {
    const card = await put("A", "anna");
    card.tear = "after";
    await sell("one", "A");
    at("A").card = null;
    sales().attempt("one", attempt({ waitMs: 60_000 }));
    at("B").card = card;
    expect(await sell("two", "B", 1n)).toMatchObject({ state: "paid", lane: "B" });
    await sales().settled();
    expect(sales().view("one")).toMatchObject({ state: "paid", lane: "B" });
    expect([card.counter, card.spent]).toEqual([2, PRICE + 1n]);
  });

  it("that never paid is closed there, and its sale begins anew where it waits", async () => {
    const card = await put("A", "anna");
    card.tear = "before";
    await sell("one", "A");
    at("A").card = null;
    let come: () => void = () => undefined;
    const onReader = new Promise<void>((resolve) => (come = resolve));
    at("A").waitForCard = async () => (await onReader, await at("A").status());
    sales().attempt("one", attempt({ waitMs: 60_000 }));
    at("B").card = card;
    expect(await sell("two", "B", 1n)).toMatchObject({ state: "paid" });
    await terminal.gateway.engine.rest();
    at("B").card = null;
    at("A").card = card;
    come();
    await sales().settled();
    expect(sales().view("one")).toMatchObject({ state: "paid", lane: "A" });
    expect([card.counter, card.spent]).toEqual([2, PRICE + 1n]);
  });

  it("is told apart from the other lane's after a power cut: both sales are paid once, each by its card", async () => {
    const cards = [await put("A", "anna"), await put("B", "bo")] as const;
    for (const card of cards) card.tear = "after";
    const torn = await Promise.all([
      terminal.tap(PRICE, { lane: "A", saleId: "a" }),
      terminal.tap(1n, { lane: "B", saleId: "b" }),
    ]);
    expect(torn.map(({ code, saleOpen }) => [code, saleOpen])).toEqual([
      ["TAP_TORN", true],
      ["TAP_TORN", true],
    ]);
    terminal.restart();
    at("A").card = cards[1];
    at("B").card = cards[0];
    const swapped = await Promise.all([
      terminal.tap(1n, { lane: "A", saleId: "b" }),
      terminal.tap(PRICE, { lane: "B", saleId: "a" }),
    ]);
    expect(swapped.map(({ outcome, saleId }) => [outcome, saleId])).toEqual([
      ["accepted", "b"],
      ["accepted", "a"],
    ]);
    expect(cards.map(({ counter, spent }) => [counter, spent])).toEqual([
      [1, PRICE],
      [1, 1n],
    ]);
  });

  it("keeps its sale where a second card pays it at the same time: that one gets its money back", async () => {
    const torn = await put("A", "anna");
    torn.tear = "after";
    await sell("one", "A");
    await put("A", "cy");
    await sell("other", "A", 7n);
    at("A").card = null;
    await terminal.gateway.engine.rest();
    const second = await put("A", "bo");
    const held = hold("A", PAY);
    sales().attempt("one", attempt());
    await held.reached;
    at("B").card = torn;
    expect(await sell("two", "B", 1n)).toMatchObject({ state: "paid" });
    held.open();
    await sales().settled();
    expect([torn.counter, second.counter]).toEqual([2, 1]);
    const { journal } = terminal.gateway;
    const paid = journal.taps.bySale("one");
    expect(paid?.cardKey).toEqual(torn.signer.publicKey);
    expect(sales().view("one")).toMatchObject({ state: "paid" });
    const reversed = journal.taps.recent(9).filter(({ id }) => journal.reversals.has(id));
    expect(reversed.map(({ saleId, cardKey }) => [saleId, cardKey])).toEqual([["one", second.signer.publicKey]]);
  });
});

describe("the card of the sale before", () => {
  it("is its lane's own: moved to the next lane it pays, left behind it does not", async () => {
    const card = await put("A", "anna");
    await sell("one", "A");
    await terminal.gateway.engine.rest();
    expect(await sell("two", "A", 1n)).toMatchObject({ state: "refused", code: "CARD_LEFT" });
    at("A").card = null;
    at("B").card = card;
    expect(await sell("three", "B", 2n)).toMatchObject({ state: "paid" });
    await terminal.gateway.engine.rest();
    expect(await sell("four", "B", 3n)).toMatchObject({ state: "refused", code: "CARD_LEFT" });
  });

  it("is asked about at every lane where it pays the same again", async () => {
    const card = await put("A", "anna");
    await sell("one", "A");
    await terminal.gateway.engine.rest();
    at("A").card = null;
    at("B").card = card;
    expect(await sell("two", "B")).toMatchObject({ state: "refused", code: "SALE_REPEATED", lane: "B" });
  });
});

describe("a reader", () => {
  it("that is unplugged stops its own lane; another one takes its place, also after a restart", async () => {
    await put("B", "bo");
    at("A").fault = "READER_UNKNOWN";
    expect(await sell("a", "A")).toMatchObject({ state: "refused", code: "READER_UNKNOWN" });
    expect(await sell("b", "B")).toMatchObject({ state: "paid" });
    terminal.readerOf("Spare").card = await terminal.card("anna");
    const { lanes: readers, journal } = terminal.gateway;
    const lane = readers.of("A");
    if (lane === null) throw new Error("lane A is gone");
    journal.write(() => {
      journal.lanes.give({ name: "A", configured: lane.reader, reader: "Spare" }, terminal.now);
    });
    readers.change(lane, "Spare");
    expect(await sell("c", "A")).toMatchObject({ state: "paid", lane: "A" });
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(terminal.gateway.lanes.all.map(({ reader }) => reader.name)).toEqual(["Spare", "Reader B"]);
  });
});
