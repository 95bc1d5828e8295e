import {
  aesKeyCheckValue,
  bytesToHex,
  exchangeOk,
  putKeyCommand,
  verifyPutKeyAnswer,
  type KeySet,
  type SecureSession,
} from "@tallystick/apdu";
import type { IdentifiedSession } from "../../card/identify.ts";
import type { Journal } from "../../journal/journal.ts";
import { INITIAL_KEY_VERSION, type CardKeys } from "../../keys/card-keys.ts";
import type { StepRunner } from "../step-runner.ts";

/**
 * Step "keys" of spec §4.8: replaces the stock's keys by the card's own. A card whose own keys opened the session has them
 * already. The next channel is opened with the new keys, which is the proof; some chips confirm nothing in their answer.
 */
export async function replaceKeys(
  { session, hasStockKeys }: IdentifiedSession,
  steps: StepRunner,
  keys: CardKeys,
): Promise<void> {
  await steps.run("replace-keys", {
    work: async () => {
      const own = await keys.derive(session.diversificationData);
      try {
        if (hasStockKeys) await putOwnKeys(session, own);
        return { keys: keys.name, own: [own.enc, own.mac, own.dek].map(checkValueOf).join("-") };
      } finally {
        own.destroy();
      }
    },
  });
}

/** Six digits by which two parties compare a key without showing it. */
function checkValueOf(key: Uint8Array): string {
  return bytesToHex(aesKeyCheckValue(key));
}

/**
 * Moves a card of ours from a former master key to the present one, inside the channel of its security domain. Answers
 * the former one's name; null where the card has the present one already. PUT KEY is one command, so a card that is torn
 * has all of the old keys or all of the new ones; the journal knows both until a channel shows which.
 */
export async function moveKeys(
  { session, cardName, keysName, hasStockKeys }: IdentifiedSession,
  { keys, journal }: { readonly keys: CardKeys; readonly journal: Journal },
): Promise<string | null> {
  if (hasStockKeys || keysName === keys.name) return null;
  journal.expectKeys(cardName, keys.name);
  const own = await keys.derive(session.diversificationData);
  try {
    await putOwnKeys(session, own);
  } finally {
    own.destroy();
  }
  return keysName;
}

async function putOwnKeys(session: SecureSession, own: KeySet): Promise<void> {
  const command = putKeyCommand(session, { keys: own, replacesVersion: replacedVersion(session) });
  verifyPutKeyAnswer(await exchangeOk(session.transmit, "PUT KEY", command), own);
}

/** Initial keys of version FF are replaced by adding the first set (GP Card Specification v2.3.1 §11.8.2.3). */
function replacedVersion({ keyVersion }: SecureSession): number {
  return keyVersion === INITIAL_KEY_VERSION ? 0 : keyVersion;
}
