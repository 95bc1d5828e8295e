import {
  encodeDerSignature,
  isProtocolError,
  normalizeCardSignature,
  toHex,
  type Address,
  type Domain,
} from "@tallystick/protocol";
import { Failure } from "../failures.ts";

/** What is written to a card about itself and its issuer. */
export interface CardIdentity {
  readonly domain: Domain;
  readonly issuerKey: { readonly id: number; readonly publicKey: Uint8Array };
  readonly owner: Address;
  /** 16 fresh random bytes. */
  readonly challenge: () => Uint8Array;
}

/**
 * The card's signature as r ‖ s; throws Failure CARD_CONTRADICTS where it is not this card's over these bytes. A signature
 * that is the card's and is not written in DER is named as that (CARD_NOT_SUITABLE) and not taken: terminals, merchants
 * and auditors would refuse every voucher of this card.
 */
export function checkCardSignature(
  command: string,
  { der, digest, cardKey }: { der: Uint8Array; digest: Uint8Array; cardKey: Uint8Array },
): Uint8Array {
  try {
    return normalizeCardSignature(der, digest, cardKey).signature;
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    if (isSignedOtherwise({ der, digest, cardKey }))
      throw new Failure(
        "CARD_NOT_SUITABLE",
        `${command} is signed by its own key, but the signature's encoding is no DER.`,
      );
    throw new Failure("CARD_CONTRADICTS", `${command} is not signed by the card's own key.`);
  }
}

/** Whether two numbers of whatever length in the form of DER are this card's signature. */
function isSignedOtherwise(signed: { der: Uint8Array; digest: Uint8Array; cardKey: Uint8Array }): boolean {
  const scalars = readScalars(signed.der);
  if (scalars === null) return false;
  try {
    const [r = 0n, s = 0n] = scalars;
    normalizeCardSignature(encodeDerSignature({ r, s }), signed.digest, signed.cardKey);
    return true;
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/** SEQUENCE and two INTEGERs, each number taken as unsigned; null for any other form. */
function readScalars(bytes: Uint8Array): readonly bigint[] | null {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return null;
  const scalars: bigint[] = [];
  let at = 2;
  while (bytes[at] === 0x02 && scalars.length < 2) {
    const length = bytes[at + 1] ?? 0;
    const number = bytes.subarray(at + 2, at + 2 + length);
    if (number.length !== length || length === 0) return null;
    scalars.push(BigInt(toHex(number)));
    at += 2 + length;
  }
  return scalars.length === 2 && at === bytes.length ? scalars : null;
}
