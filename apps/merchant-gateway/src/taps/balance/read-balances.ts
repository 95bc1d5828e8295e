import { cardTag, equalBytes } from "@tallystick/protocol";
import { MAX_INSTANCES } from "../../limits.ts";
import type { CardSession } from "../../reader/card-session.ts";
import type { TapEngineParts } from "../sale.ts";
import type { TapCode } from "../tap-result.ts";
import { balanceOf, type CardBalance } from "./card-balance.ts";
import { type CardLog, readCardLog } from "./card-log.ts";

/** A currency on a card, with its last payments where a PIN was entered. */
export interface ReadBalance extends CardBalance {
  readonly log: CardLog | null;
}

/** What a card shows, or why it shows nothing that this terminal serves. */
export type BalanceReading =
  | { readonly ok: true; readonly balances: readonly ReadBalance[] }
  | { readonly ok: false; readonly code: TapCode; readonly sw: string | null };

/**
 * Reads every currency that a card has and this terminal serves, by SELECT alone (spec §5.15): no payment is begun,
 * nothing is written, and no network is needed. With a PIN the last payments of the first of them as well.
 */
export async function readBalances(
  parts: TapEngineParts,
  { card, first }: CardSession,
  pin: Uint8Array | null,
): Promise<BalanceReading> {
  const balances: CardBalance[] = [];
  let refusal: { readonly code: TapCode; readonly sw: string | null } | null = null;
  let outcome = first;
  for (let instance = 1; ; instance += 1) {
    if (outcome.kind === "card") {
      const { select } = outcome;
      const policy = parts.policies
        .all()
        .find(({ served }) => equalBytes(cardTag(served.domain, select.cardKey), select.cardTag));
      if (policy === undefined) refusal ??= { code: "DOMAIN_NOT_SERVED", sw: null };
      else balances.push(balanceOf(parts, { policy, instance, select }));
    } else {
      refusal ??= { code: outcome.code, sw: outcome.sw };
      if (outcome.absent) break;
    }
    if (instance === MAX_INSTANCES) break;
    try {
      outcome = await card.select(instance + 1);
    } catch {
      break;
    }
  }
  const [main, ...others] = balances;
  if (main === undefined) return { ok: false, ...(refusal ?? { code: "CARD_NOT_TALLYSTICK", sw: null }) };
  const log = pin === null ? null : await readCardLog(parts, card, { balance: main, pin });
  return { ok: true, balances: [{ ...main, log }, ...others.map((other) => ({ ...other, log: null }))] };
}
