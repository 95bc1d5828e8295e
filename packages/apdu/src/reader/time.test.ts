import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { createTimeLimit, nowMs, pause, withTimeLimit } from "./time.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const never = () => new Promise<never>(() => undefined);
const settledOf = (promise: Promise<unknown>) => {
  const seen: unknown[] = [];
  promise.then(
    (value) => seen.push(value),
    (error: unknown) => seen.push(error),
  );
  return seen;
};

describe("a pause", () => {
  it("lasts as long as asked", async () => {
    const seen = settledOf(pause(20));
    await jest.advanceTimersByTimeAsync(19);
    expect(seen).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([undefined]);
  });

  it("ends with the signal's reason, before or while it lasts, and leaves no timer", async () => {
    const reason = new Error("given up");
    const giveUp = new AbortController();
    const seen = settledOf(pause(20, giveUp.signal));
    giveUp.abort(reason);
    await jest.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([reason]);
    expect(jest.getTimerCount()).toBe(0);
    await expect(pause(20, giveUp.signal)).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("lets go of a signal that was not needed", async () => {
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, "removeEventListener");
    const pausing = pause(20, signal);
    await jest.advanceTimersByTimeAsync(20);
    await pausing;
    expect(removed).toHaveBeenCalledWith("abort", expect.any(Function));
  });
});

describe("a time limit", () => {
  const mute = expect.objectContaining({ code: "CARD_MUTE", reader: "front", detail: "no answer in 100 ms" });

  it("hands on what comes in time, and what fails in time", async () => {
    const limited = createTimeLimit({ timeoutMs: 100, reader: "front" });
    expect(await limited(Promise.resolve("answer"))).toBe("answer");
    const gone = new Error("gone");
    await expect(limited(Promise.reject(gone))).rejects.toBe(gone);
  });

  it("gives work up at the limit, not before, and says so first", async () => {
    const order: string[] = [];
    const limited = createTimeLimit({ timeoutMs: 100, reader: "front" });
    const seen = settledOf(
      limited(never(), () => order.push("reported")).catch((error: unknown) => {
        order.push("rejected");
        throw error;
      }),
    );
    await jest.advanceTimersByTimeAsync(99);
    expect(seen).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([mute]);
    expect(order).toEqual(["reported", "rejected"]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual(["reported", "rejected"]);
  });

  it("counts from the start of each call, though its timer was set for an earlier one", async () => {
    const limited = createTimeLimit({ timeoutMs: 100, reader: "front" });
    await limited(Promise.resolve());
    await jest.advanceTimersByTimeAsync(60);
    const startMs = nowMs();
    const seen = settledOf(limited(never()));
    await jest.advanceTimersByTimeAsync(99);
    expect(seen).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([mute]);
    expect(nowMs() - startMs).toBe(100);
  });

  it("has one timer however many calls there were, and none once they are long over", async () => {
    const limited = createTimeLimit({ timeoutMs: 100, reader: "front" });
    for (let i = 0; i < 5; i++) await limited(Promise.resolve(i));
    const gone = new Error("gone");
    await expect(limited(Promise.reject(gone))).rejects.toBe(gone);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(100);
    expect(jest.getTimerCount()).toBe(0);
    const seen = settledOf(limited(never()));
    await jest.advanceTimersByTimeAsync(100);
    expect(seen).toEqual([mute]);
  });

  it("is not ended by an earlier call that comes back late", async () => {
    const limited = createTimeLimit({ timeoutMs: 100, reader: "front" });
    let answerLate: () => void = () => undefined;
    let failLate: (error: Error) => void = () => undefined;
    const first = settledOf(limited(new Promise<void>((resolve) => (answerLate = resolve))));
    await jest.advanceTimersByTimeAsync(100);
    const second = settledOf(limited(new Promise<void>((_resolve, reject) => (failLate = reject))));
    answerLate();
    await jest.advanceTimersByTimeAsync(100);
    const third = settledOf(limited(never()));
    failLate(new Error("late"));
    await jest.advanceTimersByTimeAsync(100);
    expect([first, second, third]).toEqual([[mute], [mute], [mute]]);
  });

  it("can be had for one call", async () => {
    const seen = settledOf(withTimeLimit(never(), { timeoutMs: 100, reader: "front" }));
    await jest.advanceTimersByTimeAsync(100);
    expect(seen).toEqual([mute]);
    expect(await withTimeLimit(Promise.resolve(7), { timeoutMs: 100, reader: "front" })).toBe(7);
  });
});
