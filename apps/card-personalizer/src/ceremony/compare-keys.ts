import { DEFAULT_MASTER_KEY_BYTES, type KeyPlace, type PlacedKey } from "@tallystick/keystore";
import { toHex } from "@tallystick/protocol";
import { Failure } from "../failures.ts";
import { checkValueOf, type NamedKey } from "./ceremony-files.ts";

/** A key of a place with what names it: its public key, or its check value. Throws KeystoreError. */
export function nameKey(
  { label, kind, keyId, bytes = DEFAULT_MASTER_KEY_BYTES }: PlacedKey,
  place: KeyPlace,
): NamedKey {
  if (kind === "card-master")
    return { label, kind, bytes, checkValue: checkValueOf(place.openMasterKey(label, bytes).checkValue) };
  const { publicKey } = place.openSigningKey(label);
  return { label, kind, ...(keyId === undefined ? {} : { keyId }), publicKey: toHex(publicKey) };
}

/** Whether a place has just this key. Throws Failure RECORD_WRONG, and KeystoreError where it has none of this label. */
export function assertSameKey(key: NamedKey, place: KeyPlace): void {
  const found = nameKey(key, place);
  const [wanted, has] = [key, found].map(({ publicKey, checkValue }) => publicKey ?? checkValue ?? "");
  if (wanted !== has)
    throw new Failure("RECORD_WRONG", `Key ${key.label} in ${place.name} is ${has}; it should be ${wanted}.`);
}

/** A message that no derivation of a card's keys has: those begin with a counter above 0. */
const PROBE = new Uint8Array(16);

/** Whether two places have the same key, by what names it and by what it computes. Throws Failure RECORD_WRONG. */
export async function compareKey(
  key: NamedKey,
  { place, spare }: { readonly place: KeyPlace; readonly spare: KeyPlace },
): Promise<void> {
  for (const one of [place, spare]) assertSameKey(key, one);
  // An opened signing key has signed; a check value has three bytes alone.
  if (key.kind !== "card-master") return;
  const codes = await Promise.all([place, spare].map((one) => one.openMasterKey(key.label, key.bytes).cmac(PROBE)));
  const [first, second] = codes.map((code) => toHex(code));
  if (first !== second) throw new Failure("RECORD_WRONG", `Key ${key.label} computes something else in ${spare.name}.`);
}
