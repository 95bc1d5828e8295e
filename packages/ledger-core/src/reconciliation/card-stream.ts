import { isUnits } from "@tallystick/money";
import { LedgerError } from "../model/errors.ts";
import { MAX_COUNTER } from "../model/limits.ts";

/**
 * One verified statement about a numbered stream of payments: payment number `counter` was
 * `amount`, and all payments up to it came to `spent`. Two different payments with one number have
 * different identities; equal identities are one payment.
 */
export interface CardObservation {
  readonly identity: string;
  /** 1, 2, 3 … */
  readonly counter: number;
  /** Units, at least 1. */
  readonly amount: bigint;
  /** Units, this payment included. */
  readonly spent: bigint;
}

/**
 * A verified statement that all payments up to `counter` came to `spent`; it is no payment itself.
 * Counter 0 is spent 0.
 */
export interface StreamMark {
  readonly counter: number;
  readonly spent: bigint;
}

/** A run of numbers that nobody has shown yet. */
export interface Gap {
  readonly fromCounter: number;
  readonly toCounter: number;
  readonly count: number;
  /**
   * What they are worth together; null where the neighbours do not prove it, which counts as
   * nothing.
   */
  readonly worth: bigint | null;
}

/** Two statements that one honest card cannot have made. */
export interface Contradiction {
  readonly lowerCounter: number;
  readonly higherCounter: number;
  /**
   * `fork`: two payments with one number. `sum`: the totals do not fit the amounts between them.
   */
  readonly kind: "fork" | "sum";
  readonly identities: readonly string[];
}

export interface StreamReport {
  readonly highestCounter: number;
  /** Distinct payments seen. */
  readonly payments: number;
  /** Observations beyond the first of the same payment. */
  readonly duplicates: number;
  readonly contradictions: readonly Contradiction[];
  readonly gaps: readonly Gap[];
  readonly missingCount: number;
  /** Worth of all gaps whose worth is proved. */
  readonly missingWorth: bigint;
}

/** A counter with all that is said about it. */
interface Point {
  readonly counter: number;
  readonly payments: readonly CardObservation[];
  readonly mark: StreamMark | null;
}

const START: Point = { counter: 0, payments: [], mark: { counter: 0, spent: 0n } };

/**
 * Puts the observations of one card in order, in whatever order they came: which payments are
 * missing and what they are worth together, what came twice, and what contradicts itself. Throws
 * LedgerError BAD_SIGHTING for values that no stream can hold.
 */
export function reconcileCardStream(
  observations: readonly CardObservation[],
  marks: readonly StreamMark[] = [],
): StreamReport {
  for (const observation of observations) assertObservation(observation);
  for (const mark of marks) assertMark(mark);
  const distinct = new Map(observations.map((observation) => [observation.identity, observation]));
  const points = collectPoints([...distinct.values()], marks);
  const contradictions: Contradiction[] = points.contradictions;
  const gaps: Gap[] = [];
  let lower = START;
  for (const higher of points.inOrder) {
    const step = compareNeighbours(lower, higher);
    if (step.gap !== null) gaps.push(step.gap);
    if (step.contradiction !== null) contradictions.push(step.contradiction);
    lower = higher;
  }
  return {
    highestCounter: lower.counter,
    payments: distinct.size,
    duplicates: observations.length - distinct.size,
    contradictions,
    gaps,
    missingCount: gaps.reduce((sum, gap) => sum + gap.count, 0),
    missingWorth: gaps.reduce((sum, gap) => sum + (gap.worth ?? 0n), 0n),
  };
}

function collectPoints(
  payments: readonly CardObservation[],
  marks: readonly StreamMark[],
): { inOrder: readonly Point[]; contradictions: Contradiction[] } {
  const contradictions: Contradiction[] = [];
  const points = new Map<number, Point>();
  const pointAt = (counter: number): Point => points.get(counter) ?? { counter, payments: [], mark: null };
  for (const payment of payments) {
    const point = pointAt(payment.counter);
    points.set(payment.counter, { ...point, payments: [...point.payments, payment] });
  }
  for (const mark of marks) {
    const point = pointAt(mark.counter);
    const others = [...point.payments, ...(point.mark === null ? [] : [point.mark])];
    // What was said about this number before stays; a mark that says otherwise convicts the card.
    if (others.some(({ spent }) => spent !== mark.spent)) {
      contradictions.push(contradictionBetween(point, point, "sum"));
    } else if (mark.counter > 0) {
      points.set(mark.counter, { ...point, mark });
    } else if (mark.spent !== 0n) {
      contradictions.push(contradictionBetween(START, START, "sum"));
    }
  }
  const inOrder = [...points.values()].sort((left, right) => left.counter - right.counter);
  for (const point of inOrder) {
    if (point.payments.length > 1) contradictions.push(contradictionBetween(point, point, "fork"));
  }
  return { inOrder, contradictions };
}

/** What lies between two numbers that follow each other among those seen. */
function compareNeighbours(lower: Point, higher: Point): { gap: Gap | null; contradiction: Contradiction | null } {
  const before = provedTotals(lower).after;
  const { before: after, includes } = provedTotals(higher);
  // A mark stands behind its number: where its own payment was not seen, that one is missing too.
  const fromCounter = lower.counter + 1;
  const toCounter = includes ? higher.counter - 1 : higher.counter;
  const count = toCounter - fromCounter + 1;
  const worth = before === null || after === null ? null : after - before;
  // Every payment is worth at least one unit, and none is worth nothing.
  const fits = worth === null || (count === 0 ? worth === 0n : worth >= BigInt(count));
  const contradiction = fits ? null : contradictionBetween(lower, higher, "sum");
  if (count === 0) return { gap: null, contradiction };
  return { gap: { fromCounter, toCounter, count, worth: fits ? worth : null }, contradiction };
}

/**
 * The totals before and after a point, where all statements about it agree; a fork proves nothing.
 * `includes` says whether the point's own payment was seen.
 */
function provedTotals({ payments, mark }: Point): { before: bigint | null; after: bigint | null; includes: boolean } {
  const [payment, other] = payments;
  if (payment === undefined) return { before: mark?.spent ?? null, after: mark?.spent ?? null, includes: false };
  if (other !== undefined) return { before: null, after: null, includes: true };
  return { before: payment.spent - payment.amount, after: payment.spent, includes: true };
}

function contradictionBetween(lower: Point, higher: Point, kind: Contradiction["kind"]): Contradiction {
  const points = lower === higher ? [lower] : [lower, higher];
  const identities = points.flatMap(({ payments }) => payments.map(({ identity }) => identity)).sort();
  return { lowerCounter: lower.counter, higherCounter: higher.counter, kind, identities };
}

function assertObservation({ identity, counter, amount, spent }: CardObservation): void {
  const isCounter = Number.isInteger(counter) && counter >= 1 && counter <= MAX_COUNTER;
  if (!isCounter || !isUnits(amount) || amount < 1n || !isUnits(spent) || spent < amount || identity === "") {
    throw new LedgerError(
      "BAD_SIGHTING",
      `The observation ${identity} of counter ${counter} is impossible: ${amount} of ${spent}.`,
    );
  }
}

function assertMark({ counter, spent }: StreamMark): void {
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER || !isUnits(spent)) {
    throw new LedgerError("BAD_SIGHTING", `The mark at counter ${counter} with ${spent} is impossible.`);
  }
}
