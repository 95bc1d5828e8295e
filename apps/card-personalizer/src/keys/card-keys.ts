import {
  aesKeyCheckValue,
  bytesToHex,
  createKeySet,
  deriveKdf3KeySet,
  desKeySet,
  kdf3KeySet,
  type KeySet,
} from "@tallystick/apdu";
import type { CardMasterKey } from "@tallystick/keystore";

/** Version of GlobalPlatform's initial keys: the first set that is put takes their place. */
export const INITIAL_KEY_VERSION = 0xff;

/** Version under which earlier releases put the keys of cards. */
export const FORMER_OWN_KEY_VERSION = 0x01;

/**
 * Where card keys come from: a master key in a development file or in an HSM. A key set lives only while a channel is
 * opened or keys are replaced, and is destroyed then.
 */
export interface CardKeys {
  /** The keys of one card of ours, by the ten bytes with which it names itself. */
  derive(diversificationData: Uint8Array): Promise<KeySet>;
  /** Distinguishes master keys without showing them: the check value. */
  readonly name: string;
}

/** Keys of ours: derived from a master key by kdf3, where that is held, under the version that cards get. */
export function createMasterKeys(master: CardMasterKey, version: number): CardKeys {
  return {
    name: bytesToHex(master.checkValue),
    derive: async (diversificationData) => await deriveKdf3KeySet(master, { version, diversificationData }),
  };
}

/** The keys that cards get now, and those that cards got before and are opened with until they have the new ones. */
export interface MasterKeys extends CardKeys {
  readonly former: readonly CardKeys[];
}

/** The keys that cards of a stock come with. */
export interface StockKeys extends CardKeys {
  readonly version: number;
  /** Everybody knows them (GlobalPlatform's test keys 40…): production refuses them. */
  readonly areDefault: boolean;
}

/** GlobalPlatform's test keys 40, 41 … of a length in bits. */
export function createDefaultKeys({
  version,
  keyBits,
}: {
  readonly version: number;
  readonly keyBits: number;
}): StockKeys {
  const derive = async (): Promise<KeySet> => {
    const key = Uint8Array.from({ length: keyBits / 8 }, (_, index) => 0x40 + index);
    return createKeySet({ version, enc: key, mac: key, dek: key });
  };
  return { name: keyBits === 128 ? "default" : `default-${keyBits}`, version, areDefault: true, derive };
}

/** Transport keys of a maker's: each card's own by a derivation from the maker's master key, or one key for all. */
export function createTransportKeys(
  key: Uint8Array,
  { version, kdf }: { readonly version: number; readonly kdf: "kdf3" | "emv" | "visa2" | "none" },
): StockKeys {
  const master = key.slice();
  const derive = async (diversificationData: Uint8Array): Promise<KeySet> => {
    if (kdf === "none") return createKeySet({ version, enc: master, mac: master, dek: master });
    if (kdf === "kdf3") return kdf3KeySet(master, { version, diversificationData });
    return desKeySet(master, { version, diversificationData, rule: kdf });
  };
  return { name: `${kdf}-${bytesToHex(aesKeyCheckValue(master))}`, version, areDefault: false, derive };
}
