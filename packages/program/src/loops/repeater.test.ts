import { beforeEach, describe, expect, it } from "@jest/globals";
import { ManualTimer, settled } from "../testing/manual-timer.ts";
import { backOffMs } from "./back-off.ts";
import { type NextPass, Repeater, type RepeaterOptions } from "./repeater.ts";
import { systemTimer } from "./timer.ts";

let timer: ManualTimer;
let logged: string[];
let passes: number;

beforeEach(() => {
  timer = new ManualTimer();
  logged = [];
  passes = 0;
});

const log = {
  log: (message: string) => logged.push(`log ${message}`),
  warn: (message: string) => logged.push(`warn ${message}`),
};

function repeater(
  work: () => Promise<NextPass | void> = () => Promise.resolve(),
  options: Partial<RepeaterOptions> = {},
): Repeater {
  const pass = async (): Promise<NextPass | void> => {
    passes += 1;
    return await work();
  };
  return new Repeater({ pass, pauseMs: 100, log, timer, ...options });
}

/** A pass that ends when the test says so. */
function gate(): { readonly work: () => Promise<void>; open(): void } {
  let open = (): void => undefined;
  const work = (): Promise<void> =>
    new Promise((resolve) => {
      open = resolve;
    });
  return {
    work,
    open: () => {
      open();
    },
  };
}

describe("a repeater", () => {
  it("makes a pass at once, and one after each pause", async () => {
    const loop = repeater();
    loop.start();
    expect(passes).toBe(0);
    await timer.pass(0);
    expect([passes, timer.waits]).toEqual([1, [100]]);
    await timer.pass(99);
    expect(passes).toBe(1);
    await timer.pass(1);
    expect(passes).toBe(2);
  });

  it("lets a pass say when the next one comes, and that there is none", async () => {
    const answers: NextPass[] = [{ afterMs: 7 }, { afterMs: 0 }, "never"];
    const loop = repeater(() => Promise.resolve(answers.shift()));
    loop.start(30);
    expect(timer.waits).toEqual([30]);
    await timer.pass(30);
    expect(timer.waits).toEqual([7]);
    await timer.pass(7);
    await timer.pass(0);
    expect([passes, timer.waits]).toEqual([3, []]);
  });

  it("never makes two passes at once, however often it is started or woken", async () => {
    const { work, open } = gate();
    const loop = repeater(work);
    loop.start();
    loop.start();
    await timer.pass(0);
    loop.start();
    loop.wake();
    loop.wake();
    await timer.pass(1_000);
    expect(passes).toBe(1);
    open();
    await settled();
    expect(timer.waits).toEqual([0]);
    await timer.pass(0);
    expect(passes).toBe(2);
  });

  it("is woken from its pause", async () => {
    const loop = repeater();
    loop.start();
    await timer.pass(0);
    loop.wake();
    expect(timer.waits).toEqual([0]);
    await timer.pass(0);
    expect([passes, timer.waits]).toEqual([2, [100]]);
  });

  it("stops after the pass that is under way, and begins no other", async () => {
    const { work, open } = gate();
    const loop = repeater(work);
    loop.start();
    await timer.pass(0);
    let stopped = false;
    const stop = loop.stop().then(() => {
      stopped = true;
    });
    loop.wake();
    await settled();
    expect(stopped).toBe(false);
    open();
    await stop;
    expect([passes, timer.waits]).toEqual([1, []]);
    loop.start();
    await timer.pass(1_000);
    expect(passes).toBe(1);
  });

  it("stops in its pause, and before its first pass", async () => {
    const loop = repeater();
    loop.start();
    await loop.stop();
    await timer.pass(1_000);
    expect([passes, timer.waits]).toEqual([0, []]);
    await repeater().stop();
  });
});

describe("a pass that fails", () => {
  it("is tried again after longer and longer pauses, up to the ceiling", async () => {
    const loop = repeater(() => Promise.reject(new Error("away")), {
      backOff: { firstMs: 100, ceilingMs: 500, random: () => 0.999_999 },
    });
    loop.start();
    const waits: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await timer.pass(timer.waits[0] ?? -1);
      waits.push(timer.waits[0] ?? -1);
    }
    expect(waits).toEqual([100, 200, 400, 500, 500]);
    expect(loop.faults).toEqual({ inARow: 5, total: 5, last: "away" });
  });

  it("is logged once while its fault lasts, when that changes, and when it is over", async () => {
    const faults = ["away", "away", "refused", null, "away", null, null];
    const loop = repeater(async () => {
      const fault = faults.shift();
      if (typeof fault === "string") throw new Error(fault);
    });
    loop.start();
    for (let round = 0; round < 7; round += 1) await timer.pass(100);
    expect(logged).toEqual([
      ...["warn away", "warn refused", "log It works again after 3 failures."],
      ...["warn away", "log It works again after 1 failure."],
    ]);
    expect(loop.faults).toEqual({ inARow: 0, total: 4, last: null });
  });

  it("pauses as usual where no back-off is given, and may throw anything", async () => {
    const loop = repeater(() => Promise.reject("text" as unknown as Error));
    loop.start();
    await timer.pass(0);
    expect([timer.waits, logged]).toEqual([[100], ["warn text"]]);
  });
});

it("spreads what failed together between a half and the whole of a pause", () => {
  const backOff = { firstMs: 1_000, ceilingMs: 60_000, random: () => 0 };
  expect([1, 2, 3, 7, 8, 1_000].map((failures) => backOffMs(failures, backOff))).toEqual([
    ...[500, 1_000, 2_000, 30_000, 30_000, 30_000],
  ]);
  expect(backOffMs(0, backOff)).toBe(500);
  expect(backOffMs(1, { ...backOff, random: () => 0.5 })).toBe(750);
});

it("has the machine's timer", async () => {
  await new Promise<void>((resolve) => {
    systemTimer.after(0, () => {
      throw new Error("was called off");
    })();
    systemTimer.after(1, resolve);
  });
});
