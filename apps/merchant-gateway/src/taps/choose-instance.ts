import { cardTag, equalBytes, type SelectAnswer } from "@tallystick/protocol";
import { MAX_INSTANCES } from "../limits.ts";
import type { SelectOutcome } from "../reader/select-card.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { DomainPolicy } from "../config/policies.ts";
import type { TapCode } from "./tap-result.ts";

/** An instance of the card's applet that holds the currency of this sale. */
export interface Chosen {
  /** 1 … MAX_INSTANCES: the last byte of its AID. */
  readonly instance: number;
  readonly policy: DomainPolicy;
  readonly select: SelectAnswer;
  readonly bytes: Uint8Array;
  /** Commands sent until it was found. */
  readonly apdus: number;
}

/** Why no instance can pay this sale. */
export interface NothingToChoose {
  readonly code: TapCode;
  readonly sw: string | null;
}

/**
 * Reads the instances upwards to the first that holds the currency of this sale (spec §2.2);
 * usually that is one SELECT.
 */
export async function chooseInstance(
  domains: readonly DomainPolicy[],
  card: TapCard,
  first: SelectOutcome,
): Promise<Chosen | NothingToChoose> {
  let outcome = first;
  let refusal: NothingToChoose | null = null;
  for (let instance = 1; ; instance += 1) {
    if (outcome.kind === "card") {
      const { select, bytes } = outcome;
      const policy = domains.find(({ served }) => equalBytes(cardTag(served.domain, select.cardKey), select.cardTag));
      if (policy !== undefined) return { instance, policy, select, bytes, apdus: card.apdus };
      refusal = { code: "DOMAIN_NOT_SERVED", sw: null };
    } else {
      refusal ??= { code: outcome.code, sw: outcome.sw };
      if (outcome.absent) return refusal;
    }
    if (instance === MAX_INSTANCES) return refusal;
    try {
      outcome = await card.select(instance + 1);
    } catch {
      return refusal;
    }
  }
}
