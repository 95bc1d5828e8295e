import { randomBytes } from "node:crypto";
import { createProgramLines, type ExitCode, type WriteLine } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import type { Environment } from "../environment.ts";

/** A terminal that can write over its last line. */
export interface LiveTerminal {
  write(this: void, text: string): void;
  /** Characters of a line. */
  columns(this: void): number;
}

/** What the program is given by its process. */
export interface ProgramIo {
  /** Standard output: what a command is for. */
  readonly writeLine: WriteLine;
  /** Where standard output is a terminal, which can write over its last line. */
  readonly terminal?: LiveTerminal | null;
  /** Standard error: how it failed. */
  readonly writeError: WriteLine;
  /** Asks the person at the terminal; left out where there is none. */
  readonly ask?: (question: string) => Promise<string>;
  /** The same for what nobody may read over a shoulder. */
  readonly askSecret?: (question: string) => Promise<string>;
  /** Aborted when the person or the system wants the program to stop. */
  readonly signal: AbortSignal;
}

/** Reports how a command failed, in the form of all programs of the house. Answers the exit code. */
export function reportFailure(error: unknown, json: boolean, { writeLine, writeError }: ProgramIo): ExitCode {
  return createProgramLines({ app: "issuer", json, writeLine, writeError }).failed(asFailure(error));
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
