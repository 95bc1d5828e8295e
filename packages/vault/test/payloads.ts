import secp256k1 from "secp256k1";
import {
  type Address,
  addressOfKey,
  concatBytes,
  digestOf,
  type Domain,
  encodeDomain,
  fromHex,
  toHex,
} from "@tallystick/protocol";
import type { RecoverSigner } from "../src/index.ts";

/** A card of the tests. */
export interface Card {
  readonly key: Uint8Array;
  readonly address: Address;
}

/** What becomes of an item's bytes after they were signed; 0 leaves them as they are. */
export type Damage = number;

export interface DrawnItem {
  readonly counter: number;
  readonly amount: bigint;
  readonly damage: Damage;
}

/** A group as a test wants it. */
export interface Drawn {
  readonly card: Card;
  readonly payee: Uint8Array;
  readonly items: readonly DrawnItem[];
}

export function bytes(value: number | bigint, length: number): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(2 * length, "0")}`);
}

export function testCard(secret: number): Card {
  const key = bytes(secret, 32);
  return { key, address: addressOfKey(secp256k1.publicKeyCreate(key, true)) };
}

/** By libsecp256k1, as another implementation than the simulator's own. */
export const recover: RecoverSigner = (digest, { r, s, parity }) => {
  try {
    return addressOfKey(secp256k1.ecdsaRecover(concatBytes(r, s), parity, digest, true));
  } catch {
    return null;
  }
};

export function sign(card: Card, message: Uint8Array): { r: Uint8Array; vs: Uint8Array } {
  const { signature, recid } = secp256k1.ecdsaSign(digestOf(message), card.key);
  const vs = signature.slice(32);
  vs[0] = (vs[0] ?? 0) | (recid << 7);
  return { r: signature.slice(0, 32), vs };
}

export function openingOf(domain: Domain, owner: string): Uint8Array {
  return concatBytes(new TextEncoder().encode("TLYO"), encodeDomain(domain), fromHex(owner.toLowerCase()));
}

const context = (counter: number): Uint8Array => bytes(counter, 20);

export function messageOf(
  domain: Domain,
  { payee, counter, amount }: { readonly payee: Uint8Array; readonly counter: number; readonly amount: bigint },
): Uint8Array {
  return concatBytes(
    new TextEncoder().encode("TLY1"),
    encodeDomain(domain),
    payee,
    bytes(counter, 4),
    bytes(amount, 6),
    context(counter),
  );
}

function itemBytes(domain: Domain, { card, payee }: Drawn, { counter, amount, damage }: DrawnItem): Uint8Array {
  const { r, vs } = sign(card, messageOf(domain, { payee, counter, amount }));
  const made = concatBytes(bytes(counter, 4), bytes(amount, 6), context(counter), r, vs);
  if (damage === 1) made[93] = (made[93] ?? 0) ^ 1;
  if (damage === 2) made[62] = (made[62] ?? 0) ^ 0x80;
  if (damage === 3) made[9] = (made[9] ?? 0) ^ 1;
  if (damage === 4) made.fill(0xff, 30, 62);
  if (damage === 5) made.fill(0, 62, 94);
  return made;
}

/** A payload, good or bad, with this table of payees; a group's payee is the first in it that is equal. */
export function payloadOf(domain: Domain, payees: readonly Uint8Array[], groups: readonly Drawn[]): Uint8Array {
  const parts = groups.map((drawn) => {
    const index = payees.findIndex((payee) => toHex(payee) === toHex(drawn.payee));
    const items = drawn.items.map((item) => itemBytes(domain, drawn, item));
    return concatBytes(bytes(index, 2), drawn.card.address, bytes(items.length, 2), ...items);
  });
  return concatBytes(new Uint8Array(64), bytes(payees.length, 2), ...payees, ...parts);
}
