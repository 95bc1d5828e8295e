import { toHex, type VerifyDigest } from "@tallystick/protocol";

/**
 * Remembers valid signatures, so that a card that comes again costs no second verification of its allowance. Only valid ones are
 * remembered, by all they depend on; the oldest are forgotten first.
 */
export function createRememberingVerifier(verify: VerifyDigest, most: number): VerifyDigest {
  const valid = new Set<string>();
  return (signature, digest, publicKey) => {
    const name = toHex(signature) + toHex(digest) + toHex(publicKey);
    if (valid.has(name)) return true;
    if (!verify(signature, digest, publicKey)) return false;
    if (valid.size >= most) {
      const [oldest] = valid;
      if (oldest !== undefined) valid.delete(oldest);
    }
    valid.add(name);
    return true;
  };
}
