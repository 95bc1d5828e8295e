import { afterEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { decodeSelectAnswer } from "@tallystick/protocol";
import type { TestCard } from "../../../test/harness/test-card.ts";
import type { TestTerminal } from "../../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";

const SELECT = 0xa4;
const PAY = 0x10;
const lanes = ["A", "B"].map((name) => ({ name, reader: `Reader ${name}`, vpcd: null }));

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** One tap at a lane, and the forms in which the card was asked until it was answered. */
async function tapOf(terminal: TestTerminal, card: TestCard, lane = "A") {
  terminal.readerOf(`Reader ${lane}`).card = card;
  card.receivedShort.length = 0;
  const { outcome, apdus } = await terminal.tap(1n, { lane });
  const seen = { outcome, apdus, short: [...card.receivedShort] };
  await terminal.gateway.engine.rest();
  return seen;
}

/** A terminal of two lanes that has met a card at lane A. */
async function metCard() {
  const terminal = await suite.terminal({ lanes });
  const card = await terminal.card();
  card.shortForms = true;
  await tapOf(terminal, card);
  return { terminal, card };
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Works on the journal of a terminal that is stopped, and starts it again. */
function stopped<T>(terminal: TestTerminal, work: (file: Database.Database) => T): T {
  terminal.gateway.journal.close();
  const file = new Database(terminal.config.journalPath);
  try {
    return work(file);
  } finally {
    file.close();
    terminal.restart();
  }
}

/** What a terminal remembers. */
const rowsOf = (terminal: TestTerminal): Rows =>
  stopped(terminal, (file) => file.prepare("SELECT * FROM known_card").all() as Rows);

/** Puts these rows in place of what a terminal remembers. */
function put(terminal: TestTerminal, rows: Rows): void {
  stopped(terminal, (file) => {
    file.exec("DELETE FROM known_card");
    for (const row of rows) {
      const names = Object.keys(row);
      const sql = `INSERT INTO known_card (${names.join(", ")}) VALUES (${names.map((name) => `@${name}`).join(", ")})`;
      file.prepare(sql).run(row);
    }
  });
}

const seqOf = ({ gateway }: TestTerminal, card: TestCard) =>
  gateway.journal.knownCards.of(decodeSelectAnswer(card.shown()).cardTag)?.allowanceBody.seq;

const inShort = { outcome: "accepted", apdus: 2, short: [SELECT, PAY] };

describe("a memory that was put back from an older copy", () => {
  it("costs a command where the allowance has become newer since, and follows it again", async () => {
    const { terminal, card } = await metCard();
    const old = rowsOf(terminal);
    await card.allow({ ...card.body, seq: card.body.seq + 1 });
    await tapOf(terminal, card);
    expect(seqOf(terminal, card)).toBe(card.body.seq);
    put(terminal, old);
    expect(seqOf(terminal, card)).toBe(card.body.seq - 1);
    expect(await tapOf(terminal, card)).toEqual({ ...inShort, apdus: 3 });
    expect(seqOf(terminal, card)).toBe(card.body.seq);
    expect(await tapOf(terminal, card)).toEqual(inShort);
  });

  it("says nothing of what was paid since: the journal does", async () => {
    const { terminal, card } = await metCard();
    const old = rowsOf(terminal);
    const twin = await card.copy();
    twin.shortForms = true;
    await tapOf(terminal, card);
    put(terminal, old);
    expect(await tapOf(terminal, twin)).toMatchObject({ outcome: "refused", short: [SELECT, PAY] });
    expect(terminal.gateway.journal.taps.recent(1)).toMatchObject([{ code: "COUNTER_USED_TWICE" }]);
  });
});

describe("a memory that was carried to another terminal", () => {
  it("serves there, by that terminal's own judgement", async () => {
    const { terminal, card } = await metCard();
    const other = await suite.terminal({ lanes });
    put(other, rowsOf(terminal));
    expect(await tapOf(other, card)).toEqual(inShort);
    expect(await tapOf(terminal, card)).toEqual(inShort);
    await other.offerList({ seq: 2, statuses: [2, 2, 2, 2] });
    expect(await tapOf(other, card)).toMatchObject({ outcome: "refused", apdus: 1, short: [SELECT] });
  });
});

describe("two lanes with one memory", () => {
  it("ask a card that the other has met in the short form, both at once", async () => {
    const { terminal, card } = await metCard();
    const second = await terminal.card("bo");
    second.shortForms = true;
    await tapOf(terminal, second, "B");
    const swapped = await Promise.all([tapOf(terminal, card, "B"), tapOf(terminal, second, "A")]);
    expect(swapped).toEqual([inShort, inShort]);
  });

  it("count by themselves the cards that the short form did not serve", async () => {
    const { terminal, card } = await metCard();
    for (const name of ["one", "two"])
      expect(await tapOf(terminal, await terminal.card(name))).toMatchObject({ apdus: 3 });
    expect(await tapOf(terminal, card, "B")).toEqual(inShort);
    expect(await tapOf(terminal, card, "A")).toEqual({ outcome: "accepted", apdus: 2, short: [] });
    expect(await tapOf(terminal, card, "A")).toEqual(inShort);
  });
});
