import { describe, expect, it } from "@jest/globals";
import { ManualTimer, settled } from "@tallystick/program/testing";
import { SharedRead } from "./shared-read.ts";

/** A reading that ends when the test says so. */
function reading() {
  const timer = new ManualTimer();
  const ends: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const shared = new SharedRead<number>({
    read: () =>
      new Promise<number>((resolve, reject) => {
        ends.push({ resolve, reject });
      }),
    rest: 3,
    timer,
    elapsed: () => timer.now,
  });
  return { timer, ends, shared };
}

const NEVER_OLD = { freshMs: 0, withinMs: 1_000 };

describe("a reading that many share", () => {
  it("is made once for ten that ask at once", async () => {
    const { ends, shared } = reading();
    const asked = Array.from({ length: 10 }, () => shared.get(NEVER_OLD));
    expect(ends.length).toBe(1);
    ends[0]?.resolve(7);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, () => ({ value: 7, ageMs: 0 })));
  });

  it("answers the one before, with its age, when it hangs", async () => {
    const { timer, ends, shared } = reading();
    const first = shared.get(NEVER_OLD);
    ends[0]?.resolve(7);
    await first;
    await timer.pass(50);
    const late = shared.get(NEVER_OLD);
    await timer.pass(1_000);
    expect(await late).toEqual({ value: 7, ageMs: 1_050 });
    expect(ends.length).toBe(2);
    void shared.get(NEVER_OLD);
    expect(ends.length).toBe(2);
  });

  it("answers null when it hangs and there was none before", async () => {
    const { timer, shared } = reading();
    const late = shared.get(NEVER_OLD);
    await timer.pass(1_000);
    expect(await late).toBeNull();
  });

  it("rests three times as long as it took", async () => {
    const { timer, ends, shared } = reading();
    const first = shared.get({ freshMs: 0, withinMs: 60_000 });
    await timer.pass(10_000);
    ends[0]?.resolve(1);
    await first;
    await timer.pass(29_999);
    expect(await shared.get(NEVER_OLD)).toEqual({ value: 1, ageMs: 29_999 });
    expect(ends.length).toBe(1);
    await timer.pass(1);
    const second = shared.get(NEVER_OLD);
    expect(ends.length).toBe(2);
    ends[1]?.resolve(2);
    expect(await second).toEqual({ value: 2, ageMs: 0 });
  });

  it("is made anew for whoever comes after a short one", async () => {
    const { timer, ends, shared } = reading();
    const first = shared.get(NEVER_OLD);
    await timer.pass(998);
    ends[0]?.resolve(1);
    await first;
    await timer.pass(1);
    const second = shared.get(NEVER_OLD);
    expect(ends.length).toBe(2);
    ends[1]?.resolve(2);
    expect(await second).toEqual({ value: 2, ageMs: 0 });
  });

  it("is not made where what is there is fresh enough", async () => {
    const { timer, ends, shared } = reading();
    const first = shared.get(NEVER_OLD);
    ends[0]?.resolve(1);
    await first;
    await timer.pass(5);
    expect(await shared.get({ freshMs: 5, withinMs: 0 })).toEqual({ value: 1, ageMs: 5 });
    expect(ends.length).toBe(1);
  });

  it("throws what the newest one threw, until one succeeds", async () => {
    const { ends, shared } = reading();
    const first = shared.get(NEVER_OLD);
    ends[0]?.reject(Object.assign(new Error("away"), { code: "AWAY" }));
    await expect(first).rejects.toMatchObject({ code: "AWAY" });
    const second = shared.get(NEVER_OLD);
    await settled();
    ends[1]?.resolve(2);
    expect(await second).toEqual({ value: 2, ageMs: 0 });
  });
});
