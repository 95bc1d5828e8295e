import { toHex } from "@tallystick/protocol";
import type { ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { cardAddress } from "../../keys/card-address.ts";

/**
 * The terminal's own vouchers, not final, whose counter a card's owner wants to void: they must be settled before the request is ripe, or
 * the vault never pays them (spec §7.5).
 */
export function voidsOfOwn(
  { vouchers, chainEvents }: Pick<Journal, "vouchers" | "chainEvents">,
  { domainBytes }: Pick<ServedDomain, "domainBytes">,
): readonly VoucherRecord[] {
  return ownAmong(vouchers.withCounterIn("chain_void", domainBytes), () => chainEvents.voids(domainBytes));
}

/** The terminal's own vouchers, not final, that the vault will never pay because their counter was voided. */
export function voidedOfOwn(
  { vouchers, chainEvents }: Pick<Journal, "vouchers" | "chainEvents">,
  { domainBytes }: Pick<ServedDomain, "domainBytes">,
): readonly VoucherRecord[] {
  return ownAmong(vouchers.withCounterIn("chain_voided", domainBytes), () => chainEvents.allVoided(domainBytes));
}

/** Other cards use the same numbers, so the address decides. */
function ownAmong(
  candidates: readonly VoucherRecord[],
  counters: () => readonly { readonly card: Uint8Array; readonly counter: number }[],
): readonly VoucherRecord[] {
  if (candidates.length === 0) return [];
  const asked = new Set(counters().map(({ card, counter }) => `${toHex(card)}/${counter}`));
  return candidates.filter(({ cardKey, counter }) => asked.has(`${toHex(cardAddress(cardKey))}/${counter}`));
}
