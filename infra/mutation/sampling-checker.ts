/**
 * A plugin of Stryker that lets only a drawn sample of the mutants be judged. Stryker runs it in a process of its own, from
 * the work folder; a checker is asked about every mutant before a test runs, and what it turns down is not judged.
 */
import { drawMutants, type Drawable, NOT_DRAWN, type Sampling } from "./draw.ts";

type CheckResult = { readonly status: "passed" } | { readonly status: "compileError"; readonly reason: string };

/** Draws from all mutants that Stryker would judge, and lets the drawn ones pass. */
class SamplingChecker {
  readonly #sampling: Sampling;

  constructor(sampling: Sampling) {
    this.#sampling = sampling;
  }

  async init(): Promise<void> {
    // Nothing has to be made ready.
  }

  /** All mutants in one group, so that they are checked, and drawn from, at once. */
  group(mutants: readonly Drawable[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }

  check(mutants: readonly Drawable[]): Promise<Record<string, CheckResult>> {
    const drawn = drawMutants(mutants, this.#sampling);
    const verdict = (id: string): CheckResult =>
      drawn.has(id) ? { status: "passed" } : { status: "compileError", reason: NOT_DRAWN };
    return Promise.resolve(Object.fromEntries(mutants.map(({ id }) => [id, verdict(id)])));
  }
}

function createChecker(options: { readonly sampling: Sampling }): SamplingChecker {
  return new SamplingChecker(options.sampling);
}
createChecker.inject = ["options"] as const;

/** What Stryker loads. */
export const strykerPlugins = [{ kind: "Checker", name: "sampling", factory: createChecker }];

/** The setting that this plugin adds to Stryker's. */
export const strykerValidationSchema = { properties: { sampling: { type: "object" } } };
