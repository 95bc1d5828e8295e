import { createSigner } from "@tallystick/protocol";
import { finishSignature, signingKeyOf } from "../finish-signature.ts";
import type { SigningKey } from "../ports.ts";

/** A signing key over 32 secret bytes in memory, as a key file holds them. Throws ProtocolError BAD_SECRET_KEY. */
export function createMemorySigningKey(secretKey: Uint8Array): SigningKey {
  const signer = createSigner(secretKey);
  const key = signingKeyOf(signer.publicKey, async (digest) =>
    finishSignature(await signer.sign(digest), { digest, publicKey: signer.publicKey }),
  );
  return { ...key, sign: signer.sign };
}
