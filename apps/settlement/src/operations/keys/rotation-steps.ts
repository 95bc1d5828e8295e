/** One step of a rotation, as it stands now. */
export interface RotationStep {
  readonly step: string;
  /** `waits`: it is this one's turn; `to-come`: one before it is not done. */
  readonly state: "done" | "waits" | "to-come";
  /** What is there, as a sentence. */
  readonly detail: string;
  /** What a person has to do; null where nobody has to. */
  readonly next: string | null;
}

/** A step before it is known whose turn it is. */
export interface StepFound {
  readonly step: string;
  readonly done: boolean;
  readonly detail: string;
  readonly next?: string | null;
}

/** The first step that is not done waits; those behind it are to come. */
export function inTurn(found: readonly StepFound[]): readonly RotationStep[] {
  const turn = found.findIndex(({ done }) => !done);
  return found.map(({ step, done, detail, next = null }, place) => ({
    step,
    state: done ? "done" : place === turn ? "waits" : "to-come",
    detail,
    next: place === turn ? next : null,
  }));
}

/** How a rotation stands. */
export interface RotationReport {
  readonly schema: "tallystick.key-rotation/1";
  readonly key: "gas" | "treasury" | "issuer";
  /** An account, or the id of an issuer key; null where there was none. */
  readonly former: string | null;
  readonly successor: string | null;
  readonly steps: readonly RotationStep[];
  /** What the former key still can do, and what still depends on it. */
  readonly remains: string;
  readonly done: boolean;
}

/** A report for people: a line for each step. */
export function reportText({ key, former, successor, steps, remains, done }: RotationReport): string {
  const lines = steps.map(({ step, state, detail, next }) => {
    const wanted = next === null ? "" : ` ${next}`;
    return `${state.padEnd(7)} ${step}: ${detail}${wanted}`;
  });
  const head = `${key}: ${former ?? "none"} -> ${successor ?? "none"}`;
  const end = done ? "The rotation is done." : "Run this command again when the step that waits is done.";
  return [head, ...lines, `remains ${remains}`, end].join("\n");
}
