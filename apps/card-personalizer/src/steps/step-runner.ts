import { Failure } from "../failures.ts";
import type { Journal, StepData } from "../journal/journal.ts";
import type { Environment } from "../environment.ts";
import type { StepName } from "./step-names.ts";

/** Is called at the beginning and at the end of every step. */
export type StepObserver = (step: StepName, code: "BEGUN" | "DONE" | "KNOWN") => void;

export interface StepWork {
  /** Makes what must be the same in every attempt; stored before anything is sent. */
  readonly prepare?: () => StepData;
  /** Does the step; an earlier run may have done it, wholly or in part, and lost the answer. */
  readonly work: (prepared: StepData) => Promise<StepData>;
}

/** What the steps of one reference are run with. */
export interface StepRunnerOptions {
  readonly journal: Journal;
  readonly reference: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly observe: StepObserver;
}

/**
 * Runs the steps of one reference. A step is stored as begun before it is sent and as done before the next one begins, so
 * that whoever comes later knows at every moment what the card may have seen.
 */
export class StepRunner {
  readonly #options: StepRunnerOptions;
  readonly #ran = new Set<StepName>();

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /** Whether the step was done before. */
  isDone(name: StepName): boolean {
    return this.#options.journal.step(this.#options.reference, name)?.state === "done";
  }

  /** Whether this runner did the step itself: no earlier run had done it. */
  wasRun(name: StepName): boolean {
    return this.#ran.has(name);
  }

  /** What a step that was done left; throws Failure FAULT where it was not done. */
  dataOf(name: StepName): StepData {
    const record = this.#options.journal.step(this.#options.reference, name);
    if (record?.state !== "done") throw new Failure("FAULT", `The step ${name} is needed and was not done.`);
    return record.data;
  }

  /** Replaces what a step left, where that is out of date: a deposit that failed after it was asked for. */
  amend(name: StepName, data: StepData): void {
    const { journal, reference, environment } = this.#options;
    journal.finishStep(reference, name, data, environment.now());
  }

  /** Whether the step was begun, and may have had an effect. */
  isBegun(name: StepName): boolean {
    return this.#options.journal.step(this.#options.reference, name) !== null;
  }

  /** Has a step done again whose outcome nothing was made of. */
  forget(name: StepName): void {
    this.#options.journal.forgetStep(this.#options.reference, name);
  }

  async run(name: StepName, { prepare, work }: StepWork): Promise<StepData> {
    const { journal, reference, environment, signal, observe } = this.#options;
    if (signal.aborted) throw new Failure("INTERRUPTED");
    if (this.isDone(name)) {
      observe(name, "KNOWN");
      return this.dataOf(name);
    }
    const earlier = journal.step(reference, name);
    const prepared = earlier?.data ?? journal.beginStep(reference, name, prepare?.() ?? {}, environment.now());
    observe(name, "BEGUN");
    const data = await work(prepared);
    journal.finishStep(reference, name, data, environment.now());
    this.#ran.add(name);
    observe(name, "DONE");
    return data;
  }
}

/** A text that an earlier step left. */
export function textOf(data: StepData, field: string): string {
  const value = data[field];
  if (typeof value !== "string") throw new Failure("FAULT", `The journal lacks the text ${field}.`);
  return value;
}

/** A number that an earlier step left. */
export function numberOf(data: StepData, field: string): number {
  const value = data[field];
  if (typeof value !== "number") throw new Failure("FAULT", `The journal lacks the number ${field}.`);
  return value;
}
