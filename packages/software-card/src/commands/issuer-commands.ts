import { concatBytes, equalBytes } from "@tallystick/apdu";
import { cardStates, NEW_NO_PIN_SUMS } from "@tallystick/protocol";
import { currentRules, rulesOfBody } from "../allowance-rules.ts";
import type { CardContext } from "../card-context.ts";
import { isSignedByIssuer, tagged } from "../card-crypto.ts";
import { type CardImage, PARTS } from "../card-image.ts";
import { unsigned } from "../numbers.ts";
import { require, SW } from "../refusal.ts";

const BODY_BYTES = 62;
const SIGNATURE_BYTES = 64;
const CERTIFICATE_BYTES = 163;
const HEAD_BYTES = 81;
const KNOWN_FLAGS = 15n;

/** Neither before the first allowance nor after the end. */
export function requireInUse(image: CardImage): void {
  require(image.state === cardStates.personalized || image.state === cardStates.suspended, SW.state);
}

/** UPDATE ALLOWANCE (spec §4.11). */
export function updateAllowanceOnCard({ image, secure, data }: CardContext): Uint8Array {
  require(data.length === BODY_BYTES + SIGNATURE_BYTES, SW.wrongLength);
  require(image.state !== cardStates.installed || secure, SW.noRight);
  require(image.state !== cardStates.terminated, SW.state);
  const needed = PARTS.domain | PARTS.issuerKey | PARTS.keyPair | PARTS.address | PARTS.owner;
  require(image.has(needed), SW.condition);
  const body = data.slice(0, BODY_BYTES);
  const rules = rulesOfBody(body);
  require(rules.flags <= KNOWN_FLAGS, SW.wrongValue);
  require(rules.seq > currentRules(image).seq, SW.notNewer);
  const message = concatBytes(tagged(image, "TLYA"), image.read("address"), body);
  const genuine = isSignedByIssuer(image, { keyId: body[0] ?? 0, message, signature: data.slice(BODY_BYTES) });
  require(genuine, SW.signatureWrong);
  image.write("allowance", data);
  if ((rules.flags & BigInt(NEW_NO_PIN_SUMS)) !== 0n) {
    image.write("noPinUsed", new Uint8Array(6));
    image.write("noPinTaps", new Uint8Array(1));
  }
  image.write("state", Uint8Array.of(rules.perTap === 0n ? cardStates.suspended : cardStates.personalized));
  image.mark(PARTS.allowance);
  return new Uint8Array(0);
}

/** PRESENT CERTIFICATE (spec §4.14). */
export function presentCertificateOnCard({ image, volatile, data }: CardContext): Uint8Array {
  require(data.length === CERTIFICATE_BYTES + SIGNATURE_BYTES, SW.wrongLength);
  require(image.state !== cardStates.installed, SW.state);
  requireOwn(image, data, "TLYM");
  const message = data.slice(0, CERTIFICATE_BYTES);
  const signature = data.slice(CERTIFICATE_BYTES);
  require(isSignedByIssuer(image, { keyId: data[32] ?? 0, message, signature }), SW.signatureWrong);
  volatile.certificate = {
    payee: data.slice(33, 53),
    category: data[53] ?? 0,
    terminalId: data.slice(54, 62),
    terminalKey: data.slice(62, 127),
    notBefore: unsigned(data.slice(127, 131)),
    notAfter: unsigned(data.slice(131, 135)),
  };
  volatile.challenge = null;
  volatile.logRight = false;
  return new Uint8Array(0);
}

/** BEACON get and put (spec §4.15). */
export function beaconOnCard(context: CardContext): Uint8Array {
  return context.p1 === 0 ? getBeaconOnCard(context) : putBeaconOnCard(context);
}

function getBeaconOnCard({ image, data }: CardContext): Uint8Array {
  require(data.length === 0, SW.wrongLength);
  requireInUse(image);
  const beacon = image.read("beacon");
  require(seqOfHead(beacon) !== 0n, SW.noData);
  return beacon;
}

function putBeaconOnCard({ image, data }: CardContext): Uint8Array {
  require(data.length === HEAD_BYTES + SIGNATURE_BYTES, SW.wrongLength);
  requireInUse(image);
  requireOwn(image, data, "TLYS");
  require(seqOfHead(data) > seqOfHead(image.read("beacon")), SW.notNewer);
  const message = data.slice(0, HEAD_BYTES);
  const genuine = isSignedByIssuer(image, { keyId: data[32] ?? 0, message, signature: data.slice(HEAD_BYTES) });
  require(genuine, SW.signatureWrong);
  image.write("beacon", data);
  return new Uint8Array(0);
}

function seqOfHead(head: Uint8Array): bigint {
  return unsigned(head.slice(33, 37));
}

/** Tag and domain at the start of an object must be this card's. */
function requireOwn(image: CardImage, data: Uint8Array, tag: string): void {
  const start = tagged(image, tag);
  require(equalBytes(data.slice(0, start.length), start), SW.wrongValue);
}
