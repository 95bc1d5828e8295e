import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import type { Journal } from "../journal.ts";
import type { ChainEventStore } from "./chain-event-store.ts";

const suite = new TerminalSuite();
const [one, other] = [new Uint8Array(28).fill(1), new Uint8Array(28).fill(2)];
const [anna, bert] = [new Uint8Array(20).fill(3), new Uint8Array(20).fill(4)];

let journal: Journal;
let events: ChainEventStore;

beforeEach(async () => {
  journal = (await suite.terminal()).gateway.journal;
  events = journal.chainEvents;
});

afterEach(() => {
  suite.removeAll();
});

describe("how far a chain was read", () => {
  it("is nothing at first, and then what was said last, of each domain", () => {
    expect(events.cursor(one)).toBeNull();
    events.moveCursor(one, { block: 5n, hash: "0xaa", asOf: 100 });
    events.moveCursor(other, { block: 1n, hash: "0xbb", asOf: 50 });
    events.moveCursor(one, { block: 6n, hash: "0xcc", asOf: 101 });
    expect(events.cursor(one)).toEqual({ block: 6n, hash: "0xcc", asOf: 101 });
    expect(events.cursor(other)).toEqual({ block: 1n, hash: "0xbb", asOf: 50 });
  });

  it("keeps its time where all that was read is forgotten, of one domain alone", () => {
    for (const domain of [one, other]) {
      events.moveCursor(domain, { block: 5n, hash: "0xaa", asOf: 100 });
      events.withdrawal(domain, anna, { units: 7n, readyAt: 9 });
      events.released(domain, anna, 3n);
      events.voidRequested(domain, { card: anna, counter: 1, readyAt: 9 });
      events.voided(domain, bert, 2);
    }
    events.forget(one);
    expect(events.cursor(one)).toEqual({ block: null, hash: null, asOf: 100 });
    expect([events.withdrawals(one), events.voids(one), events.allVoided(one)]).toEqual([[], [], []]);
    expect(events.releasedUnits(one, anna)).toBe(0n);
    expect(events.cursor(other)).toEqual({ block: 5n, hash: "0xaa", asOf: 100 });
    expect(events.withdrawals(other)).toEqual([{ card: anna, units: 7n, readyAt: 9 }]);
    expect(events.releasedUnits(other, anna)).toBe(3n);
    expect(events.voids(other)).toEqual([{ card: anna, counter: 1 }]);
    expect(events.allVoided(other)).toEqual([{ card: bert, counter: 2 }]);
  });
});

describe("what owners want back", () => {
  it("is one withdrawal a card, the newest, until it ends", () => {
    events.withdrawal(one, anna, { units: 7n, readyAt: 9 });
    events.withdrawal(one, anna, { units: 8n, readyAt: 10 });
    events.withdrawal(one, bert, { units: 1n, readyAt: 11 });
    events.withdrawal(other, anna, { units: 2n, readyAt: 12 });
    expect(events.withdrawals(one)).toEqual([
      { card: anna, units: 8n, readyAt: 10 },
      { card: bert, units: 1n, readyAt: 11 },
    ]);
    events.withdrawal(one, anna, null);
    expect(events.withdrawals(one)).toEqual([{ card: bert, units: 1n, readyAt: 11 }]);
    expect(events.withdrawals(other)).toHaveLength(1);
  });

  it("adds up what was released, of each card and domain", () => {
    expect(events.releasedUnits(one, anna)).toBe(0n);
    events.released(one, anna, 3n);
    events.released(one, anna, 4n);
    events.released(one, bert, 1n);
    events.released(other, anna, 9n);
    expect([events.releasedUnits(one, anna), events.releasedUnits(one, bert)]).toEqual([7n, 1n]);
    expect([events.releasedUnits(other, anna), events.releasedUnits(other, bert)]).toEqual([9n, 0n]);
  });

  it("is a void until that is done, and voided once for good", () => {
    for (const counter of [5, 6]) events.voidRequested(one, { card: anna, counter, readyAt: 9 });
    events.voidRequested(one, { card: anna, counter: 5, readyAt: 10 });
    events.voidRequested(one, { card: bert, counter: 5, readyAt: 10 });
    events.voided(one, anna, 5);
    events.voided(one, anna, 5);
    events.voided(one, anna, 2);
    expect(events.voids(one)).toEqual([
      { card: anna, counter: 6 },
      { card: bert, counter: 5 },
    ]);
    expect(events.voidedCounters(one, anna)).toEqual([2, 5]);
    expect([events.voidedCounters(one, bert), events.voidedCounters(other, anna)]).toEqual([[], []]);
    expect(events.allVoided(one)).toHaveLength(2);
  });
});

describe("what vouchers of a card may come to", () => {
  it("is replaced as a whole, of one domain", () => {
    const covers = [
      { card: anna, bound: -5n, flagged: true, until: 100 },
      { card: bert, bound: 7n, flagged: false, until: 200 },
    ];
    events.keepCovers(one, covers);
    events.keepCovers(other, covers.slice(0, 1));
    expect(events.covers(one)).toEqual(covers);
    events.keepCovers(one, covers.slice(1));
    expect([events.covers(one), events.covers(other)]).toEqual([covers.slice(1), covers.slice(0, 1)]);
    events.keepCovers(one, []);
    expect(events.covers(one)).toEqual([]);
  });
});
