import { concatBytes, equalBytes } from "@tallystick/apdu";
import { cardStates, RING_SIZE } from "@tallystick/protocol";
import type { CardContext, Volatile } from "../card-context.ts";
import { cardTagOf, isSignedBy, tagged } from "../card-crypto.ts";
import { type CardImage, PARTS } from "../card-image.ts";
import { unsigned } from "../numbers.ts";
import { require, SW } from "../refusal.ts";

const CHALLENGE_BYTES = 16;
const PAYEE_BYTES = 20;
const SIGNED_BYTES = PAYEE_BYTES + 64;

/** GET CHALLENGE (spec §4.13): a new challenge takes the place of the one before. */
export function getChallengeOnCard({ image, volatile, data, random }: CardContext): Uint8Array {
  require(data.length === 0, SW.wrongLength);
  require(image.state !== cardStates.installed, SW.state);
  volatile.challenge = random(CHALLENGE_BYTES).slice();
  return volatile.challenge.slice();
}

/** GET LOG (spec §4.13), in the order that it gives. */
export function getLogOnCard({ image, volatile, secure, data, p1 }: CardContext): Uint8Array {
  require([0, PAYEE_BYTES, SIGNED_BYTES].includes(data.length), SW.wrongLength);
  const mayReadAll = secure || volatile.pinShown;
  require(data.length > 0 || mayReadAll, SW.noRight);
  require(image.state !== cardStates.installed, SW.state);
  const payee = data.slice(0, PAYEE_BYTES);
  if (data.length === SIGNED_BYTES) tryRight(image, volatile, { payee, signature: data.slice(PAYEE_BYTES) });
  require(mayReadAll || (volatile.logRight && isCertified(volatile, payee)), SW.noRight);
  const last = unsigned(image.read("counter"));
  require(p1 < RING_SIZE && last > BigInt(p1), SW.noRecord);
  const counter = last - BigInt(p1);
  const record = image.record(counter);
  require(mayReadAll || equalBytes(record.slice(12, 32), payee), SW.noRecord);
  return concatBytes(record, image.signature(counter));
}

/** The challenge is used up, right or wrong, and a right of before ends. */
function tryRight(
  image: CardImage,
  volatile: Volatile,
  { payee, signature }: { readonly payee: Uint8Array; readonly signature: Uint8Array },
): void {
  const { certificate, challenge } = volatile;
  volatile.challenge = null;
  volatile.logRight = false;
  const known = image.has(PARTS.domain | PARTS.keyPair);
  if (certificate === null || challenge === null || !known || !isCertified(volatile, payee)) return;
  const message = concatBytes(tagged(image, "TLYG"), cardTagOf(image), challenge);
  volatile.logRight = isSignedBy(certificate.terminalKey, { message, signature });
}

function isCertified({ certificate }: Volatile, payee: Uint8Array): boolean {
  return certificate !== null && equalBytes(certificate.payee, payee);
}
