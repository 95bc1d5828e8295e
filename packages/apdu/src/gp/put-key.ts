import { ApduError, assertRange } from "../iso7816/apdu-error.ts";
import { concatBytes, equalBytes } from "../iso7816/bytes.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { AES_BLOCK_BYTES } from "../crypto/aes.ts";
import { aesKeyCheckValue, desKeyCheckValue, KEY_IDENTIFIERS, type KeySet } from "../scp/key-set.ts";
import type { SecureSession } from "../scp/secure-session.ts";

/** PUT KEY (GP Card Specification v2.3.1 §11.8, Amendment D v1.1.2 §7.2). */
export const INS_PUT_KEY = 0xd8;
/** Bit 8 of P2: several keys in one command. */
const P2_MULTIPLE_KEYS = 0x80;
const KEY_TYPE_AES = 0x88;
const KEY_TYPE_DES = 0x80;

export interface PutKeyFields {
  /** The new keys; their `version` is the new key version, 0x01–0x7f. */
  readonly keys: KeySet;
  /**
   * Version to replace; 0, the default, adds the set (initial keys of version FF vanish by that).
   */
  readonly replacesVersion?: number;
}

/**
 * Puts all three keys (AES in an SCP03 session, triple DES in SCP02) in one command, so that a card
 * never has half a set. The keys travel under the session's DEK, each with its check value.
 */
export function putKeyCommand(session: SecureSession, fields: PutKeyFields): CommandApdu {
  const { keys } = fields;
  assertRange("new key version", keys.version, { min: 0x01, max: 0x7f });
  const blocks = [keys.enc, keys.mac, keys.dek].map((key) =>
    session.protocol === "SCP02" ? encodeDesKey(session, key) : encodeAesKey(session, key),
  );
  return {
    cla: 0x80,
    ins: INS_PUT_KEY,
    p1: fields.replacesVersion ?? 0,
    p2: P2_MULTIPLE_KEYS | KEY_IDENTIFIERS.enc,
    data: concatBytes(Uint8Array.of(keys.version), ...blocks),
    le: 256,
  };
}

/**
 * Compares the answer (version ‖ three check values) with what was sent. Answers whether it confirms the keys: some
 * chips answer the version alone, or nothing, and then only a session opened with the new keys shows that they are
 * there. Throws WRONG_CHECK_VALUE for every other answer.
 */
export function verifyPutKeyAnswer(
  data: Uint8Array,
  keys: KeySet,
  protocol: SecureSession["protocol"] = "SCP03",
): boolean {
  const version = Uint8Array.of(keys.version);
  if (data.length === 0 || equalBytes(data, version)) return false;
  const checkValueOf = protocol === "SCP02" ? desKeyCheckValue : aesKeyCheckValue;
  const checkValues = [keys.enc, keys.mac, keys.dek].map(checkValueOf);
  if (equalBytes(data, concatBytes(version, ...checkValues))) return true;
  throw new ApduError("WRONG_CHECK_VALUE", "The card confirms other keys than those that were sent.", {
    keyVersion: keys.version,
  });
}

function encodeAesKey(session: SecureSession, key: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(key.length / AES_BLOCK_BYTES) * AES_BLOCK_BYTES);
  padded.set(key);
  const encrypted = session.encryptSensitive(padded);
  padded.fill(0);
  const checkValue = aesKeyCheckValue(key);
  return concatBytes(
    Uint8Array.of(KEY_TYPE_AES, encrypted.length + 1, key.length),
    encrypted,
    Uint8Array.of(checkValue.length),
    checkValue,
  );
}

/** Type 80, length, cryptogram, check value (GP Card Specification v2.3.1 §11.8.2.3). */
function encodeDesKey(session: SecureSession, key: Uint8Array): Uint8Array {
  const encrypted = session.encryptSensitive(key);
  const checkValue = desKeyCheckValue(key);
  return concatBytes(
    Uint8Array.of(KEY_TYPE_DES, encrypted.length),
    encrypted,
    Uint8Array.of(checkValue.length),
    checkValue,
  );
}
