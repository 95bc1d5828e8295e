import { isReaderError } from "@tallystick/apdu";
import { certificateRequired, decodeMerchantCertificate, decodePayRequest, needsPin } from "@tallystick/protocol";
import type { GivenCertificate } from "../config/gateway-config.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { Chosen } from "./choose-instance.ts";
import type { TapCode } from "./tap-result.ts";

/** What a card's requirements are met with, beside the merchant's certificate. */
export interface RequirementInput {
  /** The 67 bytes of the PAY that is to follow; the PIN is bound to them. */
  readonly request: Uint8Array;
  /** One digit in each byte; null when none was entered. */
  readonly pin: Uint8Array | null;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Whether PAY may follow, and whether the card took a PIN for it. */
export type RequirementsOutcome =
  | { readonly ok: true; readonly pinVerified: boolean }
  | { readonly ok: false; readonly code: TapCode; readonly sw: string | null };

/**
 * Gives the card what its allowance requires before PAY: the merchant's certificate, the
 * cardholder's PIN. What it needs follows from the state that it showed in SELECT; usually that is
 * nothing, and costs no command. A PIN is sent only where the PIN rule asks for one (spec §4.5), so
 * that no terminal learns a card's reaction to it without need.
 */
export async function meetCardRequirements(
  card: TapCard,
  chosen: Chosen,
  input: RequirementInput,
): Promise<RequirementsOutcome> {
  try {
    return (await showCertificate(card, chosen)) ?? (await showPin(card, chosen, input));
  } catch (error) {
    // The card has gone before PAY was sent: nothing is open.
    return { ok: false, code: isReaderError(error) ? error.code : "TORN", sw: null };
  }
}

async function showCertificate(card: TapCard, chosen: Chosen): Promise<RequirementsOutcome | null> {
  const { certificate } = chosen.policy.served;
  const { allowanceBody } = chosen.select;
  if (certificate === null || !certificateRequired(allowanceBody)) return null;
  const refusal = await card.presentCertificate(certificateFor(certificate, allowanceBody.issuerKeyId));
  return refusal === null ? null : { ok: false, ...refusal };
}

/**
 * While several issuer keys sign, the one by the key that the card holds (spec §6.10), as its
 * allowance names it; the terminal's own where there is none by that key.
 */
function certificateFor(own: GivenCertificate, issuerKeyId: number): GivenCertificate {
  const { others = [] } = own;
  if (others.length === 0 || keyOf(own) === issuerKeyId) return own;
  return others.find((other) => keyOf(other) === issuerKeyId) ?? own;
}

function keyOf({ certificate }: GivenCertificate): number {
  return decodeMerchantCertificate(certificate).issuerKeyId;
}

async function showPin(
  card: TapCard,
  chosen: Chosen,
  { pin, request, randomBytes }: RequirementInput,
): Promise<RequirementsOutcome> {
  const { select, policy } = chosen;
  const pay = decodePayRequest(request);
  if (pin === null || !needsPin(select.allowanceBody, pay.amount, select)) return { ok: true, pinVerified: false };
  const terminal = {
    domain: policy.served.domain,
    cardKey: select.cardKey,
    challenge: randomBytes(16),
    ephemeralSecret: randomBytes(32),
  };
  const refusal = await card.verifyPin({ terminal, pin, request: pay });
  return refusal === null ? { ok: true, pinVerified: true } : { ok: false, ...refusal };
}
