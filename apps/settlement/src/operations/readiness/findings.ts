/** What a probe found that a person has to know, by its stable code. */
export interface Finding {
  readonly code: string;
  /** What is wrong, as a sentence. */
  readonly message: string;
  /** What to do, as a sentence. */
  readonly next: string;
  /** A reason keeps the service from being ready; a warning does not. */
  readonly level: "reason" | "warning";
  /** Since when, where that is on record; else since it was found first. */
  readonly since?: Date;
  /**
   * Of a code that stands for several things: when the newest of them came. Who acknowledged it before has not seen that
   * one. It stays the same while nothing new comes, also when another process looks.
   */
  readonly renewed?: Date;
}

/** A finding with its time, as readiness, page and metrics show it. */
export interface ReadinessNote {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  /** ISO 8601. */
  readonly since: string;
  readonly renewed?: string;
}

/** One part that is looked at again and again. */
export interface Probe {
  readonly name: string;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** One look. */
  look(): Promise<readonly Finding[]>;
  /** What it means that a look throws, or does not end in time. */
  fault(how: ProbeFault): readonly Finding[];
}

export type ProbeFault =
  | { readonly kind: "threw"; readonly error: unknown }
  /** No look has ended for so many milliseconds. */
  | { readonly kind: "hangs"; readonly forMs: number };

/** When the newest of several things came; nothing where no time is known. */
export function newestOf(times: readonly (Date | null)[]): Pick<Finding, "renewed"> {
  const known = times.flatMap((time) => (time === null ? [] : [time.getTime()]));
  return known.length === 0 ? {} : { renewed: new Date(Math.max(...known)) };
}

export function reason(code: string, message: string, next: string): Finding {
  return { code, message, next, level: "reason" };
}

export function warning(code: string, message: string, next: string): Finding {
  return { code, message, next, level: "warning" };
}
