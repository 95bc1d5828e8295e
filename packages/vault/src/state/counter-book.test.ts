import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CounterBook } from "../index.ts";

/** A life of a card's counters: young ones, ends of windows and words, jumps. */
const counters = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 300 }), fc.integer({ min: 1, max: 2_000 })),
  { maxLength: 60 },
);

describe("CounterBook", () => {
  it("agrees with a set whatever the order", () => {
    fc.assert(
      fc.property(counters, (marked) => {
        const book = new CounterBook();
        const used = new Set<number>();
        for (const counter of marked) {
          expect(book.isUsed(counter)).toBe(used.has(counter));
          if (used.has(counter)) continue;
          book.mark(counter);
          used.add(counter);
        }
        const all = Array.from({ length: 2_200 }, (_, counter) => counter);
        expect(all.filter((counter) => book.isUsed(counter))).toEqual([...used].sort((a, b) => a - b));
        expect(CounterBook.restore(JSON.parse(JSON.stringify(book.save())))).toEqual(book);
      }),
    );
  });

  it.each([
    ["in the window", 120, 0],
    ["one past the window: counter 1 leaves it unpaid", 121, 1],
    ["as far as two words reach", 120 + 511, 2],
    ["one further", 120 + 512, 3],
    ["the largest, counted no further than needed", 2 ** 32 - 1, 3],
  ])("counts gap words: %s", (_name, counter, words) => {
    expect(new CounterBook().gapWords(counter)).toBe(words);
  });

  it("lies behind the contract's base by the used counters that it raises base over only when it must", () => {
    const book = new CounterBook();
    for (let counter = 1; counter <= 20; counter += 1) book.mark(counter);
    expect(book.lowestBase()).toBe(0);
    book.mark(30);
    // 30 is more than twenty above every base below 10.
    expect(book.lowestBase()).toBe(10);
    book.mark(41);
    expect(book.lowestBase()).toBe(20);
  });

  it("knows which gap words stand, and the way to a counter", () => {
    const book = new CounterBook();
    expect(book.pathTo(631)).toEqual({ steps: 2, words: [0, 1] });
    book.mark(631);
    expect([0, 1, 2].map((word) => book.hasGapWord(word))).toEqual([true, true, false]);
    for (let counter = 512; counter < 631; counter += 1) book.mark(counter);
    expect(book.pathTo(751)).toEqual({ steps: 0, words: [] });
  });

  it("needs no gap word where all that leaves the window is used", () => {
    const book = new CounterBook();
    for (let counter = 1; counter <= 300; counter += 1) {
      expect(book.gapWords(counter)).toBe(0);
      book.mark(counter);
    }
    expect(book.save()).toEqual({ base: 300, window: "0x0", gaps: [] });
  });

  it("pays a late counter out of its gap word, once", () => {
    const book = new CounterBook();
    book.mark(130);
    expect(book.save().gaps).toEqual([[0, `0x${((1n << 11n) - 2n).toString(16)}`]]);
    expect(book.isBehind(7)).toBe(true);
    expect(book.isUsed(7)).toBe(false);
    book.mark(7);
    expect(book.isUsed(7)).toBe(true);
  });
});

describe("what a counter book keeps", () => {
  it("is nothing in a gap word where all its counters are paid", () => {
    const book = new CounterBook();
    book.mark(130);
    // The window left 1 to 10 behind, all unpaid.
    expect(book.save()).toMatchObject({ base: 10, gaps: [[0, "0x7fe"]] });
    for (let counter = 1; counter <= 10; counter += 1) {
      expect(book.isUsed(counter)).toBe(false);
      book.mark(counter);
    }
    expect(book.save().gaps).toEqual([]);
    expect(book.hasGapWord(0)).toBe(false);
  });

  it("ends the window at 120 counters above base", () => {
    const book = new CounterBook();
    book.mark(120);
    expect([book.isUsed(120), book.isUsed(121), book.gapWords(120), book.gapWords(121)]).toEqual([true, false, 0, 1]);
    expect(book.save().base).toBe(0);
    book.mark(121);
    expect(book.save().base).toBe(1);
    expect([book.isUsed(1), book.isUsed(120), book.isUsed(121), book.isUsed(122)]).toEqual([false, true, true, false]);
  });

  it("is a book of its own in a copy", () => {
    const book = new CounterBook();
    book.mark(300);
    const copy = book.copy();
    copy.mark(5);
    expect([book.isUsed(5), copy.isUsed(5), copy.isUsed(300)]).toEqual([false, true, true]);
    expect(CounterBook.restore(book.save()).save()).toEqual(book.save());
  });

  it("writes no gap word on the way where all that is passed is used", () => {
    const book = new CounterBook();
    for (let counter = 1; counter <= 256; counter += 1) book.mark(counter);
    book.slide(300);
    expect(book.pathTo(420).words).toEqual([]);
    expect(book.hasGapWord(0)).toBe(false);
    expect(book.hasGapWord(1)).toBe(true);
  });
});
