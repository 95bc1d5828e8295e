import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { FOLLOW_PAUSE_MS } from "@tallystick/gateway-client";
import { isAwaited, type Screen } from "../../page/src/machine/model.ts";
import { SaleWire } from "../../src/http/sales/sale-wire.ts";
import { Counter } from "../harness/page/counter.ts";
import { FakeTime } from "@tallystick/gateway-client/testing";
import { memoryStorage, PageWindow } from "../harness/page/page-window.ts";
import { TerminalLine } from "../harness/page/terminal-line.ts";
import { createTestApp, type TestApp } from "../harness/test-app.ts";
import type { TestCard } from "../harness/test-card.ts";
import { TestTerminal } from "../harness/test-terminal.ts";

/** Sales of the run in CI; `pnpm soak page` plays more of them in a browser. */
const SALES = Number(process.env["TALLYSTICK_SALES"] ?? "50");
const SEED = Number(process.env["TALLYSTICK_SEED"] ?? "1");

/** Refusals that ask somebody something. */
const QUESTIONS: Readonly<Record<string, Screen>> = {
  SALE_REPEATED: "repeated",
  CARD_PIN_NEEDED: "pin",
  CARD_WRONG_PIN: "pin",
};

/** Numbers by chance that a seed repeats: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A merchant's counter: one terminal, windows of one browser, cards, and whatever goes wrong between them. */
class Play {
  readonly time = new FakeTime();
  readonly random: () => number;
  readonly terminal: TestTerminal;
  readonly server: TestApp;
  readonly line: TerminalLine;
  readonly counter: Counter;
  readonly storage = memoryStorage();
  readonly cards: TestCard[];
  windows: PageWindow[] = [];
  /** Sales that somebody asked for on a page, by their ids. */
  readonly log: string[] = [];
  private made = 0;

  private constructor(terminal: TestTerminal, server: TestApp, cards: TestCard[], seed: number) {
    this.random = randomOf(seed);
    this.terminal = terminal;
    this.server = server;
    this.cards = cards;
    this.counter = new Counter(terminal);
    const { sales } = terminal.gateway;
    const wire = server.app.get(SaleWire);
    this.line = new TerminalLine(server.app, { sales: () => sales, wire: () => wire });
  }

  static async make(seed: number): Promise<Play> {
    const terminal = await TestTerminal.make();
    const server = await createTestApp(terminal.gateway);
    const limits = { maxSpent: 100_000_000_000n, maxCounter: 100_000, noPinSum: 100_000_000_000n };
    const cards = await Promise.all(["anna", "bo"].map((name) => terminal.card(name, limits)));
    return new Play(terminal, server, cards, seed);
  }

  async end(): Promise<void> {
    for (const window of this.windows) window.kill();
    this.windows = [];
    await this.terminal.gateway.sales.rest();
    await this.terminal.gateway.engine.rest();
    await this.server.close();
    this.terminal.remove();
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.random() * from.length)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }

  async open(): Promise<PageWindow> {
    const randomBytes = (length: number): Uint8Array => {
      this.made += 1;
      return Uint8Array.from({ length }, (_, index) => (index < 4 ? (this.made >>> (8 * index)) & 0xff : 0x5a));
    };
    const window = await PageWindow.open({
      ...{ fetch: this.line.fetch, time: this.time, storage: this.storage, randomBytes },
    });
    this.windows.push(window);
    await this.turns();
    return window;
  }

  /** Lets everything run that needs no time. */
  async turns(): Promise<void> {
    for (let turn = 0; turn < 12 || this.line.isBusy; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Every window is told the truth: the line is whole, nobody waits for a card, and all that was on its way has come. */
  async settle(): Promise<void> {
    const { line, terminal } = this;
    Object.assign(line, { isCut: false, isHalfOpen: false });
    line.faults.length = 0;
    for (let round = 0; round < MOST_ROUNDS && (round < 3 || !this.isTrue()); round += 1) {
      line.beat();
      await this.turns();
      this.time.pass(FOLLOW_PAUSE_MS);
      await this.turns();
      // The wait for a card is over.
      await terminal.gateway.sales.rest();
      await terminal.gateway.engine.rest();
      await this.turns();
    }
  }

  /** The screen that the journal has for a sale. */
  truth(id: string): Screen | "unknown" {
    const { journal, sales } = this.terminal.gateway;
    if (journal.sales.byId(id) === null) return "unknown";
    const { state, code } = sales.view(id);
    // The page has a screen of its own for a question that a refusal asks.
    return state === "refused" ? (QUESTIONS[code ?? ""] ?? state) : state;
  }

  /** Whatever happens, no window says paid where the journal does not. */
  assertNeverPaidInVain(): void {
    for (const { shown } of this.windows)
      if (shown.screen === "paid") expect(["paid", "reversed"]).toContain(this.truth(shown.sale));
  }

  private isTrue(): boolean {
    return this.windows.every(({ shown: { screen, sale, line } }) => {
      if (line !== "up") return false;
      return screen === "amount" || screen === this.truth(sale);
    });
  }

  /** Whoever opens the page then finds the sale that was asked for last, as the journal has it. */
  async assertFoundAgain(): Promise<void> {
    const { id = "" } = JSON.parse(this.storage.getItem("tallystick.sale.") ?? "{}") as { readonly id?: string };
    const window = await this.open();
    await this.settle();
    const known = this.truth(id);
    if (known !== "unknown") expect(window.shown).toMatchObject({ sale: id, screen: known });
    window.kill();
    this.windows = this.windows.filter((each) => each !== window);
  }

  /** What each window said last equals the journal. */
  assertTruth(): void {
    for (const { shown } of this.windows) {
      if (shown.screen === "amount") continue;
      expect({ ...shown, line: "up" }).toEqual({ ...shown, line: "up", screen: this.truth(shown.sale) });
      expect(isAwaited(shown.screen as Screen)).toBe(false);
    }
  }
}

/** More than what is on its way ever takes, also where the machine does much else: only a lie lasts so long. */
const MOST_ROUNDS = 300;

const INTERRUPTIONS = [
  "none",
  "reload",
  "kill",
  "second",
  "escape",
  "lose",
  "half-open",
  "cut",
  "tear",
  "time",
] as const;

/** One thing that goes wrong, or nothing. */
async function interrupt(play: Play, window: PageWindow): Promise<void> {
  const { line, time } = play;
  switch (play.pick(INTERRUPTIONS)) {
    case "none":
      return;
    case "reload":
    case "kill":
      window.kill();
      play.windows = play.windows.filter((each) => each !== window);
      if (play.windows.length === 0) await play.open();
      return;
    case "second":
      if (play.windows.length < 3) await play.open();
      return;
    case "escape":
      play.pick(play.windows).key("Escape");
      return;
    case "lose":
      line.faults.push(play.pick(["lose-request", "lose-answer"] as const));
      return;
    case "half-open":
      line.hang();
      return;
    case "cut":
      line.cut();
      return;
    case "tear":
      play.pick(play.cards).tear = play.pick(["before", "after"] as const);
      return;
    case "time":
      time.pass(play.pick([200, 1_000, 6_000]));
      return;
  }
}

/** How somebody asks for the money. */
function ask(play: Play, window: PageWindow): void {
  switch (play.pick(["click", "double", "enter", "enter twice"] as const)) {
    case "click":
      window.click(".take");
      return;
    case "double":
      window.doubleClick(".take", ".sale-actions button");
      return;
    case "enter":
      window.find("#amount")?.focus();
      window.key("Enter");
      return;
    case "enter twice":
      window.find("#amount")?.focus();
      window.key("Enter");
      window.key("Enter");
      return;
  }
}

/** One sale, with things that go wrong before, between and after its steps. */
async function sell(play: Play, sale: number): Promise<void> {
  const { counter, terminal } = play;
  terminal.now += play.pick([5, 200]);
  play.time.pass(1_000);
  if (play.windows.length === 0) await play.open();
  const window = play.pick(play.windows);
  if (window.shown.screen !== "amount") {
    window.click('.sale-actions [data-do="fresh"]', 0);
    await play.turns();
  }
  if (play.chance(0.8)) counter.put(null);
  window.type(play.pick(["2.50", "1", `${sale % 40}.05`]));
  const steps: (() => void)[] = [
    () => {
      ask(play, window);
    },
    () => {
      counter.put(play.pick(play.cards));
    },
    () => {
      if (play.chance(0.5)) counter.put(null);
    },
    () => {
      // Whatever is asked then, somebody answers it: once more, with the word for it, or not.
      const here = play.windows.at(-1);
      here?.click(here.find('.sale-actions [data-do="again"]'), play.pick([0, 1]));
    },
  ];
  for (const step of steps) {
    if (play.chance(0.35)) await interrupt(play, play.pick(play.windows));
    step();
    for (let turn = Math.floor(play.random() * 4); turn > 0; turn -= 1)
      await new Promise((resolve) => setImmediate(resolve));
    play.assertNeverPaidInVain();
    if (play.chance(0.35)) await interrupt(play, play.pick(play.windows));
    if (play.chance(0.5)) await play.turns();
    play.assertNeverPaidInVain();
  }
}

describe("sales on the page", () => {
  let play: Play;

  beforeEach(async () => {
    play = await Play.make(SEED);
  });
  afterEach(async () => {
    await play.end();
  });

  it(`say what the journal says, whatever happens to the page: ${SALES} sales`, async () => {
    await play.open();
    for (let sale = 1; sale <= SALES; sale += 1) {
      await sell(play, sale);
      await play.settle();
      play.assertTruth();
      play.assertNeverPaidInVain();
      if (sale % 5 === 0) await play.assertFoundAgain();
    }
    const { journal } = play.terminal.gateway;
    const all = journal.sales.page({ from: null, to: null, cashier: null, before: null, limit: 10_000 });
    const paid = all.filter(({ id }) => play.truth(id) === "paid");
    // Each card paid what the journal has, and nothing beside: no sale was charged twice.
    const counted = play.cards.reduce((sum, { counter }) => sum + counter, 0);
    expect(counted).toBeGreaterThanOrEqual(paid.length);
    expect(journal.vouchers.unsent(play.terminal.config.domains[0]!.domainBytes).count).toBe(paid.length);
    // Each asking is one sale at most, however often it was pressed, lost or loaded again.
    expect(all.length).toBeLessThanOrEqual(SALES);
    const asked = new Set(play.line.asked.filter((call) => call.startsWith("PUT")));
    for (const { id } of all) expect(asked).toContain(`PUT /v1/sales/${id}`);
    expect(paid.length).toBeGreaterThan(SALES / 4);
  });
});
