import { beforeEach, describe, expect, it } from "@jest/globals";
import { CLOCK_SKEW_SECONDS } from "@tallystick/protocol";
import type { ClockFloor } from "./clock-floors.ts";
import { type DomainClock, TerminalClock, type TerminalClockOptions } from "./terminal-clock.ts";

const SIGNED = 1_000_000;
const LIST_AGE = 7 * 86_400;
const domainBytes = new Uint8Array(28).fill(1);
const other = new Uint8Array(28).fill(2);

let now: number;
let uptime: number;
let floors: Map<number, ClockFloor>;
/** What was asked of the floors, in order. */
let raised: string[];

beforeEach(() => {
  [now, uptime, raised] = [SIGNED, 0, []];
  floors = new Map([[1, { signed: SIGNED, local: 0 }]]);
});

const floorOf = ([name = 0]: Uint8Array): ClockFloor => floors.get(name) ?? { signed: 0, local: 0 };

function makeClock(options: Partial<TerminalClockOptions> = {}): TerminalClock {
  return new TerminalClock({
    readSeconds: () => now,
    readUptimeSeconds: () => uptime,
    floors: {
      read: floorOf,
      raiseLocal: ([name], seconds) => raised.push(`${name} local ${seconds}`),
      raiseSigned: () => raised.push("signed"),
      answer: ([name = 0], { time }) => {
        raised.push(`${name} answer ${time}`);
        floors.set(name, { signed: time - CLOCK_SKEW_SECONDS, local: 0 });
      },
    },
    batteryBacked: false,
    listAgeSeconds: LIST_AGE,
    ...options,
  });
}

function clockOf(options: Partial<TerminalClockOptions> = {}): DomainClock {
  return makeClock(options).of(domainBytes);
}

const network = { isSynchronized: () => true };

describe("the confirmation of a terminal's clock", () => {
  it("is missing after a start without battery, network and live answer, whatever the floor is", () => {
    now = SIGNED - 1;
    expect([clockOf().fault(), clockOf({ isSynchronized: () => false }).fault()]).toEqual([
      "CLOCK_UNCONFIRMED",
      "CLOCK_UNCONFIRMED",
    ]);
    expect([clockOf().confirmation(), clockOf().confirmedTime()]).toEqual([null, null]);
  });

  it.each([
    [SIGNED - 1, null],
    [SIGNED, "battery"],
    [SIGNED + CLOCK_SKEW_SECONDS + LIST_AGE, "battery"],
    [SIGNED + CLOCK_SKEW_SECONDS + LIST_AGE + 1, null],
  ])("by battery at %i is %p: from the floor to S + 300 s above its signed part", (time, by) => {
    now = time;
    expect(clockOf({ batteryBacked: true }).confirmation()).toBe(by);
  });

  it("by battery begins at the floor, where its local part is the higher one", () => {
    floors.set(1, { signed: SIGNED, local: SIGNED + 10 });
    now = SIGNED + 9;
    expect(clockOf({ batteryBacked: true }).confirmation()).toBeNull();
    now += 1;
    expect(clockOf({ batteryBacked: true }).confirmation()).toBe("battery");
  });

  it("by battery stays for the run, but never below the floor", () => {
    const clock = clockOf({ batteryBacked: true });
    expect(clock.confirmation()).toBe("battery");
    now = SIGNED + CLOCK_SKEW_SECONDS + LIST_AGE + 1;
    expect([clock.confirmation(), clock.fault()]).toEqual(["battery", null]);
    now = SIGNED - 1;
    expect(clock.fault()).toBe("CLOCK_BELOW_FLOOR");
  });

  it("names the live answer before the network, and the network before the battery", () => {
    const clock = clockOf({ batteryBacked: true, ...network });
    expect(clock.confirmation()).toBe("network");
    clock.takeLiveAnswer({ time: now, uploadSeq: 1 });
    expect(clock.confirmation()).toBe("settlement");
  });

  it("asks for network time until it has come, and keeps it afterwards", () => {
    let synchronized = false;
    let asked = 0;
    const clock = clockOf({
      isSynchronized: () => {
        asked += 1;
        return synchronized;
      },
    });
    expect([clock.confirmation(), clock.confirmation(), asked]).toEqual([null, null, 2]);
    synchronized = true;
    expect(clock.confirmation()).toBe("network");
    synchronized = false;
    expect([clock.confirmation(), asked]).toEqual(["network", 3]);
  });

  it("is another one for each domain and each start", () => {
    const clock = makeClock();
    clock.of(domainBytes).takeLiveAnswer({ time: now, uploadSeq: 1 });
    expect([clock.of(domainBytes).fault(), clock.of(other).fault()]).toEqual([null, "CLOCK_UNCONFIRMED"]);
    expect(makeClock().of(domainBytes).confirmation()).toBeNull();
  });
});

describe("the floor of a terminal's clock", () => {
  it("is the higher of its two parts: at it the clock is right, a second before it is not", () => {
    const clock = clockOf(network);
    for (const floor of [
      { signed: SIGNED + 5, local: SIGNED },
      { signed: SIGNED, local: SIGNED + 5 },
    ]) {
      floors.set(1, floor);
      now = SIGNED + 5;
      expect([clock.floor(), clock.fault(), clock.confirmedTime()]).toEqual([SIGNED + 5, null, now]);
      now -= 1;
      expect([clock.fault(), clock.confirmedTime()]).toEqual(["CLOCK_BELOW_FLOOR", null]);
    }
  });

  it("is raised while the clock is right, and not by one that is wrong", () => {
    const clock = clockOf(network);
    clock.raiseFloor();
    clock.takeLiveAnswer({ time: now, uploadSeq: 1 });
    now += CLOCK_SKEW_SECONDS + 1;
    clock.raiseFloor();
    now = 1;
    clock.raiseFloor();
    clockOf().raiseFloor();
    expect(raised).toEqual([`1 local ${SIGNED}`, `1 answer ${SIGNED}`]);
  });
});

describe("a live answer", () => {
  it.each([
    [CLOCK_SKEW_SECONDS, null],
    [CLOCK_SKEW_SECONDS + 1, "CLOCK_AHEAD"],
    [-CLOCK_SKEW_SECONDS, null],
    [-CLOCK_SKEW_SECONDS - 1, "CLOCK_BEHIND"],
  ])("finds a clock that is %i s ahead of it: %p", (ahead, fault) => {
    const clock = clockOf(network);
    clock.takeLiveAnswer({ time: now, uploadSeq: 1 });
    // Half a day later by the clock that nobody sets.
    uptime += 43_200;
    now += 43_200 + ahead;
    expect([clock.rightTime(), clock.aheadSeconds(), clock.fault()]).toEqual([SIGNED + 43_200, ahead, fault]);
    expect(clock.confirmedTime()).toBe(fault === null ? now : null);
  });

  it("is outranked by the floor that it raises itself", () => {
    const clock = clockOf(network);
    clock.takeLiveAnswer({ time: now + CLOCK_SKEW_SECONDS + 1, uploadSeq: 1 });
    expect(clock.fault()).toBe("CLOCK_BELOW_FLOOR");
  });

  it("is aged by the clock that nobody sets, and a later one takes its place", () => {
    const clock = clockOf();
    expect([clock.answerAgeSeconds(), clock.rightTime(), clock.aheadSeconds()]).toEqual([null, null, null]);
    clock.takeLiveAnswer({ time: now, uploadSeq: 1 });
    uptime += 90.5;
    expect([clock.answerAgeSeconds(), clock.rightTime()]).toEqual([90.5, SIGNED + 90]);
    clock.takeLiveAnswer({ time: SIGNED + 500, uploadSeq: 2 });
    expect([clock.answerAgeSeconds(), clock.rightTime()]).toEqual([0, SIGNED + 500]);
  });
});
