import { ApduError } from "../iso7816/apdu-error.ts";
import { concatBytes, equalBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { AES_BLOCK_BYTES, aesCbcEncrypt } from "../crypto/aes.ts";
import { exchangeOk, statusError } from "../iso7816/exchange.ts";
import { externalAuthenticateCommand } from "./external-authenticate.ts";
import { initializeUpdateCommand, parseInitializeUpdate, type Scp03Answer } from "./initialize-update.ts";
import { parseResponse } from "../iso7816/response-apdu.ts";
import { SW_SUCCESS, triesLeftOf } from "../iso7816/status-word.ts";
import {
  DERIVE_CARD_CRYPTOGRAM,
  DERIVE_HOST_CRYPTOGRAM,
  DERIVE_S_ENC,
  DERIVE_S_MAC,
  DERIVE_S_RMAC,
  scp03Kdf,
} from "./kdf.ts";
import type { KeySet } from "./key-set.ts";
import { Scp03Codec, type Scp03SessionKeys } from "./scp03-codec.ts";
import type { SecureSession } from "./secure-session.ts";
import { createSecureSession } from "./secure-session-state.ts";
import { assertScp03Level, R_ENCRYPTION, R_MAC } from "./security-level.ts";

export interface OpenScp03Options {
  /** The keys, or a way to find them once the card has named itself. The caller destroys them. */
  readonly keys: KeySet | ((answer: Scp03Answer) => Promise<KeySet>);
  /** Key version asked for in P1; 0, the default, leaves the choice to the card. */
  readonly keyVersion?: number;
  /** Fresh random bytes: 8 for S8 mode, 16 for S16 mode. */
  readonly hostChallenge: Uint8Array;
  /** One of 0x01, 0x03, 0x11, 0x13 and 0x33. */
  readonly securityLevel: number;
  /**
   * For cards whose command counter stands still at commands without data, which is a fault of theirs (§6.2.6): without
   * it such a card cannot read the first enciphered command behind one without data. Default false.
   */
  readonly skipsEmptyCommands?: boolean;
}

/**
 * Opens an SCP03 session (GP Amendment D v1.1.2 §6.1) with the application that is selected on the
 * channel.
 *
 * Throws WRONG_KEYS if the card's cryptogram does not fit the keys: nothing more is sent then, and
 * nobody should try again, because cards block after a few failures. Throws STATUS for a refusal.
 */
export async function openScp03(channel: CardChannel, options: OpenScp03Options): Promise<SecureSession> {
  assertScp03Level(options.securityLevel);
  const answer = await initialize(channel, options);
  const keys = typeof options.keys === "function" ? await options.keys(answer) : options.keys;
  const size = options.hostChallenge.length as 8 | 16;
  const context = concatBytes(options.hostChallenge, answer.cardChallenge);
  const sessionKeys = deriveSessionKeys(keys, context);
  const codec = new Scp03Codec(sessionKeys, size, options.skipsEmptyCommands);
  try {
    verifyCardCryptogram(sessionKeys, { context, answer });
    const hostCryptogram = scp03Kdf(sessionKeys.mac, { constant: DERIVE_HOST_CRYPTOGRAM, context, length: size });
    await authenticate(channel, codec, { hostCryptogram, securityLevel: options.securityLevel });
  } catch (error) {
    codec.destroy();
    throw error;
  }
  codec.raiseLevel(options.securityLevel);
  const zeroIv = new Uint8Array(AES_BLOCK_BYTES);
  return createSecureSession(channel, {
    protocol: "SCP03",
    securityLevel: options.securityLevel,
    answer,
    codec,
    dek: keys.dek.slice(),
    encryptSensitive: (dek, data) => aesCbcEncrypt(dek, zeroIv, data),
  });
}

async function initialize(channel: CardChannel, options: OpenScp03Options): Promise<Scp03Answer> {
  const command = initializeUpdateCommand({
    keyVersion: options.keyVersion ?? 0,
    hostChallenge: options.hostChallenge,
  });
  const answer = parseInitializeUpdate(await exchangeOk(channel, "INITIALIZE UPDATE", command));
  if (answer.protocol !== "SCP03") {
    throw new ApduError("UNSUPPORTED", "The card speaks SCP02 only; it is old stock and must be asked for by name.", {
      protocol: answer.protocol,
      keyVersion: answer.keyVersion,
    });
  }
  if (answer.cardChallenge.length !== options.hostChallenge.length) {
    throw new ApduError("UNSUPPORTED", "Card and host disagree about S8 and S16 mode.", {
      card: answer.cardChallenge.length,
      host: options.hostChallenge.length,
    });
  }
  const lacksRmac = (options.securityLevel & R_MAC) !== 0 && (answer.options & 0x20) === 0;
  const lacksRenc = (options.securityLevel & R_ENCRYPTION) !== 0 && (answer.options & 0x60) !== 0x60;
  if (lacksRmac || lacksRenc) {
    throw new ApduError("UNSUPPORTED", "The card cannot secure its answers as asked.", { options: answer.options });
  }
  return answer;
}

function deriveSessionKeys(keys: KeySet, context: Uint8Array): Scp03SessionKeys {
  const length = keys.enc.length;
  return {
    enc: scp03Kdf(keys.enc, { constant: DERIVE_S_ENC, context, length }),
    mac: scp03Kdf(keys.mac, { constant: DERIVE_S_MAC, context, length }),
    rmac: scp03Kdf(keys.mac, { constant: DERIVE_S_RMAC, context, length }),
  };
}

function verifyCardCryptogram(
  keys: Scp03SessionKeys,
  { context, answer }: { context: Uint8Array; answer: Scp03Answer },
): void {
  const expected = scp03Kdf(keys.mac, {
    constant: DERIVE_CARD_CRYPTOGRAM,
    context,
    length: answer.cardCryptogram.length,
  });
  if (!equalBytes(expected, answer.cardCryptogram)) {
    throw new ApduError("WRONG_KEYS", "These are not the keys of this card. Do not try again: the card may block.", {
      keyVersion: answer.keyVersion,
      triesLeft: null,
    });
  }
}

async function authenticate(
  channel: CardChannel,
  codec: Scp03Codec,
  fields: { readonly hostCryptogram: Uint8Array; readonly securityLevel: number },
): Promise<void> {
  const { sw } = parseResponse(await channel(codec.wrap(encodeCommand(externalAuthenticateCommand(fields)))));
  if (sw === SW_SUCCESS) return;
  if (sw >> 8 === 0x63) {
    throw new ApduError("WRONG_KEYS", "The card refused our keys. Do not try again: the card may block.", {
      sw,
      triesLeft: triesLeftOf(sw),
    });
  }
  throw statusError("EXTERNAL AUTHENTICATE", sw);
}
