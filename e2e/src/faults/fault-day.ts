import { createNarrator, issueCard, poll } from "@tallystick/demo";
import { countDoubled, countLost, settledBooks } from "../day-counts.ts";
import { type PaidSale, sell, send } from "../sale.ts";
import { type SeededRandom, seededRandom } from "../seeded-random.ts";
import { type FaultKind, faultKinds } from "./fault-kinds.ts";
import { type FaultyStack, startFaultyStack } from "./faulty-stack.ts";

/** Faults of one day: a card's allowance has room for a payment in each round of it. */
export const FAULTS_A_DAY = 100;

/** The most faults of a run: a week of them on two cores. */
export const MAX_FAULTS = 100_000;

/** Longest wait until a fault is shown, or until all is well again after it. */
const SHOWN_DEADLINE_MS = 60_000;
const WELL_DEADLINE_MS = 120_000;

/** Readiness is answered in a second, whatever hangs; a loaded machine takes longer. */
const ANSWER_DEADLINE_MS = 10_000;

/** What a day of faults came to. */
export interface FaultDayResult {
  readonly schema: "tallystick.fault-day/1";
  readonly seed: number;
  readonly faults: number;
  /** How often each kind was played. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Faults that had to be visible in readiness and were not while they lasted. */
  readonly unseen: readonly string[];
  /** Rounds after which settlement was not ready again by itself. */
  readonly notReady: readonly string[];
  readonly sales: number;
  readonly lost: number;
  readonly doubled: number;
  readonly ledgerDifference: string;
  readonly seconds: number;
}

interface Day {
  readonly faulty: FaultyStack;
  readonly random: SeededRandom;
  readonly paid: PaidSale[];
  /** Kinds that have not come yet in this turn. */
  readonly waiting: FaultKind[];
  readonly unseen: string[];
  readonly notReady: string[];
  readonly kinds: Record<string, number>;
}

interface Readiness {
  readonly ready: boolean;
  readonly codes: readonly string[];
}

/** What settlement says of itself now, whatever the status of its answer; null where it does not answer. */
async function readiness({ stack: { settlement } }: FaultyStack): Promise<Readiness | null> {
  try {
    const response = await fetch(`${settlement.administration}/v1/readiness`, {
      headers: { authorization: `Bearer ${settlement.operatorToken}` },
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
    const body = (await response.json()) as { ready: boolean; reasons: readonly { code: string }[] };
    return { ready: body.ready, codes: body.reasons.map(({ code }) => code) };
  } catch {
    return null;
  }
}

/** Waits for what readiness must say; false where it does not in time. */
async function says(faulty: FaultyStack, holds: (said: Readiness) => boolean, deadlineMs: number): Promise<boolean> {
  try {
    await poll({
      what: "what readiness must say",
      ask: () => readiness(faulty),
      until: (said) => said !== null && holds(said),
      deadlineMs,
    });
    return true;
  } catch {
    return false;
  }
}

/** The next fault, or two of different parts at once; every kind comes once before one comes again. */
function draw({ random, waiting }: Day, left: number): readonly FaultKind[] {
  const take = (fits: (kind: FaultKind) => boolean): FaultKind | undefined => {
    const index = waiting.findIndex(fits);
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };
  if (waiting.length === 0) {
    const rest = [...faultKinds];
    while (rest.length > 0) waiting.push(...rest.splice(random.below(rest.length), 1));
  }
  const first = take(() => true);
  if (first === undefined) throw new Error("there are kinds of faults");
  const isAlone = first.isAlone === true || first.part === "process";
  if (left < 2 || isAlone || random.below(2) === 0) return [first];
  const second = take(({ part, isAlone: alone }) => part !== first.part && part !== "process" && alone !== true);
  return second === undefined ? [first] : [first, second];
}

/** Two sales and a sync of both merchants while the faults last, then all must be well again. */
async function playRound(day: Day, round: number, faults: readonly FaultKind[]): Promise<void> {
  const { faulty, paid, random } = day;
  const ends: (() => Promise<void>)[] = [];
  for (const { begin } of faults) ends.push(await begin(faulty));
  const work = [faulty.stack.merchants.A, faulty.stack.merchants.B].map(async (merchant) => {
    paid.push(await sell(merchant, `${merchant.name}-${round}`, `0.0${String(random.below(90) + 10)}`));
    await send(merchant);
  });
  const isPlainlySeen = !faults.some(({ part }) => part === "process");
  for (const { name, shows } of faults) {
    if (shows.length === 0 || !isPlainlySeen) continue;
    const isSeen = await says(faulty, ({ codes }) => codes.some((code) => shows.includes(code)), SHOWN_DEADLINE_MS);
    if (!isSeen) day.unseen.push(name);
  }
  for (const end of ends.reverse()) await end();
  await Promise.all(work);
  if (!(await says(faulty, ({ ready }) => ready, WELL_DEADLINE_MS))) {
    day.notReady.push(faults.map(({ name }) => name).join(" and "));
  }
  for (const { name } of faults) day.kinds[name] = (day.kinds[name] ?? 0) + 1;
}

/**
 * Plays a day: two merchants sell while parts lag, lie, refuse and die, one or two at a time, each long enough to be seen.
 * Then everything must be there once.
 */
export async function playFaultDay(options: {
  readonly faults: number;
  readonly seed: number;
  readonly durable: boolean;
  readonly say: (text: string) => void;
}): Promise<FaultDayResult> {
  if (options.faults < 1 || options.faults > FAULTS_A_DAY)
    throw new RangeError(`faults is ${options.faults}; it must be 1 to ${FAULTS_A_DAY}`);
  const start = performance.now();
  const narrator = createNarrator(options.say, () => performance.now());
  const faulty = await startFaultyStack({ durable: options.durable, say: narrator.line });
  const { stack } = faulty;
  try {
    const day: Day = {
      ...{ faulty, random: seededRandom(options.seed), paid: [], waiting: [], unseen: [], notReady: [], kinds: {} },
    };
    const cards = { A: await issueCard(stack, narrator, "ada"), B: await issueCard(stack, narrator, "bea") };
    await cards.A.card.insert(stack.merchants.A.slot);
    await cards.B.card.insert(stack.merchants.B.slot);
    for (const merchant of [stack.merchants.A, stack.merchants.B]) await merchant.http().post("/v1/sync");
    const before = await settledBooks(stack);
    for (let played = 0, round = 1; played < options.faults; round += 1) {
      const faults = draw(day, options.faults - played);
      await playRound(day, round, faults);
      played += faults.length;
      narrator.line(`fault ${played} of ${options.faults}: ${faults.map(({ name }) => name).join("; ")}`);
    }
    const lost = await countLost(stack, day.paid);
    const after = await settledBooks(stack);
    return {
      schema: "tallystick.fault-day/1",
      seed: options.seed,
      faults: Object.values(day.kinds).reduce((sum, count) => sum + count, 0),
      kinds: day.kinds,
      unseen: day.unseen,
      notReady: day.notReady,
      sales: day.paid.length,
      lost,
      doubled: countDoubled(day.paid, before, after),
      ledgerDifference: after.ledgerDifference,
      seconds: Math.round((performance.now() - start) / 1000),
    };
  } finally {
    await faulty.stop();
  }
}
