import type { Address } from "../parties/address.ts";
import type { IssuerKey } from "../parties/issuer-key.ts";
import {
  type AllowanceFault,
  createSignatureChecks,
  protocolEngine,
  type SignatureEngine,
  type SignedAllowance,
} from "./signature-checks.ts";

/** An allowance's verdict: the card's address, or the fault. */
export type AllowanceVerdict =
  | { readonly ok: true; readonly card: Address }
  | { readonly ok: false; readonly reason: AllowanceFault };

/**
 * Whether the issuer allowed this card this body (spec §3.3). Nothing of validity or status is
 * judged here. Pure; never throws for anything a card or a network may send.
 */
export function verifyAllowance(
  allowance: SignedAllowance,
  issuerKeys: readonly IssuerKey[],
  engine: SignatureEngine = protocolEngine,
): AllowanceVerdict {
  const checks = createSignatureChecks(issuerKeys, engine);
  const card = checks.addressOf(allowance.cardKey);
  if (card === null) return { ok: false, reason: "CARD_KEY_INVALID" };
  const reason = checks.allowanceFault(card, allowance);
  return reason === null ? { ok: true, card } : { ok: false, reason };
}
