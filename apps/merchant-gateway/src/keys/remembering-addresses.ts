import { type Address, type SignatureEngine, toHex } from "@tallystick/protocol";

/**
 * Remembers the addresses of keys, so that each is derived once: one tap asks for its card's four times,
 * and a page of payments for 50 of them every few seconds. An address follows from its key alone, so what
 * is remembered is never wrong; the oldest are forgotten first.
 */
export function createRememberingAddresses(
  addressOf: SignatureEngine["addressOf"],
  most: number,
): SignatureEngine["addressOf"] {
  const known = new Map<string, Address>();
  return (publicKey) => {
    const name = toHex(publicKey);
    const found = known.get(name);
    if (found !== undefined) return found;
    const address = addressOf(publicKey);
    if (address === null) return null;
    if (known.size >= most) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    known.set(name, address);
    return address;
  };
}
