import { concatBytes, toHex } from "@tallystick/protocol";
import type { RecoverSigner } from "@tallystick/vault";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";

/**
 * Recovers signers among these cards only: their keys are known, so that no address is derived
 * again. Each signature is checked once, although a batch is simulated again whenever something is
 * left out of it.
 */
export function cardRecovery(
  engine: Pick<SignatureEngine, "keyOf">,
  cards: readonly { readonly card: Uint8Array; readonly card_key: Uint8Array }[],
): RecoverSigner {
  const addresses = new Map(cards.map(({ card, card_key }) => [toHex(card_key), card]));
  const known = new Map<string, Uint8Array | null>();
  return (digest, { r, s, parity }) => {
    const name = `${toHex(digest)}${toHex(r)}${toHex(s)}${parity}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const key = engine.keyOf(concatBytes(r, s), digest, parity);
    const signer = key === null ? null : (addresses.get(toHex(key)) ?? null);
    known.set(name, signer);
    return signer;
  };
}
