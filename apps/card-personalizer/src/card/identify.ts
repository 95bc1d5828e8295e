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
import { FORMER_OWN_KEY_VERSION, type CardKeys, type MasterKeys } from "../keys/card-keys.ts";
import type { Stock } from "../keys/stock.ts";
import { Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";

/** The level of personalization: commands carry a MAC and are enciphered, answers carry a MAC (spec §4.10). */
const PERSONALIZATION_LEVEL = C_MAC | C_DECRYPTION | R_MAC;

/** What a card answers to a challenge of the other mode's length. */
const WRONG_LENGTH = 0x6700;

export interface IdentifyOptions {
  readonly keys: MasterKeys;
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
  /** Name of the keys that opened it: of a master key of ours, its check value. */
  readonly keysName: string;
  /** The bytes that diversify its keys are all alike: cards of this stock get equal keys. */
  readonly sharesKeys: boolean;
}

/** The card's ten bytes are all alike and name nothing; its CPLC has to be read, which is the security domain's. */
export class UnnamedCard extends Error {
  override readonly name = "UnnamedCard";
}

/** One key set that a card was asked with. */
interface Attempt {
  readonly cardName: string;
  readonly keysName: string;
  readonly keys: KeySet;
  readonly isStock: boolean;
}

/**
 * Opens the personalization channel with whatever is selected. The card first says its name and its key version; only a
 * card that `checkCard` lets pass is authenticated. Where it may have keys of several master keys of ours, that which the
 * journal knows comes first; each is tried once, against the card's own cryptogram, so that the card counts no failure.
 * Keys that a card did not know are remembered and not tried again. `chipName` names the card in place of its ten bytes;
 * throws UnnamedCard where they name nothing and there is none.
 */
export async function openIdentifiedSession(
  channel: CardChannel,
  chipName: string | null,
  options: IdentifyOptions,
): Promise<IdentifiedSession> {
  const tried: Attempt[] = [];
  try {
    for (;;) {
      const before = tried.length;
      let others = 0;
      try {
        const session = await openOnce(channel, chipName, {
          options,
          choose: async (card) => {
            const { keysOfCard, isStock } = candidatesFor(options, card);
            const [keys] = keysOfCard;
            if (keys === undefined) throw new Failure("KEYS_REFUSED_BEFORE");
            others = keysOfCard.length - 1;
            tried.push({ ...card, keysName: keys.name, keys: await keys.derive(card.diversificationData), isStock });
            return tried.at(-1) as Attempt;
          },
        });
        return identified(session, chipName, tried.at(-1) as Attempt, options);
      } catch (error) {
        const attempt = tried[before];
        if (attempt === undefined || !isApduError(error, "WRONG_KEYS")) throw error;
        options.journal.rememberRefusedKeys(attempt.cardName, attempt.keysName, options.nowMs);
        if (others === 0) throw error;
      }
    }
  } finally {
    for (const { keys } of tried) keys.destroy();
  }
}

/** What a card says of itself before any key is used. */
interface NamedCard {
  readonly cardName: string;
  readonly diversificationData: Uint8Array;
  readonly keyVersion: number;
}

async function openOnce(
  channel: CardChannel,
  chipName: string | null,
  how: { readonly options: IdentifyOptions; readonly choose: (card: NamedCard) => Promise<Attempt> },
): Promise<SecureSession> {
  const { checkCard, randomBytes, stock } = how.options;
  const { mode, skipsEmptyCommands } = stock.profile;
  let hasChosen = false;
  try {
    return await openScp03(channel, {
      securityLevel: PERSONALIZATION_LEVEL,
      hostChallenge: randomBytes(mode === "S16" ? 16 : 8),
      skipsEmptyCommands,
      keys: async ({ diversificationData, keyVersion }) => {
        const cardName = nameOf(diversificationData, chipName);
        checkCard(cardName);
        const { keys } = await how.choose({ cardName, diversificationData, keyVersion });
        hasChosen = true;
        return keys;
      },
    });
  } catch (error) {
    if (isApduError(error, "STATUS") && !hasChosen && error.context["sw"] === WRONG_LENGTH)
      throw new Failure("CARD_NOT_SUITABLE", `It takes no challenge of mode ${mode}; compare stock.mode.`);
    throw error;
  }
}

function identified(
  session: SecureSession,
  chipName: string | null,
  { keysName, isStock }: Attempt,
  { journal }: IdentifyOptions,
): IdentifiedSession {
  const { diversificationData } = session;
  const cardName = nameOf(diversificationData, chipName);
  if (!isStock) journal.rememberKeys(cardName, keysName);
  return { session, cardName, hasStockKeys: isStock, keysName, sharesKeys: namesNothing(diversificationData) };
}

function nameOf(diversificationData: Uint8Array, chipName: string | null): string {
  if (chipName !== null) return chipName;
  if (namesNothing(diversificationData)) throw new UnnamedCard();
  return bytesToHex(diversificationData).toLowerCase();
}

/** The keys that a card may have, in the order in which they are tried, without those that it refused before. */
function candidatesFor(
  { keys, stock, journal, allowDefaultKeys, retryKeys }: IdentifyOptions,
  { cardName, keyVersion }: NamedCard,
): { readonly keysOfCard: readonly CardKeys[]; readonly isStock: boolean } {
  const isStock = keyVersion === stock.keys.version;
  if (isStock && stock.keys.areDefault && !allowDefaultKeys) throw new Failure("DEFAULT_KEYS_REFUSED");
  if (!isStock && keyVersion !== stock.profile.ownKeyVersion && keyVersion !== FORMER_OWN_KEY_VERSION) {
    const [found, known, own] = [keyVersion, stock.keys.version, stock.profile.ownKeyVersion].map(versionText);
    throw new Failure(
      "KEY_VERSION_UNKNOWN",
      `It holds version ${found}; its stock comes with ${known}, ours is ${own}.`,
    );
  }
  const all = isStock ? [stock.keys] : inOrderOf(journal.keysOfCard(cardName), [keys, ...keys.former]);
  if (retryKeys) for (const { name } of all) journal.allowKeysAgain(cardName, name);
  return { keysOfCard: all.filter(({ name }) => !journal.areKeysRefused(cardName, name)), isStock };
}

/** Those that the journal knows first, in its order. */
function inOrderOf(known: readonly string[], all: readonly CardKeys[]): readonly CardKeys[] {
  const found = known.flatMap((name) => all.filter((keys) => keys.name === name));
  return [...found, ...all.filter((keys) => !found.includes(keys))];
}

function versionText(version: number): string {
  return version.toString(16).toUpperCase().padStart(2, "0");
}
