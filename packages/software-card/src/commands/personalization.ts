import { aesCbcDecrypt, concatBytes, equalBytes } from "@tallystick/apdu";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { cardStates, isProtocolError, decodePinBlock, PUK_DIGITS } from "@tallystick/protocol";
import type { CardContext, RandomBytes } from "../card-context.ts";
import { signAsCard, tagged } from "../card-crypto.ts";
import { type CardImage, PARTS } from "../card-image.ts";
import { PIN_TRIES, PUK_TRIES, SHORTEST_GROUP } from "../limits.ts";
import { unsigned } from "../numbers.ts";
import { Refusal, require, SW } from "../refusal.ts";

const AES_BLOCK_BYTES = 16;

/** A key pair of the card's own: 32 bytes of secret, 65 of public key. */
export function generatePair(random: RandomBytes): { readonly secret: Uint8Array; readonly publicKey: Uint8Array } {
  for (;;) {
    const secret = random(32).slice();
    // One of 2^128 random values is no secret key; asking again is all there is to do.
    if (secp256k1.utils.isValidSecretKey(secret)) return { secret, publicKey: secp256k1.getPublicKey(secret, false) };
  }
}

/** GENERATE KEY (spec §4.2): once. */
export function generateKeyOnCard({ image, secure, data, random }: CardContext): Uint8Array {
  require(data.length === 0, SW.wrongLength);
  require(secure, SW.noRight);
  require(image.state === cardStates.installed, SW.state);
  require(!image.has(PARTS.keyPair), SW.condition);
  const { secret, publicKey } = generatePair(random);
  image.write("secretKey", secret);
  image.write("publicKey", publicKey);
  image.mark(PARTS.keyPair);
  secret.fill(0);
  return publicKey;
}

/** OPEN (spec §4.12). */
export async function openOnCard({ image, secure, data }: CardContext): Promise<Uint8Array> {
  require(data.length === 0, SW.wrongLength);
  require(secure, SW.noRight);
  require(image.state === cardStates.installed, SW.state);
  require(image.has(PARTS.domain | PARTS.keyPair | PARTS.owner), SW.condition);
  return await signAsCard(image, concatBytes(tagged(image, "TLYO"), image.read("owner")));
}

/** STORE DATA (spec §4.7): exactly one DGI. */
export function storeDataOnCard(context: CardContext): Uint8Array {
  const { image, secure, data } = context;
  require(data.length >= SHORTEST_GROUP, SW.wrongLength);
  require(secure, SW.noRight);
  require(image.state !== cardStates.terminated, SW.state);
  const tag = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  const value = data.slice(3);
  const fits = data[2] === value.length;
  switch (tag) {
    case 0x7f01:
      changeState(image, value, fits && value.length === 1);
      break;
    case 0x7f02:
      require(fits && value.length === 28, SW.wrongValue);
      storeOnce(image, { part: PARTS.domain, name: "domain", value });
      break;
    case 0x7f03:
      require(fits && value.length === 66 && isPoint(value.slice(1)), SW.wrongValue);
      image.write("issuer", value);
      image.mark(PARTS.issuerKey);
      break;
    case 0x7f04:
      require(image.has(PARTS.keyPair), SW.condition);
      require(fits && value.length === 20, SW.wrongValue);
      storeOnce(image, { part: PARTS.address, name: "address", value });
      break;
    case 0x7f05:
      require(fits && value.length === 20 && unsigned(value) !== 0n, SW.wrongValue);
      storeOnce(image, { part: PARTS.owner, name: "owner", value });
      break;
    case 0x7f06:
      require(fits && value.length === AES_BLOCK_BYTES, SW.wrongValue);
      storePin(context, value);
      break;
    default:
      throw new Refusal(SW.noData);
  }
  return new Uint8Array(0);
}

/** Whether 65 bytes are an uncompressed point of secp256k1. */
function isPoint(publicKey: Uint8Array): boolean {
  return publicKey[0] === 0x04 && secp256k1.utils.isValidPublicKey(publicKey, false);
}

function changeState(image: CardImage, value: Uint8Array, hasLength: boolean): void {
  const [target] = value;
  const ends = hasLength && target === cardStates.terminated;
  require(image.state !== cardStates.installed || ends, SW.state);
  const known = ends || target === cardStates.personalized || target === cardStates.suspended;
  require(hasLength && known, SW.wrongValue);
  image.write("state", value);
}

/** Written once; the same value again is fine, so that a torn personalization can go on. */
function storeOnce(
  image: CardImage,
  {
    part,
    name,
    value,
  }: { readonly part: number; readonly name: "domain" | "address" | "owner"; readonly value: Uint8Array },
): void {
  if (image.has(part)) {
    require(equalBytes(image.read(name), value), SW.condition);
    return;
  }
  image.write(name, value);
  image.mark(part);
}

function storePin({ image, dataKey }: CardContext, encrypted: Uint8Array): void {
  const blocks = aesCbcDecrypt(dataKey, new Uint8Array(AES_BLOCK_BYTES), encrypted);
  const [pin, puk] = [blocks.slice(0, 8), blocks.slice(8)];
  require(digitsOf(pin) > 0 && digitsOf(puk) === PUK_DIGITS, SW.wrongValue);
  image.write("pin", pin);
  image.write("pinTries", Uint8Array.of(PIN_TRIES));
  image.write("puk", puk);
  image.write("pukTries", Uint8Array.of(PUK_TRIES));
  image.mark(PARTS.pin);
}

/** Digits of a well-formed PIN block, else 0. */
function digitsOf(block: Uint8Array): number {
  try {
    return decodePinBlock(block).length;
  } catch (error) {
    if (isProtocolError(error)) return 0;
    throw error;
  }
}
