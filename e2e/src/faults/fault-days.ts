import { FAULTS_A_DAY, type FaultDayResult, playFaultDay } from "./fault-day.ts";

/** What a run of days came to. */
export interface FaultDaysResult extends Omit<FaultDayResult, "schema" | "seed" | "ledgerDifference"> {
  readonly days: number;
  /** Of every day that did not end with 0. */
  readonly ledgerDifferences: readonly string[];
  readonly passed: boolean;
}

/** Plays as many days as the faults need, each from a stack of its own and the next seed. */
export async function playFaultDays(options: {
  readonly faults: number;
  readonly seed: number;
  readonly durable: boolean;
  readonly say: (text: string) => void;
  readonly play?: typeof playFaultDay;
}): Promise<FaultDaysResult> {
  const { play = playFaultDay } = options;
  const days: FaultDayResult[] = [];
  for (let left = options.faults; left > 0; left -= FAULTS_A_DAY) {
    const faults = Math.min(left, FAULTS_A_DAY);
    days.push(await play({ ...options, faults, seed: options.seed + days.length }));
  }
  const sum = (of: (day: FaultDayResult) => number): number => days.reduce((total, day) => total + of(day), 0);
  const kinds: Record<string, number> = {};
  for (const [name, count] of days.flatMap((day) => Object.entries(day.kinds)))
    kinds[name] = (kinds[name] ?? 0) + count;
  const result = {
    days: days.length,
    faults: sum(({ faults }) => faults),
    kinds,
    unseen: days.flatMap(({ unseen }) => unseen),
    notReady: days.flatMap(({ notReady }) => notReady),
    sales: sum(({ sales }) => sales),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    ledgerDifferences: days
      .map(({ ledgerDifference }) => ledgerDifference)
      .filter((difference) => Number(difference) !== 0),
    seconds: sum(({ seconds }) => seconds),
  };
  const isClean = [result.unseen, result.notReady, result.ledgerDifferences].every(({ length }) => length === 0);
  return { ...result, passed: isClean && result.lost === 0 && result.doubled === 0 };
}
