import { describe, expect, it } from "@jest/globals";
import type { OrderEvent } from "../../order/order-events.ts";
import { createLiveLine } from "./live-line.ts";
import { OrderProgress } from "./order-progress.ts";

const SECOND = 1_000;
const event = (name: string, reference: string) => ({ event: name, reference }) as unknown as OrderEvent;

describe("how far an order is", () => {
  it("counts a card once, whatever becomes of it", () => {
    const progress = new OrderProgress(6);
    const happens = (name: string, reference: string) => progress.take(event(name, reference), 0);
    for (const [name, reference] of [
      ...[["known", "a"] as const, ["put", "b"] as const, ["made", "b"] as const, ["done", "b"] as const],
      ...[["put", "c"] as const, ["set-aside", "c"] as const, ["put", "c"] as const, ["made", "c"] as const],
      ...[["elsewhere", "d"] as const, ["put", "e"] as const, ["set-aside", "e"] as const, ["await", ""] as const],
    ])
      happens(name, reference);
    expect(progress.counts).toEqual({ finished: 2, waiting: 1, setAside: 1, elsewhere: 1, total: 6 });
  });

  it("says rate and time left by the clock that it is given", () => {
    const progress = new OrderProgress(10);
    expect([progress.rate(0), progress.text(0)]).toEqual([null, "0 of 10 done"]);
    progress.take(event("put", "a"), 0);
    expect(progress.rate(5 * SECOND)).toBeNull();
    progress.take(event("made", "a"), 20 * SECOND);
    expect(progress.rate(20 * SECOND)).toEqual({ anHour: 180, secondsLeft: 180 });
    progress.take(event("done", "a"), 25 * SECOND);
    progress.take(event("made", "b"), 60 * SECOND);
    progress.take(event("set-aside", "c"), 60 * SECOND);
    expect(progress.text(60 * SECOND)).toBe(
      "1 of 10 done, 1 waiting for the chain, 1 set aside, 120 cards an hour, 4 min left",
    );
  });

  it("goes by the cards that were made last", () => {
    const progress = new OrderProgress(1_000);
    progress.take(event("put", "0"), 0);
    for (let card = 1; card <= 100; card++) progress.take(event("made", String(card)), card * 60 * SECOND);
    const slow = progress.rate(100 * 60 * SECOND)?.anHour;
    for (let card = 101; card <= 200; card++)
      progress.take(event("made", String(card)), (6_000 + (card - 100) * 10) * SECOND);
    expect([slow, progress.rate(7_000 * SECOND)?.anHour]).toEqual([60, 360]);
  });
});

describe("the live line", () => {
  it("is written over, cut to the terminal, and drawn again below each line", () => {
    const written: string[] = [];
    const terminal = { write: (text: string) => void written.push(text), columns: () => 6 };
    const live = createLiveLine(terminal, (line) => void written.push(`${line}\n`));
    live.writeLine("first");
    live.show("12 of 500 done");
    live.writeLine("second");
    live.end();
    const clear = "\r\u001b[2K";
    expect(written).toEqual([...[clear, "first\n", `${clear}12 of`, clear, "second\n", `${clear}12 of`, clear]]);
  });

  it("is none without a terminal", () => {
    const written: string[] = [];
    const live = createLiveLine(null, (line) => void written.push(line));
    live.show("12 of 500 done");
    live.writeLine("first");
    live.end();
    expect(written).toEqual(["first"]);
  });
});
