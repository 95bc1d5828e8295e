import { aesKeyCheckValue, bytesToHex, createKeySet, kdf3KeySet, type KeySet } from "@tallystick/apdu";

/** Version that cards leave the factory with. */
export const DEFAULT_KEY_VERSION = 0xff;

/** Version of the keys that the personalizer puts. */
export const OWN_KEY_VERSION = 0x01;

/**
 * Where card keys come from: a development file here, an HSM behind the same port in production. A key set lives only
 * while a channel is opened or keys are replaced, and is destroyed then.
 */
export interface CardKeys {
  /** The keys of one card of ours, by the ten bytes with which it names itself. */
  derive(diversificationData: Uint8Array): Promise<KeySet>;
  /** Distinguishes master keys without showing them: the check value. */
  readonly name: string;
}

/** Keys derived from a master key in memory by kdf3. */
export function createMasterKeys(masterKey: Uint8Array): CardKeys {
  const master = masterKey.slice();
  return {
    name: bytesToHex(aesKeyCheckValue(master)),
    derive: async (diversificationData) => kdf3KeySet(master, { version: OWN_KEY_VERSION, diversificationData }),
  };
}

/** The keys that everybody knows (GlobalPlatform's test keys 40…4F). */
export function defaultKeys(): KeySet {
  const key = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);
  return createKeySet({ version: DEFAULT_KEY_VERSION, enc: key, mac: key, dek: key });
}

/** The name of the default keys where a refusal is remembered. */
export const DEFAULT_KEYS_NAME = "default";
