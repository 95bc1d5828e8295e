import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assertLength, concatBytes, copyBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { encodePinSession, type PinSession } from "../objects/pin-session.ts";
import { parsePublicKey, uncompressKey } from "../parties/public-key.ts";
import { digestOf } from "../parties/signing.ts";
import { normalizeCardSignature } from "../parties/verifying.ts";

/** Both keys of one PIN session, 16 bytes each (spec §4.9). Close them when the session is over. */
export interface PinKeys {
  readonly encryption: Uint8Array;
  readonly mac: Uint8Array;
}

/** One side's part in the key agreement. */
export interface PinAgreement {
  /** What the card signed. */
  readonly session: PinSession;
  /** The terminal's ephemeral key, uncompressed, 65 bytes. */
  readonly terminalKey: Uint8Array;
  /** The ephemeral secret of whichever side computes, 32 bytes. */
  readonly ownSecret: Uint8Array;
  /** The other side's ephemeral public key. */
  readonly peerKey: Uint8Array;
}

/**
 * Verifies that a PIN session is of the card whose key SELECT showed, over the challenge that this
 * terminal sent. Without this check somebody between card and terminal could read the PIN. Throws
 * BAD_SIGNATURE and what parsing a signature throws.
 */
export function verifyPinSession(session: PinSession, der: Uint8Array, cardKey: Uint8Array): void {
  normalizeCardSignature(der, digestOf(encodePinSession(session)), cardKey);
}

/**
 * Derives both keys: the first 16 bytes of SHA-256(x of the ECDH ‖ `TLYE` ‖ terminal's ephemeral
 * key ‖ label), label 01 for encryption and 02 for the MAC. Throws BAD_PUBLIC_KEY, BAD_SECRET_KEY.
 */
export function derivePinKeys(agreement: PinAgreement): PinKeys {
  const { session, terminalKey, ownSecret, peerKey } = agreement;
  assertLength(terminalKey, 65, "PinAgreement");
  parsePublicKey(terminalKey);
  const x = sharedX(ownSecret, peerKey);
  const base = concatBytes(x, encodePinSession(session), terminalKey);
  const keys = { encryption: keyOf(base, 1), mac: keyOf(base, 2) };
  x.fill(0);
  base.fill(0);
  return keys;
}

/**
 * The terminal's side: its secret is 32 random bytes that it uses once. Answers its public key for
 * the card (65), and the keys (spec §4.9). Throws BAD_SECRET_KEY and BAD_PUBLIC_KEY.
 */
export function openPinSession(
  session: PinSession,
  ephemeralSecret: Uint8Array,
): { readonly terminalKey: Uint8Array; readonly keys: PinKeys } {
  if (!secp256k1.utils.isValidSecretKey(copyBytes(ephemeralSecret))) throw new ProtocolError("BAD_SECRET_KEY", {});
  const terminalKey = uncompressKey(secp256k1.getPublicKey(ephemeralSecret, true));
  const keys = derivePinKeys({ session, terminalKey, ownSecret: ephemeralSecret, peerKey: session.ephemeralKey });
  return { terminalKey, keys };
}

/** Overwrites the keys. */
export function closePinKeys(keys: PinKeys): void {
  keys.encryption.fill(0);
  keys.mac.fill(0);
}

function sharedX(secret: Uint8Array, peerKey: Uint8Array): Uint8Array {
  if (!secp256k1.utils.isValidSecretKey(copyBytes(secret))) throw new ProtocolError("BAD_SECRET_KEY", {});
  parsePublicKey(peerKey);
  const point = secp256k1.getSharedSecret(copyBytes(secret), copyBytes(peerKey), true);
  const x = copyBytes(point, 1, 32);
  point.fill(0);
  return x;
}

function keyOf(base: Uint8Array, label: number): Uint8Array {
  const labelled = concatBytes(base, Uint8Array.of(label));
  const hash = sha256(labelled);
  const key = copyBytes(hash, 0, 16);
  hash.fill(0);
  labelled.fill(0);
  return key;
}
