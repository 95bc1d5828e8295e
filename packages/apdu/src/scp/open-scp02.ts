import { ApduError } from "../iso7816/apdu-error.ts";
import { concatBytes, equalBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { pad80 } from "../crypto/aes.ts";
import { DES_BLOCK_BYTES, tripleDesCbcEncrypt, tripleDesEcbEncrypt } from "../crypto/des.ts";
import { exchangeOk, statusError } from "../iso7816/exchange.ts";
import { externalAuthenticateCommand } from "./external-authenticate.ts";
import { initializeUpdateCommand, parseInitializeUpdate, type Scp02Answer } from "./initialize-update.ts";
import { parseResponse } from "../iso7816/response-apdu.ts";
import { SW_SUCCESS, triesLeftOf } from "../iso7816/status-word.ts";
import type { KeySet } from "./key-set.ts";
import { Scp02Codec } from "./scp02-codec.ts";
import type { SecureSession } from "./secure-session.ts";
import { createSecureSession } from "./secure-session-state.ts";

/** Derivation constants of session keys (GP Card Specification v2.3.1 §E.4.1). */
const CONSTANTS = { mac: [0x01, 0x01], rmac: [0x01, 0x02], dek: [0x01, 0x81], enc: [0x01, 0x82] } as const;
const LEVELS: readonly number[] = [0x01, 0x03, 0x11, 0x13];

export interface OpenScp02Options {
  /**
   * Confirms that this card is old stock without SCP03. SCP02 rests on two-key triple DES, and its
   * encryption shows an attacker whether the padding is right (Avoine and Ferreira, CHES 2018):
   * give it no secret that matters.
   */
  readonly oldStock: true;
  /**
   * 16 bytes each, or a way to find them once the card has named itself. The caller destroys them.
   */
  readonly keys: KeySet | ((answer: Scp02Answer) => Promise<KeySet>);
  /** Key version asked for in P1; 0, the default, leaves the choice to the card. */
  readonly keyVersion?: number;
  /** 8 fresh random bytes. */
  readonly hostChallenge: Uint8Array;
  /** One of 0x01, 0x03, 0x11 and 0x13. */
  readonly securityLevel: number;
}

/**
 * Opens an SCP02 session (GP Card Specification v2.3.1 §E.1, option i = 55). Throws WRONG_KEYS as
 * `openScp03` does. A refusal of a command ends the session: whoever changes its bytes on the way
 * gets one answer a session, never a series.
 */
export async function openScp02(channel: CardChannel, options: OpenScp02Options): Promise<SecureSession> {
  if (!LEVELS.includes(options.securityLevel)) {
    const level = options.securityLevel;
    throw new ApduError("UNSUPPORTED", `Security level ${level.toString(16)} is none of 01, 03, 11 and 13.`, { level });
  }
  const answer = await initialize(channel, options);
  const keys = typeof options.keys === "function" ? await options.keys(answer) : options.keys;
  const session = deriveScp02Keys(keys, answer.sequenceCounter);
  const codec = new Scp02Codec(session);
  try {
    const card = concatBytes(answer.sequenceCounter, answer.cardChallenge);
    const expected = cryptogram(session.enc, concatBytes(options.hostChallenge, card));
    if (!equalBytes(expected, answer.cardCryptogram))
      throw wrongKeys({ keyVersion: answer.keyVersion, triesLeft: null });
    const hostCryptogram = cryptogram(session.enc, concatBytes(card, options.hostChallenge));
    const command = externalAuthenticateCommand({ securityLevel: options.securityLevel, hostCryptogram });
    const { sw } = parseResponse(await channel(codec.wrap(encodeCommand(command))));
    if (sw >> 8 === 0x63) throw wrongKeys({ sw, triesLeft: triesLeftOf(sw) });
    if (sw !== SW_SUCCESS) throw statusError("EXTERNAL AUTHENTICATE", sw);
  } catch (error) {
    codec.destroy();
    session.dek.fill(0);
    throw error;
  }
  codec.raiseLevel(options.securityLevel);
  return createSecureSession(channel, {
    protocol: "SCP02",
    securityLevel: options.securityLevel,
    answer,
    codec,
    dek: session.dek,
    encryptSensitive: tripleDesEcbEncrypt,
    endsWithRefusal: true,
  });
}

async function initialize(channel: CardChannel, options: OpenScp02Options): Promise<Scp02Answer> {
  const { hostChallenge, keyVersion = 0 } = options;
  const command = initializeUpdateCommand({ keyVersion, hostChallenge });
  const answer = parseInitializeUpdate(await exchangeOk(channel, "INITIALIZE UPDATE", command));
  if (answer.protocol !== "SCP02" || hostChallenge.length !== DES_BLOCK_BYTES) {
    throw new ApduError("UNSUPPORTED", "The card speaks SCP03, which is to be preferred.", {
      protocol: answer.protocol,
    });
  }
  return answer;
}

/**
 * Session keys: constant ‖ sequence counter ‖ zeros under the static key, triple DES in CBC
 * (§E.4.1).
 */
export function deriveScp02Keys(
  keys: Pick<KeySet, "enc" | "mac" | "dek">,
  sequenceCounter: Uint8Array,
): { readonly enc: Uint8Array; readonly mac: Uint8Array; readonly rmac: Uint8Array; readonly dek: Uint8Array } {
  const derive = (key: Uint8Array, constant: readonly number[]) =>
    tripleDesCbcEncrypt(key, concatBytes(Uint8Array.from(constant), sequenceCounter, new Uint8Array(12)));
  return {
    enc: derive(keys.enc, CONSTANTS.enc),
    mac: derive(keys.mac, CONSTANTS.mac),
    rmac: derive(keys.mac, CONSTANTS.rmac),
    dek: derive(keys.dek, CONSTANTS.dek),
  };
}

/** The last block of the padded data under triple DES in CBC (§E.4.2). */
function cryptogram(key: Uint8Array, data: Uint8Array): Uint8Array {
  return tripleDesCbcEncrypt(key, pad80(data, DES_BLOCK_BYTES)).slice(-DES_BLOCK_BYTES);
}

function wrongKeys(context: Readonly<Record<string, number | null>>): ApduError {
  return new ApduError(
    "WRONG_KEYS",
    "These are not the keys of this card. Do not try again: the card may block.",
    context,
  );
}
