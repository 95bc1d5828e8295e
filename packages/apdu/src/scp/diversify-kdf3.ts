import { assertLength } from "../iso7816/apdu-error.ts";
import { concatBytes } from "../iso7816/bytes.ts";
import { AES_BLOCK_BYTES } from "../crypto/aes.ts";
import { counterModeKdf } from "./kdf.ts";
import { createKeySet, KEY_IDENTIFIERS, type KeyPurpose, type KeySet } from "./key-set.ts";

/** Bytes of key diversification data in the answer to INITIALIZE UPDATE. */
export const DIVERSIFICATION_DATA_BYTES = 10;

/**
 * A card's own AES key from an issuer's master key, by "kdf3": CMAC(master, counter ‖ 00 00 00 ‖ k
 * ‖ 00 ‖ diversification data), k = 1 ENC, 2 MAC, 3 DEK. The derived key has the length of the
 * master key.
 */
export function kdf3(master: Uint8Array, purpose: KeyPurpose, diversificationData: Uint8Array): Uint8Array {
  assertLength("diversification data", diversificationData, DIVERSIFICATION_DATA_BYTES);
  const constant = Uint8Array.of(0, 0, 0, KEY_IDENTIFIERS[purpose], 0);
  return counterModeKdf(master, {
    before: new Uint8Array(0),
    after: concatBytes(constant, diversificationData),
    length: master.length,
  });
}

/** A master key that computes where it is held, as an HSM does. */
export interface DerivingKey {
  /** Bytes of the key: 16, 24 or 32. */
  readonly bytes: number;
  /** AES-CMAC of a message; 16 bytes. */
  readonly cmac: (message: Uint8Array) => Promise<Uint8Array>;
}

/** All three keys of one card, derived where the master key is held: the same as `kdf3KeySet` derives. */
export async function deriveKdf3KeySet(
  master: DerivingKey,
  card: { readonly version: number; readonly diversificationData: Uint8Array },
): Promise<KeySet> {
  const { version, diversificationData } = card;
  assertLength("diversification data", diversificationData, DIVERSIFICATION_DATA_BYTES);
  const derive = async (purpose: KeyPurpose): Promise<Uint8Array> => {
    const blocks: Uint8Array[] = [];
    for (let counter = 1; blocks.length * AES_BLOCK_BYTES < master.bytes; counter += 1) {
      const before = Uint8Array.of(counter, 0, 0, 0, KEY_IDENTIFIERS[purpose], 0);
      blocks.push(await master.cmac(concatBytes(before, diversificationData)));
    }
    return concatBytes(...blocks).slice(0, master.bytes);
  };
  const [enc, mac, dek] = [await derive("enc"), await derive("mac"), await derive("dek")];
  const keys = createKeySet({ version, enc, mac, dek });
  for (const key of [enc, mac, dek]) key.fill(0);
  return keys;
}

/** All three keys of one card. */
export function kdf3KeySet(
  master: Uint8Array,
  card: { readonly version: number; readonly diversificationData: Uint8Array },
): KeySet {
  const derived = (["enc", "mac", "dek"] as const).map((purpose) => kdf3(master, purpose, card.diversificationData));
  const [enc, mac, dek] = derived as [Uint8Array, Uint8Array, Uint8Array];
  const keys = createKeySet({ version: card.version, enc, mac, dek });
  for (const key of derived) key.fill(0);
  return keys;
}
