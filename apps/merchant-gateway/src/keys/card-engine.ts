import { createPinnedVerifier, protocolEngine, type SignatureEngine } from "@tallystick/protocol";
import { createNativeEngine } from "@tallystick/protocol/native";
import { MAX_VERIFIED_ALLOWANCES } from "../limits.ts";
import { createRememberingVerifier } from "./remembering-verifier.ts";

/** Null where this machine has no binary of the library: some small terminals. */
function nativeOrNull(): SignatureEngine | null {
  try {
    return createNativeEngine();
  } catch {
    return null;
  }
}

const native = nativeOrNull();

/** How this terminal checks signatures: by libsecp256k1, or with the same verdicts in JavaScript. */
export const signatureEngine: SignatureEngine = native ?? protocolEngine;

/**
 * What a tap checks signatures with: an allowance that a card shows again is not verified again.
 * `issuerKeys` are the pinned keys, of which multiples are kept where JavaScript has to do it.
 */
export function createCardEngine(
  issuerKeys: readonly Uint8Array[],
  engine: SignatureEngine = signatureEngine,
): SignatureEngine {
  const verify = engine === protocolEngine ? createPinnedVerifier(issuerKeys) : engine.verify;
  return { ...engine, verify: createRememberingVerifier(verify, MAX_VERIFIED_ALLOWANCES) };
}
