import { toHex, type VerifyDigest } from "@tallystick/protocol";

/**
 * Remembers signatures that were found good, so that a card that comes again costs no second verification of its
 * allowance. Only good ones are remembered, by all they depend on; the oldest are forgotten first.
 */
export function createRememberingVerifier(verify: VerifyDigest, most: number): VerifyDigest {
  const good = new Set<string>();
  return (signature, digest, publicKey) => {
    const name = toHex(signature) + toHex(digest) + toHex(publicKey);
    if (good.has(name)) return true;
    if (!verify(signature, digest, publicKey)) return false;
    if (good.size >= most) {
      const [oldest] = good;
      if (oldest !== undefined) good.delete(oldest);
    }
    good.add(name);
    return true;
  };
}
