import type { Environment } from "../../environment.ts";
import { Failure, type FailureCode } from "../../failures.ts";
import { CHAIN_STALLED_SECONDS, PROGRAMME_POLL_MS, PROGRESS_SECONDS } from "../../limits.ts";
import type { ProgrammeChain } from "./programme-chain.ts";

/** How a wait stands: over, or what is there and what is lacking, in words. */
export type WaitState = { readonly done: true } | { readonly done: false; readonly stands: string };

/** Hears of a wait: at its beginning, when something changed, and now and then. */
export type WaitObserver = (wait: {
  readonly what: string;
  readonly stands: string;
  readonly secondsLeft: number;
}) => void;

export interface WaitOptions {
  readonly environment: Environment;
  readonly waitSeconds: number;
  readonly observe: WaitObserver;
  /** With a chain the wait is given up as soon as that chain makes no blocks: it could never end. */
  readonly chain?: Pick<ProgrammeChain, "block">;
}

/**
 * Asks until it is done. Throws `late` when the time is over, and CHAIN_STALLED when what has to happen on a chain
 * cannot, because that chain stands still.
 */
export async function waitFor(
  what: string,
  ask: () => Promise<WaitState>,
  { environment, waitSeconds, observe, chain, late }: WaitOptions & { readonly late: FailureCode },
): Promise<void> {
  const deadlineMs = environment.now() + waitSeconds * 1_000;
  const pulse = chain === undefined ? null : new Pulse(chain, environment);
  let told = { stands: "", atMs: 0 };
  for (;;) {
    const state = await ask();
    if (state.done) return;
    const now = environment.now();
    if (told.stands !== state.stands || now - told.atMs >= PROGRESS_SECONDS * 1_000) {
      told = { stands: state.stands, atMs: now };
      observe({ what, stands: state.stands, secondsLeft: Math.max(0, Math.ceil((deadlineMs - now) / 1_000)) });
    }
    if (now >= deadlineMs) throw new Failure(late, `${what}: ${state.stands}.`);
    await pulse?.assertBeats(what);
    await environment.pause(PROGRAMME_POLL_MS);
  }
}

/** Whether a chain makes blocks. */
class Pulse {
  readonly #chain: Pick<ProgrammeChain, "block">;
  readonly #environment: Environment;
  #newest = -1n;
  #sinceMs: number;

  constructor(chain: Pick<ProgrammeChain, "block">, environment: Environment) {
    this.#chain = chain;
    this.#environment = environment;
    this.#sinceMs = environment.now();
  }

  async assertBeats(what: string): Promise<void> {
    const number = (await this.#chain.block("latest"))?.number ?? -1n;
    const now = this.#environment.now();
    if (number !== this.#newest) {
      this.#newest = number;
      this.#sinceMs = now;
    } else if (now - this.#sinceMs >= CHAIN_STALLED_SECONDS * 1_000)
      throw new Failure(
        "CHAIN_STALLED",
        `${what} waits for it; its newest block has been ${number} for ${CHAIN_STALLED_SECONDS} s.`,
      );
  }
}
