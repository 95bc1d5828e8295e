import { concatBytes } from "@tallystick/apdu";
import {
  createSigner,
  decodeSignature,
  digestOf,
  encodeDerSignature,
  isProtocolError,
  verifyDigest,
} from "@tallystick/protocol";
import type { CardImage } from "./card-image.ts";

const text = new TextEncoder();

/** DER signature of the card's key over SHA-256 of a message. */
export async function signAsCard(image: CardImage, message: Uint8Array): Promise<Uint8Array> {
  const secret = image.read("secretKey");
  const signature = await createSigner(secret).sign(digestOf(message));
  secret.fill(0);
  return encodeDerSignature(decodeSignature(signature));
}

/**
 * Whether the issuer key on record, under this id, signed the message. A key that is no point signs
 * nothing.
 */
export function isSignedByIssuer(
  image: CardImage,
  signed: { readonly keyId: number; readonly message: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const [keyId] = image.read("issuer");
  if (keyId !== signed.keyId) return false;
  try {
    return verifyDigest(signed.signature, digestOf(signed.message), image.read("issuer").slice(1));
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/** The tagged start of everything that belongs to the card's domain. */
export function tagged(image: CardImage, tag: string): Uint8Array {
  return concatBytes(text.encode(tag), image.read("domain"));
}

/** The compressed public key, 33 bytes. */
export function compressedKey(image: CardImage): Uint8Array {
  const key = image.read("publicKey");
  return concatBytes(Uint8Array.of(2 + ((key[64] ?? 0) & 1)), key.slice(1, 33));
}

/** First 8 bytes of SHA-256(domain ‖ compressed key) (spec §2.5). */
export function cardTagOf(image: CardImage): Uint8Array {
  return digestOf(concatBytes(image.read("domain"), compressedKey(image))).slice(0, 8);
}

/** M of a record (spec §3.1), from the card's own domain and the 143 bytes. */
export function messageOfRecord(image: CardImage, record: Uint8Array): Uint8Array {
  const part = (start: number, length: number) => record.slice(start, start + length);
  const context = concatBytes(
    text.encode("TLYC"),
    part(42, 16), // challenge
    part(58, 8), // terminal id
    part(38, 4), // time
    part(67, 6), // spent
    part(73, 4), // seq
    part(66, 1), // category
    part(77, 2), // cvm, flags
    part(79, 32), // link
  );
  return concatBytes(
    tagged(image, "TLY1"),
    part(12, 20), // payee
    part(8, 4), // counter
    part(32, 6), // amount
    digestOf(context).slice(0, 20),
  );
}
