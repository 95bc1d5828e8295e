import { readMasterKeyBytes } from "@tallystick/keystore";
import { type KeyUse, KeyFileError } from "@tallystick/program";
import type { StockProfile } from "../config/stock-schema.ts";
import { createDefaultKeys, createTransportKeys, type StockKeys } from "./card-keys.ts";

/** How cards come from their maker, with the keys they come with. */
export interface Stock {
  readonly profile: StockProfile;
  readonly keys: StockKeys;
}

/** Reads the keys of a stock; throws KeyFileError. */
export function openStock(profile: StockProfile, use: KeyUse): Stock {
  const { keys, keyVersion: version, keyBits } = profile;
  if (keys === "default") return { profile, keys: createDefaultKeys({ version, keyBits }) };
  const master = readMasterKeyBytes(keys.file, use);
  const needsDes = keys.kdf === "emv" || keys.kdf === "visa2";
  if (needsDes && master.length !== 16)
    throw new KeyFileError(
      "KEY_FILE_MALFORMED",
      keys.file,
      `${keys.file} must hold a key of 16 bytes for ${keys.kdf}.`,
    );
  return { profile, keys: createTransportKeys(master, { version, kdf: keys.kdf }) };
}
