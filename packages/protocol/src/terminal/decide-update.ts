import { equalBytes } from "../bytes/bytes.ts";
import type { SelectAnswer } from "../card/select-answer.ts";
import { cardStates } from "../objects/card-state.ts";
import type { Address } from "../parties/address.ts";
import type { Domain } from "../parties/domain.ts";
import { cardTag } from "../parties/public-key.ts";
import { type CachedState, cardStateFault, statusFault, type TapPolicy } from "./decide-tap.ts";
import type { ReasonCode } from "./reasons.ts";
import { protocolEngine, type SignatureEngine } from "./signature-checks.ts";
import { verifyAllowance } from "./verify-allowance.ts";

/** Whether a card may be given a newer allowance, or the first thing that stands against it. */
export type UpdateDecision =
  | {
      readonly ok: true;
      readonly domain: Domain;
      /** Derived from the card's key. */
      readonly card: Address;
      /** The list shows it suspended: it is updated and proves its state, and pays nothing. */
      readonly suspended: boolean;
    }
  | { readonly ok: false; readonly reason: ReasonCode };

/**
 * Whether UPDATE ALLOWANCE may be sent to a card (spec §5.10): rules 1, 2 and 4 of §5.4 on what it
 * shows, where CARD_SUSPENDED and STATUS_SUSPENDED do not stand against it. Pure; `time` is seconds.
 */
export function decideUpdate(
  policy: Pick<TapPolicy, "domains" | "issuerKeys" | "freshness">,
  state: Pick<CachedState, "statusLists" | "convicted">,
  select: SelectAnswer,
  time: number,
  engine: SignatureEngine = protocolEngine,
): UpdateDecision {
  const fault = select.state === cardStates.suspended ? null : cardStateFault(select);
  if (fault !== null) return { ok: false, reason: fault };
  const domain = policy.domains.find((served) => equalBytes(cardTag(served, select.cardKey), select.cardTag));
  if (domain === undefined) return { ok: false, reason: "DOMAIN_NOT_SERVED" };
  const { cardKey, allowanceBody: body, allowanceSignature: signature } = select;
  const allowance = verifyAllowance({ domain, cardKey, body, signature }, policy.issuerKeys, engine);
  if (!allowance.ok) return { ok: false, reason: allowance.reason };
  const status = statusFault(policy, state, { domain, index: body.cardIndex, time });
  const suspended = status === "STATUS_SUSPENDED";
  if (status !== null && !suspended) return { ok: false, reason: status };
  // A list that shows the card suspended says nothing of what this terminal knows.
  if (state.convicted) return { ok: false, reason: "STATUS_REVOKED" };
  return { ok: true, domain, card: allowance.card, suspended };
}
