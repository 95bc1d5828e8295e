import type { Config } from "../config/load-config.ts";
import type { Environment } from "../environment.ts";
import { Failure } from "../failures.ts";
import { POLL_MS, TELL_EVERY_MS } from "../limits.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { ActionOf } from "./action-reason.ts";

/** What the steps need that settlement and the chain carry out. */
export interface FundingOptions extends ActionOf {
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly owner: Uint8Array;
  /** Units. */
  readonly fund: bigint;
  readonly environment: Environment;
  /** Hears at once of what is waited for, and again while it lasts. */
  readonly awaited?: ((wait: Awaited) => void) | undefined;
}

/** Something that only the chain can bring about. */
export interface Awaited {
  readonly what: string;
  /** The chain's newest and its newest final block, as settlement sees it; null where it does not say. */
  readonly block: string | null;
  readonly finalBlock: string | null;
  /** Milliseconds since 1970: when the wait began. */
  readonly sinceMs: number;
}

/** Whether it is so, and if not, what it waits for where that is known. */
export interface Finality {
  readonly is: boolean;
  readonly waitsFor?: string | null;
}

/** Asks until the answer is yes, the run is stopped, or finality takes longer than is configured. */
export async function untilFinal(
  options: Pick<FundingOptions, "environment" | "config" | "settlement" | "awaited">,
  ask: () => Promise<Finality>,
): Promise<void> {
  const { environment, config } = options;
  const sinceMs = environment.now();
  const deadlineMs = sinceMs + config.finalityTimeoutSeconds * 1_000;
  const teller = new WaitTeller(options, sinceMs);
  for (;;) {
    const { is, waitsFor = null } = await ask();
    if (is) return;
    await teller.tell(waitsFor ?? "the deposit to become final");
    if (environment.now() >= deadlineMs)
      throw new Failure("NOT_FINAL", waitsFor === null ? undefined : `It waits for: ${waitsFor}.`);
    await environment.pause(POLL_MS);
  }
}

/** Says what is waited for: at once, where it changes, and every so often while it lasts. */
export class WaitTeller {
  readonly #options: Pick<FundingOptions, "environment" | "settlement" | "awaited">;
  readonly #sinceMs: number;
  #told: { readonly what: string; readonly atMs: number } | null = null;

  constructor(options: Pick<FundingOptions, "environment" | "settlement" | "awaited">, sinceMs: number) {
    this.#options = options;
    this.#sinceMs = sinceMs;
  }

  async tell(what: string): Promise<void> {
    const { environment, settlement, awaited } = this.#options;
    if (awaited === undefined) return;
    const atMs = environment.now();
    if (this.#told?.what === what && atMs - this.#told.atMs < TELL_EVERY_MS) return;
    this.#told = { what, atMs };
    const { block = null, finalizedBlock: finalBlock = null } = await settlement.money();
    awaited({ what, block, finalBlock, sinceMs: this.#sinceMs });
  }
}

/** The idempotency key of a card's first deposit; each attempt after a failed one has its own. */
export function depositKey(attempt: number): string {
  return `first-deposit-${attempt}`;
}
