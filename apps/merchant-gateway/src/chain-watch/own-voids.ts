import { addressOfKey, toHex } from "@tallystick/protocol";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/voucher-store.ts";

/**
 * The till's own vouchers, not final, whose counter a card's owner wants to void: to be settled before the request is ripe, or
 * the vault never pays them (spec §7.5).
 */
export function voidsOfOwn(journal: Journal, domain: Pick<ServedDomain, "domainBytes">): readonly VoucherRecord[] {
  return ownAmong(journal, domain, journal.chainFacts.voids(domain.domainBytes));
}

/** The till's own vouchers, not final, that the vault never pays any more because their counter was voided. */
export function voidedOfOwn(journal: Journal, domain: Pick<ServedDomain, "domainBytes">): readonly VoucherRecord[] {
  return ownAmong(journal, domain, journal.chainFacts.allVoided(domain.domainBytes));
}

function ownAmong(
  journal: Journal,
  { domainBytes }: Pick<ServedDomain, "domainBytes">,
  counters: readonly { readonly card: Uint8Array; readonly counter: number }[],
): readonly VoucherRecord[] {
  const asked = new Set(counters.map(({ card, counter }) => `${toHex(card)}/${counter}`));
  if (asked.size === 0) return [];
  return journal.vouchers
    .notFinal(domainBytes)
    .filter(({ cardKey, counter }) => asked.has(`${toHex(addressOfKey(cardKey))}/${counter}`));
}
