import { DEFAULT_END_MS, SAME_SIGNAL_MS } from "../limits.ts";
import { EXIT, type ExitCode, type ExitKind } from "../lines/exits.ts";
import { systemTimer, type Timer } from "../loops/timer.ts";

/** The signals by which a program is asked to end. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

const endSignals: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The part of a process that the end needs; a test has its own. */
export interface EndingProcess {
  on(signal: EndSignal, listener: () => void): unknown;
  off(signal: EndSignal, listener: () => void): unknown;
  /** Ends the process at once. */
  exit(code: ExitCode): void;
}

export interface GracefulEndOptions {
  /** Stops accepting, finishes what is under way, closes. Called once. */
  readonly end: () => Promise<void>;
  /** Milliseconds that `end` may take; then the process ends with `failed`. */
  readonly withinMs?: number;
  /**
   * How a program exits that ended in time: `done` for a service; `interrupted` for a command that
   * was in the middle.
   */
  readonly exit?: ExitKind;
  /** Says what happens, in a sentence; a log or standard error. */
  readonly report: (message: string) => void;
  readonly process?: EndingProcess;
  readonly timer?: Timer;
  /** Milliseconds, never running backwards. */
  readonly elapsed?: () => number;
}

/** A program that can be asked to end. */
export interface GracefulEnd {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Listens to signals no longer: the program ends by itself. */
  dispose(): void;
}

/**
 * Ends a program at the first SIGTERM, SIGINT or SIGHUP: what is under way is finished, and the
 * process exits with its code. A second signal, or `withinMs`, ends it at once.
 */
export function endGracefully(options: GracefulEndOptions): GracefulEnd {
  const { end, withinMs = DEFAULT_END_MS, exit = "done", report } = options;
  const own = options.process ?? process;
  const { timer = systemTimer, elapsed = () => performance.now() } = options;
  const asked = new AbortController();
  let firstAt: number | null = null;

  const leave = (kind: ExitKind): void => {
    own.exit(EXIT[kind]);
  };
  const begin = async (): Promise<void> => {
    const callOff = timer.after(withinMs, () => {
      report(`The program did not end within ${withinMs / 1_000} seconds; it ends now.`);
      leave("failed");
    });
    try {
      await end();
      leave(exit);
    } catch (error) {
      report(`The end failed: ${error instanceof Error ? error.message : String(error)}`);
      leave("failed");
    } finally {
      callOff();
    }
  };
  const listener = (): void => {
    const now = elapsed();
    if (firstAt === null) {
      firstAt = now;
      asked.abort();
      void begin();
    } else if (now - firstAt >= SAME_SIGNAL_MS) {
      report("A second signal: the program ends at once.");
      leave("interrupted");
    }
  };
  for (const signal of endSignals) own.on(signal, listener);
  return {
    signal: asked.signal,
    dispose: () => {
      for (const signal of endSignals) own.off(signal, listener);
    },
  };
}
