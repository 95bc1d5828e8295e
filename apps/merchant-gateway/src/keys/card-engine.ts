import { createPinnedVerifier, protocolEngine, type SignatureEngine } from "@tallystick/protocol";
import { createNativeEngine } from "@tallystick/protocol/native";
import { MAX_REMEMBERED_ADDRESSES, MAX_VERIFIED_ALLOWANCES } from "../limits.ts";
import { createRememberingAddresses } from "./remembering-addresses.ts";
import { createRememberingVerifier } from "./remembering-verifier.ts";

/** Null where this machine has no binary of the library: some small terminals. */
function nativeOrNull(): SignatureEngine | null {
  try {
    return createNativeEngine();
  } catch {
    return null;
  }
}

const engineHere = nativeOrNull() ?? protocolEngine;

/**
 * How this terminal checks signatures: by libsecp256k1, or with the same verdicts in JavaScript. The
 * address of a key is derived once.
 */
export const signatureEngine: SignatureEngine = {
  ...engineHere,
  addressOf: createRememberingAddresses(engineHere.addressOf, MAX_REMEMBERED_ADDRESSES),
};

/**
 * What a tap checks signatures with: an allowance that a card shows again is not verified again.
 * `issuerKeys` are the pinned keys, of which multiples are kept where JavaScript has to do it.
 */
export function createCardEngine(
  issuerKeys: readonly Uint8Array[],
  engine: SignatureEngine = signatureEngine,
): SignatureEngine {
  const verify = engine.verify === protocolEngine.verify ? createPinnedVerifier(issuerKeys) : engine.verify;
  return { ...engine, verify: createRememberingVerifier(verify, MAX_VERIFIED_ALLOWANCES) };
}
