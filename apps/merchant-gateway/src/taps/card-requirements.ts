import { isReaderError } from "@tallystick/apdu";
import { certificateRequired, decodePayRequest, needsPin } from "@tallystick/protocol";
import type { TapCard } from "../reader/tap-card.ts";
import type { Chosen } from "./choose-instance.ts";
import type { TapCode } from "./tap-result.ts";

/** What a card may want before PAY: the shop's certificate, its holder's PIN. */
export interface Wishes {
  /** The 67 bytes of the PAY that is to follow; the PIN is bound to them. */
  readonly request: Uint8Array;
  /** One digit a byte; null when none was entered. */
  readonly pin: Uint8Array | null;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Whether PAY may follow, and whether the card took a PIN for it. */
export type Satisfied =
  | { readonly ok: true; readonly pinVerified: boolean }
  | { readonly ok: false; readonly code: TapCode; readonly sw: string | null };

/**
 * Gives the card what its allowance demands, by the state it showed in SELECT; usually that is nothing, and costs no command. A
 * PIN is sent only where the PIN rule asks for one (spec §4.5), so that no till learns a card's reaction to it without need.
 */
export async function satisfyCard(card: TapCard, chosen: Chosen, wishes: Wishes): Promise<Satisfied> {
  try {
    return (await showCertificate(card, chosen)) ?? (await showPin(card, chosen, wishes));
  } catch (error) {
    // The card has gone before PAY was sent: nothing is open.
    return { ok: false, code: isReaderError(error) ? error.code : "TORN", sw: null };
  }
}

async function showCertificate(card: TapCard, chosen: Chosen): Promise<Satisfied | null> {
  const { certificate } = chosen.policy.served;
  if (certificate === null || !certificateRequired(chosen.select.allowanceBody)) return null;
  const refusal = await card.presentCertificate(certificate);
  return refusal === null ? null : { ok: false, ...refusal };
}

async function showPin(card: TapCard, chosen: Chosen, { pin, request, randomBytes }: Wishes): Promise<Satisfied> {
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
