import { describe, expect, it } from "@jest/globals";
import { createTurns } from "./turns.ts";

const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

describe("turns", () => {
  it("starts work at once when nothing is under way", async () => {
    const inTurn = createTurns();
    let started = 0;
    const first = inTurn(async () => ++started);
    expect(started).toBe(1);
    await first;
    const second = inTurn(async () => ++started);
    expect(started).toBe(2);
    expect(await second).toBe(2);
  });

  it("keeps the order of what is given while something is under way, and hands on each result", async () => {
    const inTurn = createTurns();
    const { open, opened } = gate();
    const log: string[] = [];
    const work = (name: string, waits: Promise<void>) => async () => {
      log.push(`${name} starts`);
      await waits;
      log.push(`${name} ends`);
      return name;
    };
    const results = [
      inTurn(work("a", opened)),
      inTurn(work("b", Promise.resolve())),
      inTurn(work("c", Promise.resolve())),
    ];
    await Promise.resolve();
    expect(log).toEqual(["a starts"]);
    open();
    expect(await Promise.all(results)).toEqual(["a", "b", "c"]);
    expect(log).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  });

  it("goes on after a failure, which only its own caller sees", async () => {
    const inTurn = createTurns();
    const results = await Promise.allSettled([
      inTurn(() => Promise.reject(new Error("first"))),
      inTurn(async () => "second"),
    ]);
    expect(results).toEqual([
      { status: "rejected", reason: new Error("first") },
      { status: "fulfilled", value: "second" },
    ]);
    let started = false;
    const third = inTurn(async () => void (started = true));
    expect(started).toBe(true);
    await third;
  });
});
