import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import type { SettlementClient } from "./settlement-client.ts";

/**
 * What only settlement knows and no card should have to wait for: that the token is an issuer's, and
 * that the reference is free or `card`'s, where that is known. Throws Failure REFERENCE_TAKEN, and
 * SETTLEMENT_REFUSED for a token.
 */
export async function checkReference(
  settlement: SettlementClient,
  { reference, card }: { readonly reference: string; readonly card: string | null },
): Promise<void> {
  await settlement.issuer();
  const { cards } = await settlement.cards({ reference });
  const [other] = cards.filter((each) => each.card !== card);
  if (other !== undefined) throw new Failure("REFERENCE_TAKEN", `It is ${other.card}.`);
}

/**
 * Compares settlement with what is pinned here, before anything is written that a card keeps permanently. Throws Failure
 * ISSUER_KEY_MISMATCH.
 */
export async function checkSettlement(
  settlement: SettlementClient,
  { domain, cardIssuerKey, issuerKeys }: Pick<Config, "domain" | "cardIssuerKey" | "issuerKeys">,
): Promise<void> {
  const answer = await settlement.domain();
  const isSameDomain =
    answer.chainId === domain.chainId && answer.vault.toLowerCase() === toHex(domain.vault).toLowerCase();
  if (!isSameDomain) {
    throw new Failure("ISSUER_KEY_MISMATCH", `It serves chain ${answer.chainId} and vault ${answer.vault}.`);
  }
  const pinned = issuerKeys.find(({ id }) => id === cardIssuerKey.id);
  const isKnown = answer.issuerKeys.some(
    ({ id, publicKey }) => id === pinned?.id && equalBytes(fromHex(publicKey), pinned.publicKey),
  );
  if (!isKnown) throw new Failure("ISSUER_KEY_MISMATCH", `Key ${cardIssuerKey.id} is not among its keys.`);
}
