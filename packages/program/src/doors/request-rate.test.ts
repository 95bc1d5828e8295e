import { describe, expect, it } from "@jest/globals";
import { MAX_WATCHED_ADDRESSES, REQUEST_WINDOW_MS } from "../limits.ts";
import { RequestRate } from "./request-rate.ts";

function counted(most: number) {
  const clock = { now: 5_000 };
  return { clock, rate: new RequestRate({ most, now: () => clock.now }) };
}

describe("the requests of one address", () => {
  it("are heard up to their number, and again when the minute has ended", () => {
    const { clock, rate } = counted(2);
    expect([rate.waitSeconds("a"), rate.waitSeconds("a")]).toEqual([0, 0]);
    expect(rate.waitSeconds("a")).toBe(REQUEST_WINDOW_MS / 1_000);
    expect(rate.waitSeconds("b")).toBe(0);
    clock.now += REQUEST_WINDOW_MS - 1;
    expect(rate.waitSeconds("a")).toBe(1);
    clock.now += 1;
    expect([rate.waitSeconds("a"), rate.waitSeconds("a"), rate.waitSeconds("a") > 0]).toEqual([0, 0, true]);
  });

  it("are counted together beyond the addresses that are counted apart", () => {
    const { rate } = counted(1);
    for (let count = 0; count < MAX_WATCHED_ADDRESSES; count += 1) expect(rate.waitSeconds(`a${count}`)).toBe(0);
    expect([rate.waitSeconds("b"), rate.waitSeconds("c") > 0]).toEqual([0, true]);
  });
});
