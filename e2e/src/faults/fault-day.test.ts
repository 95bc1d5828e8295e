import { randomInt } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { playFaultDay, type FaultDayResult } from "./fault-day.ts";
import { playFaultDays } from "./fault-days.ts";

const seed = randomInt(1, 2 ** 31);

describe(`a day on which parts lag, lie, refuse and die, seed ${seed}`, () => {
  it("shows each while it lasts, is ready again by itself, loses nothing and doubles nothing", async () => {
    const said: string[] = [];
    const result = await playFaultDay({ faults: 50, seed, durable: false, say: (text) => said.push(text) }).catch(
      (error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}\n${said.join("")}`);
      },
    );
    expect(result).toMatchObject({ seed, faults: 50, unseen: [], notReady: [], lost: 0, doubled: 0 });
    expect(Number(result.ledgerDifference)).toBe(0);
  });
});

describe("days of faults", () => {
  const day: FaultDayResult = {
    ...{ schema: "tallystick.fault-day/1", seed: 0, faults: 0, kinds: { cut: 1 }, unseen: [], notReady: [] },
    ...{ sales: 2, lost: 0, doubled: 0, ledgerDifference: "0.00", seconds: 1 },
  };
  const play = (change: Partial<FaultDayResult> = {}) => {
    const asked: { faults: number; seed: number }[] = [];
    return {
      asked,
      play: async ({ faults, seed: of }: { faults: number; seed: number }): Promise<FaultDayResult> => {
        asked.push({ faults, seed: of });
        return { ...day, faults, seed: of, ...change };
      },
    };
  };
  const options = { faults: 250, seed: 7, durable: false, say: () => undefined };

  it("are as many as the faults need, each with a seed of its own", async () => {
    const { asked, play: one } = play();
    expect(await playFaultDays({ ...options, play: one })).toMatchObject({
      ...{ days: 3, faults: 250, kinds: { cut: 3 }, sales: 6, seconds: 3, passed: true },
    });
    expect(asked).toEqual([
      { faults: 100, seed: 7 },
      { faults: 100, seed: 8 },
      { faults: 50, seed: 9 },
    ]);
  });

  it.each<Partial<FaultDayResult>>([
    { lost: 1 },
    { doubled: 1 },
    { unseen: ["cut"] },
    { notReady: ["cut"] },
    { ledgerDifference: "-0.01" },
  ])("do not pass with %p", async (change) => {
    expect((await playFaultDays({ ...options, play: play(change).play })).passed).toBe(false);
  });
});
