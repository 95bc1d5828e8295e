import type { Config } from "../config/load-config.ts";
import type { Environment } from "../environment.ts";
import { Failure } from "../failures.ts";
import { POLL_MS } from "../limits.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";

/** What the steps need that settlement and the chain carry out. */
export interface FundingOptions {
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly owner: Uint8Array;
  /** Units. */
  readonly fund: bigint;
  readonly reference: string;
  readonly environment: Environment;
}

/** Whether it is so, and if not, what it waits for where that is known. */
export interface Finality {
  readonly is: boolean;
  readonly waitsFor?: string | null;
}

/** Asks until the answer is yes, the run is stopped, or finality takes longer than is configured. */
export async function untilFinal(
  { environment, config }: Pick<FundingOptions, "environment" | "config">,
  ask: () => Promise<Finality>,
): Promise<void> {
  const deadlineMs = environment.now() + config.finalityTimeoutSeconds * 1_000;
  for (;;) {
    const { is, waitsFor = null } = await ask();
    if (is) return;
    if (environment.now() >= deadlineMs)
      throw new Failure("NOT_FINAL", waitsFor === null ? undefined : `It waits for: ${waitsFor}.`);
    await environment.pause(POLL_MS);
  }
}

/** The idempotency key of a card's first deposit; each attempt after a failed one has its own. */
export function depositKey(attempt: number): string {
  return `first-deposit-${attempt}`;
}
