import { isProtocolError, normalizeCardSignature, type Address, type Domain } from "@tallystick/protocol";
import { Failure } from "../failures.ts";

/** What is written to a card about itself and its issuer. */
export interface CardIdentity {
  readonly domain: Domain;
  readonly issuerKey: { readonly id: number; readonly publicKey: Uint8Array };
  readonly owner: Address;
  /** 16 fresh random bytes. */
  readonly challenge: () => Uint8Array;
}

/** The card's signature as r ‖ s; throws Failure CARD_CONTRADICTS where it is not this card's over these bytes. */
export function checkCardSignature(
  command: string,
  { der, digest, cardKey }: { der: Uint8Array; digest: Uint8Array; cardKey: Uint8Array },
): Uint8Array {
  try {
    return normalizeCardSignature(der, digest, cardKey).signature;
  } catch (error) {
    if (isProtocolError(error))
      throw new Failure("CARD_CONTRADICTS", `${command} is not signed by the card's own key.`);
    throw error;
  }
}
