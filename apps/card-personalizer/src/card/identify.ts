import {
  bytesToHex,
  C_DECRYPTION,
  C_MAC,
  isApduError,
  namesNothing,
  openScp03,
  R_MAC,
  type CardChannel,
  type KeySet,
  type SecureSession,
} from "@tallystick/apdu";
import { FORMER_OWN_KEY_VERSION, type CardKeys } from "../keys/card-keys.ts";
import type { Stock } from "../keys/stock.ts";
import { Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";

/** The level of personalization: commands carry a MAC and are enciphered, answers carry a MAC (spec §4.10). */
const PERSONALIZATION_LEVEL = C_MAC | C_DECRYPTION | R_MAC;

/** What a card answers to a challenge of the other mode's length. */
const WRONG_LENGTH = 0x6700;

export interface IdentifyOptions {
  readonly keys: CardKeys;
  readonly stock: Stock;
  readonly journal: Journal;
  /** Development, or allowed once on the command line. */
  readonly allowDefaultKeys: boolean;
  /** Try keys that were refused before once more. */
  readonly retryKeys: boolean;
  readonly nowMs: number;
  readonly randomBytes: (length: number) => Uint8Array;
  /**
   * Judges the card by the name that it gave, before any key is used: throws Failure where another card is expected.
   */
  readonly checkCard: (cardName: string) => void;
}

export interface IdentifiedSession {
  readonly session: SecureSession;
  readonly cardName: string;
  /** The keys are still those that the card came with. */
  readonly hasStockKeys: boolean;
  /** The bytes that diversify its keys are all alike: cards of this stock get equal keys. */
  readonly sharesKeys: boolean;
}

/** The card's ten bytes are all alike and name nothing; its CPLC has to be read, which is the security domain's. */
export class UnnamedCard extends Error {
  override readonly name = "UnnamedCard";
}

/**
 * Opens the personalization channel with whatever is selected. The card first says its name and its key version; only a
 * card that `checkCard` lets pass is authenticated, with the one key set that fits, once. Keys that a card did not know are
 * remembered and not tried again. `chipName` names the card in place of its ten bytes; throws UnnamedCard where they name
 * nothing and there is none.
 */
export async function openIdentifiedSession(
  channel: CardChannel,
  chipName: string | null,
  options: IdentifyOptions,
): Promise<IdentifiedSession> {
  const tried: { cardName: string; keysName: string; keys: KeySet; isStock: boolean }[] = [];
  const { mode, skipsEmptyCommands } = options.stock.profile;
  try {
    const session = await openScp03(channel, {
      securityLevel: PERSONALIZATION_LEVEL,
      hostChallenge: options.randomBytes(mode === "S16" ? 16 : 8),
      skipsEmptyCommands,
      keys: async ({ diversificationData, keyVersion }) => {
        const cardName = nameOf(diversificationData, chipName);
        options.checkCard(cardName);
        const choice = await chooseKeys(options, { cardName, diversificationData, keyVersion });
        tried.push({ cardName, ...choice });
        return choice.keys;
      },
    });
    const { diversificationData } = session;
    return {
      session,
      cardName: nameOf(diversificationData, chipName),
      hasStockKeys: tried[0]?.isStock === true,
      sharesKeys: namesNothing(diversificationData),
    };
  } catch (error) {
    const [attempt] = tried;
    if (attempt !== undefined && isApduError(error, "WRONG_KEYS")) {
      options.journal.rememberRefusedKeys(attempt.cardName, attempt.keysName, options.nowMs);
    }
    if (isApduError(error, "STATUS") && attempt === undefined && error.context["sw"] === WRONG_LENGTH)
      throw new Failure("CARD_NOT_SUITABLE", `It takes no challenge of mode ${mode}; compare stock.mode.`);
    throw error;
  } finally {
    for (const { keys } of tried) keys.destroy();
  }
}

function nameOf(diversificationData: Uint8Array, chipName: string | null): string {
  if (chipName !== null) return chipName;
  if (namesNothing(diversificationData)) throw new UnnamedCard();
  return bytesToHex(diversificationData).toLowerCase();
}

async function chooseKeys(
  { keys, stock, journal, allowDefaultKeys, retryKeys }: IdentifyOptions,
  card: { readonly cardName: string; readonly diversificationData: Uint8Array; readonly keyVersion: number },
): Promise<{ keysName: string; keys: KeySet; isStock: boolean }> {
  const isStock = card.keyVersion === stock.keys.version;
  if (isStock && stock.keys.areDefault && !allowDefaultKeys) throw new Failure("DEFAULT_KEYS_REFUSED");
  if (!isStock && card.keyVersion !== stock.profile.ownKeyVersion && card.keyVersion !== FORMER_OWN_KEY_VERSION) {
    const [found, known, own] = [card.keyVersion, stock.keys.version, stock.profile.ownKeyVersion].map(versionText);
    throw new Failure(
      "KEY_VERSION_UNKNOWN",
      `It holds version ${found}; its stock comes with ${known}, ours is ${own}.`,
    );
  }
  const source: CardKeys = isStock ? stock.keys : keys;
  if (retryKeys) journal.allowKeysAgain(card.cardName, source.name);
  if (journal.areKeysRefused(card.cardName, source.name)) throw new Failure("KEYS_REFUSED_BEFORE");
  return { keysName: source.name, keys: await source.derive(card.diversificationData), isStock };
}

function versionText(version: number): string {
  return version.toString(16).toUpperCase().padStart(2, "0");
}
