import {
  bytesToHex,
  C_DECRYPTION,
  C_MAC,
  isApduError,
  openScp03,
  R_MAC,
  type CardChannel,
  type KeySet,
  type SecureSession,
} from "@tallystick/apdu";
import {
  DEFAULT_KEYS_NAME,
  DEFAULT_KEY_VERSION,
  defaultKeys,
  OWN_KEY_VERSION,
  type CardKeys,
} from "../keys/card-keys.ts";
import { Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";

/** The level of personalization: commands carry a MAC and are enciphered, answers carry a MAC (spec §4.10). */
const PERSONALIZATION_LEVEL = C_MAC | C_DECRYPTION | R_MAC;

export interface IdentifyOptions {
  readonly keys: CardKeys;
  readonly journal: Journal;
  /** Development, or allowed once on the command line. */
  readonly allowDefaultKeys: boolean;
  /** Try keys that were refused before once more. */
  readonly retryKeys: boolean;
  readonly nowMs: number;
  readonly hostChallenge: Uint8Array;
  /**
   * Judges the card by the name that it gave, before any key is used: throws Failure where another card is expected.
   */
  readonly checkCard: (cardName: string) => void;
}

export interface IdentifiedSession {
  readonly session: SecureSession;
  readonly cardName: string;
  readonly hasDefaultKeys: boolean;
}

/**
 * Opens the personalization channel with whatever is selected. The card first says its name and its key version; only a
 * card that `checkCard` lets pass is authenticated, with the one key set that fits, once. Keys that a card did not know are
 * remembered and not tried again.
 */
export async function openIdentifiedSession(
  channel: CardChannel,
  options: IdentifyOptions,
): Promise<IdentifiedSession> {
  const tried: { cardName: string; keysName: string; keys: KeySet }[] = [];
  try {
    const session = await openScp03(channel, {
      securityLevel: PERSONALIZATION_LEVEL,
      hostChallenge: options.hostChallenge,
      keys: async ({ diversificationData, keyVersion }) => {
        const cardName = bytesToHex(diversificationData).toLowerCase();
        options.checkCard(cardName);
        const choice = await chooseKeys(options, { cardName, diversificationData, keyVersion });
        tried.push({ cardName, ...choice });
        return choice.keys;
      },
    });
    const cardName = bytesToHex(session.diversificationData).toLowerCase();
    return { session, cardName, hasDefaultKeys: session.keyVersion === DEFAULT_KEY_VERSION };
  } catch (error) {
    const [attempt] = tried;
    if (attempt !== undefined && isApduError(error, "WRONG_KEYS")) {
      options.journal.rememberRefusedKeys(attempt.cardName, attempt.keysName, options.nowMs);
    }
    throw error;
  } finally {
    for (const { keys } of tried) keys.destroy();
  }
}

async function chooseKeys(
  { keys, journal, allowDefaultKeys, retryKeys }: IdentifyOptions,
  card: { readonly cardName: string; readonly diversificationData: Uint8Array; readonly keyVersion: number },
): Promise<{ keysName: string; keys: KeySet }> {
  const isDefault = card.keyVersion === DEFAULT_KEY_VERSION;
  if (isDefault && !allowDefaultKeys) throw new Failure("DEFAULT_KEYS_REFUSED");
  if (!isDefault && card.keyVersion !== OWN_KEY_VERSION) {
    throw new Failure("WRONG_KEYS", `The card holds key version ${card.keyVersion}; ours is ${OWN_KEY_VERSION}.`);
  }
  const keysName = isDefault ? DEFAULT_KEYS_NAME : keys.name;
  if (retryKeys) journal.allowKeysAgain(card.cardName, keysName);
  if (journal.areKeysRefused(card.cardName, keysName)) throw new Failure("KEYS_REFUSED_BEFORE");
  return { keysName, keys: isDefault ? defaultKeys() : await keys.derive(card.diversificationData) };
}
