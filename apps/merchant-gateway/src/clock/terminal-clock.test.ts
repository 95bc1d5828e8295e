import { beforeEach, describe, expect, it } from "@jest/globals";
import { TerminalClock, type TerminalClockOptions } from "./terminal-clock.ts";

const FLOOR = 1_000;

let now: number;
let floor: number;

beforeEach(() => {
  now = FLOOR;
  floor = FLOOR;
});

function makeClock(options: Partial<TerminalClockOptions> = {}): TerminalClock {
  return new TerminalClock({ readSeconds: () => now, readFloor: () => floor, batteryBacked: false, ...options });
}

describe("the floor of a terminal's clock", () => {
  it("is the lowest time that can be true: at it the clock is right, a second before it is not", () => {
    const clock = makeClock({ batteryBacked: true });
    expect([clock.now(), clock.floor(), clock.isBehindFloor()]).toEqual([FLOOR, FLOOR, false]);
    expect(clock.confirmation()).toBe("battery");
    now = FLOOR - 1;
    expect([clock.isBehindFloor(), clock.confirmation()]).toEqual([true, null]);
  });

  it("is read anew at each question, because the journal raises it", () => {
    const clock = makeClock({ batteryBacked: true });
    expect(clock.confirmation()).toBe("battery");
    floor = FLOOR + 1;
    expect([clock.floor(), clock.isBehindFloor(), clock.confirmation()]).toEqual([FLOOR + 1, true, null]);
    now = FLOOR + 1;
    expect(clock.confirmation()).toBe("battery");
  });

  it.each(["battery", "network", "settlement"] as const)("stands above a confirmation by %s", (by) => {
    const clock = makeClock({ batteryBacked: by === "battery", isSynchronized: () => by === "network" });
    if (by === "settlement") clock.confirmBySettlement();
    expect(clock.confirmation()).toBe(by);
    now = FLOOR - 1;
    expect(clock.confirmation()).toBeNull();
    now = FLOOR;
    expect(clock.confirmation()).toBe(by);
  });
});

describe("the confirmation of a terminal's clock", () => {
  it("is missing after a start without battery, network and settlement", () => {
    expect(makeClock().confirmation()).toBeNull();
    expect(makeClock({ isSynchronized: () => false }).confirmation()).toBeNull();
  });

  it("names settlement before the network, and the network before the battery", () => {
    const clock = makeClock({ batteryBacked: true, isSynchronized: () => true });
    expect(clock.confirmation()).toBe("network");
    clock.confirmBySettlement();
    expect(clock.confirmation()).toBe("settlement");
  });

  it("asks for network time until it has come, and keeps it afterwards", () => {
    let synchronized = false;
    let asked = 0;
    const clock = makeClock({
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

  it("does not ask for network time while the clock is behind its floor", () => {
    now = FLOOR - 1;
    const clock = makeClock({
      isSynchronized: () => {
        throw new Error("not to be asked");
      },
    });
    expect(clock.confirmation()).toBeNull();
  });

  it("is another one for each start", () => {
    makeClock().confirmBySettlement();
    expect(makeClock().confirmation()).toBeNull();
  });
});
