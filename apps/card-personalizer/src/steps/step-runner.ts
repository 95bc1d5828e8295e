import { Failure } from "../failures.ts";
import type { Journal, StepData } from "../journal/journal.ts";
import type { Surroundings } from "../surroundings.ts";
import type { StepName } from "./step-names.ts";

/** Tells whoever looks on how far a step is. */
export type StepObserver = (step: StepName, code: "BEGUN" | "DONE" | "KNOWN") => void;

export interface StepWork {
  /** Makes what must be the same in every attempt; stored before anything is sent. */
  readonly prepare?: () => StepData;
  /** Does the step; it may have been done before, wholly or in part, without anybody having heard of it. */
  readonly work: (prepared: StepData) => Promise<StepData>;
}

/**
 * Runs the steps of one reference. A step is stored as begun before it is sent and as done before the next one begins, so
 * that whoever comes later knows at every moment what the card may have seen.
 */
export class StepRunner {
  readonly #options: {
    readonly journal: Journal;
    readonly reference: string;
    readonly surroundings: Surroundings;
    readonly signal: AbortSignal;
    readonly observe: StepObserver;
  };

  constructor(options: {
    readonly journal: Journal;
    readonly reference: string;
    readonly surroundings: Surroundings;
    readonly signal: AbortSignal;
    readonly observe: StepObserver;
  }) {
    this.#options = options;
  }

  /** Whether the step was done before. */
  isDone(name: StepName): boolean {
    return this.#options.journal.step(this.#options.reference, name)?.state === "done";
  }

  /** What a step that was done left; a fault of the order of steps otherwise. */
  dataOf(name: StepName): StepData {
    const record = this.#options.journal.step(this.#options.reference, name);
    if (record?.state !== "done") throw new Error(`The step ${name} is needed and was not done.`);
    return record.data;
  }

  /** Replaces what a step left, where the world moved on: a deposit that failed after it was asked for. */
  amend(name: StepName, data: StepData): void {
    const { journal, reference, surroundings } = this.#options;
    journal.finishStep(reference, name, data, surroundings.now());
  }

  async run(name: StepName, { prepare, work }: StepWork): Promise<StepData> {
    const { journal, reference, surroundings, signal, observe } = this.#options;
    if (signal.aborted) throw new Failure("INTERRUPTED");
    if (this.isDone(name)) {
      observe(name, "KNOWN");
      return this.dataOf(name);
    }
    const earlier = journal.step(reference, name);
    const prepared = earlier?.data ?? journal.beginStep(reference, name, prepare?.() ?? {}, surroundings.now());
    observe(name, "BEGUN");
    const data = await work(prepared);
    journal.finishStep(reference, name, data, surroundings.now());
    observe(name, "DONE");
    return data;
  }
}

/** A text that an earlier step left. */
export function textOf(data: StepData, field: string): string {
  const value = data[field];
  if (typeof value !== "string") throw new Error(`The journal lacks the text ${field}.`);
  return value;
}

/** A number that an earlier step left. */
export function numberOf(data: StepData, field: string): number {
  const value = data[field];
  if (typeof value !== "number") throw new Error(`The journal lacks the number ${field}.`);
  return value;
}
