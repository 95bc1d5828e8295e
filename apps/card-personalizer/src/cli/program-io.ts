import { randomBytes } from "node:crypto";
import { Failure } from "../failures.ts";
import type { Environment } from "../environment.ts";
import type { WriteLine } from "./reporter.ts";

/** What the program is given by its process. */
export interface ProgramIo {
  readonly writeLine: WriteLine;
  /** Aborted when the person or the system wants the program to stop. */
  readonly signal: AbortSignal;
}

/** The real clock and real randomness. */
export function createEnvironment(signal: AbortSignal): Environment {
  return {
    now: () => Date.now(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    pause: async (ms) => {
      if (signal.aborted) throw new Failure("INTERRUPTED");
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          reject(new Failure("INTERRUPTED"));
        };
        const timer = setTimeout(() => {
          signal.removeEventListener("abort", stop);
          resolve();
        }, ms);
        signal.addEventListener("abort", stop, { once: true });
      });
    },
  };
}
