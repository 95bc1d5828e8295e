import { describe, expect, it } from "@jest/globals";
import { ManualTimer } from "../testing/manual-timer.ts";
import { within } from "./within.ts";

describe("waiting for work", () => {
  it("answers what it came to, and plans nothing afterwards", async () => {
    const timer = new ManualTimer();
    expect(await within(1_000, Promise.resolve(7), timer)).toEqual({ value: 7 });
    expect(timer.waits).toEqual([]);
  });

  it("is over when the time is, and what fails later is nobody's concern", async () => {
    const timer = new ManualTimer();
    let fail = (_error: Error): void => undefined;
    const work = new Promise<number>((_, reject) => {
      fail = reject;
    });
    const waiting = within(1_000, work, timer);
    await timer.pass(999);
    expect(timer.waits).toEqual([1]);
    await timer.pass(1);
    expect(await waiting).toBeNull();
    fail(new Error("late"));
    await timer.pass(0);
  });

  it("throws what the work throws in time", async () => {
    const away = Object.assign(new Error("away"), { code: "AWAY" });
    await expect(within(1_000, Promise.reject(away), new ManualTimer())).rejects.toMatchObject({ code: "AWAY" });
  });
});
