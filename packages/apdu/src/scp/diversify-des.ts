import { assertLength } from "../iso7816/apdu-error.ts";
import { concatBytes } from "../iso7816/bytes.ts";
import { tripleDesEcbEncrypt } from "../crypto/des.ts";
import { DIVERSIFICATION_DATA_BYTES } from "./diversify-kdf3.ts";
import { createKeySet, KEY_IDENTIFIERS, type KeySet } from "./key-set.ts";

/**
 * Which bytes of the diversification data name the card: EMV CPS v1.1 takes the last six, Visa's
 * older rule others.
 */
export type DesDiversification = "emv" | "visa2";

/**
 * A card's own triple DES keys from an issuer's master key of 16 bytes: name ‖ F0 ‖ k ‖ name ‖ 0F ‖
 * k under the master key, k = 1 ENC, 2 MAC, 3 DEK. For old stock; new cards take kdf3.
 */
export function desKeySet(
  master: Uint8Array,
  card: {
    readonly version: number;
    readonly diversificationData: Uint8Array;
    readonly rule: DesDiversification;
  },
): KeySet {
  assertLength("diversification data", card.diversificationData, DIVERSIFICATION_DATA_BYTES);
  const data = card.diversificationData;
  const name = card.rule === "emv" ? data.slice(4, 10) : concatBytes(data.slice(0, 2), data.slice(4, 8));
  const derive = (identifier: number) =>
    tripleDesEcbEncrypt(
      master,
      concatBytes(name, Uint8Array.of(0xf0, identifier), name, Uint8Array.of(0x0f, identifier)),
    );
  const derived = {
    enc: derive(KEY_IDENTIFIERS.enc),
    mac: derive(KEY_IDENTIFIERS.mac),
    dek: derive(KEY_IDENTIFIERS.dek),
  };
  const keys = createKeySet({ version: card.version, ...derived });
  for (const key of Object.values(derived)) key.fill(0);
  return keys;
}
