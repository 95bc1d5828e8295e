import { concatBytes, equalBytes } from "@tallystick/apdu";
import {
  closePinKeys,
  decodeDomain,
  derivePinKeys,
  encodePinBlock,
  isProtocolError,
  type OpenedPinCommand,
  openPinCommand,
  type PinKeys,
  PUK_DIGITS,
  terminalKeyOf,
} from "@tallystick/protocol";
import type { CardContext } from "../card-context.ts";
import { signAsCard, tagged } from "../card-crypto.ts";
import { PARTS } from "../card-image.ts";
import { requireInUse } from "./issuer-commands.ts";
import { PIN_TRIES, PUK_TRIES } from "../limits.ts";
import { generatePair } from "./personalization.ts";
import { Refusal, require, SW } from "../refusal.ts";

const CHALLENGE_BYTES = 16;
const VERIFY_BYTES = 121;
const CHANGE_BYTES = 89;

type PinInstruction = 0x20 | 0x24 | 0x2c;

/** PIN SESSION (spec §4.9): a fresh key, signed by the payment key. */
export async function pinSessionOnCard({ image, volatile, data, random }: CardContext): Promise<Uint8Array> {
  require(data.length === CHALLENGE_BYTES, SW.wrongLength);
  requireInUse(image);
  const { secret, publicKey } = generatePair(random);
  volatile.pinSession = { challenge: data, secret, publicKey };
  return concatBytes(publicKey, await signAsCard(image, concatBytes(tagged(image, "TLYE"), data, publicKey)));
}

/** VERIFY PIN, CHANGE PIN and UNBLOCK (spec §4.9), in the order that it gives. */
export function pinCommandOnCard(instruction: PinInstruction): (context: CardContext) => Promise<Uint8Array> {
  return async (context) => {
    const { image, volatile } = context;
    require(context.data.length === (instruction === 0x20 ? VERIFY_BYTES : CHANGE_BYTES), SW.wrongLength);
    requireInUse(image);
    require(image.has(PARTS.pin), SW.condition);
    const keys = takeSession(context, instruction);
    try {
      const secret = instruction === 0x2c ? "puk" : "pin";
      const tries = image.byte(`${secret}Tries`);
      require(tries !== 1 || !context.contactless, SW.condition);
      require(tries > 0, SW.pinBlocked);
      const opened = open(keys, instruction, context.data);
      if (opened.instruction === 0x20) forgetPin(context);
      const given = opened.instruction === 0x20 ? opened.pin : opened.first;
      require(instruction !== 0x2c || given.length === PUK_DIGITS, SW.wrongValue);
      await compare(context, secret, given);
      if (opened.instruction === 0x20) {
        volatile.pinShown = true;
        volatile.pinBoundTo = opened.requestHash;
      } else {
        image.write("pin", encodePinBlock(opened.newPin));
        image.write("pinTries", Uint8Array.of(PIN_TRIES));
        forgetPin(context);
      }
      return new Uint8Array(0);
    } finally {
      closePinKeys(keys);
    }
  };
}

/** A session serves one command, whatever comes of it. */
function takeSession({ image, volatile, data }: CardContext, instruction: PinInstruction): PinKeys {
  const session = volatile.pinSession;
  if (session === null) throw new Refusal(SW.condition);
  volatile.pinSession = null;
  const terminalKey = terminalKeyOf(instruction, data);
  try {
    return derivePinKeys({
      session: {
        domain: decodeDomain(image.read("domain")),
        challenge: session.challenge,
        ephemeralKey: session.publicKey,
      },
      terminalKey,
      ownSecret: session.secret,
      peerKey: terminalKey,
    });
  } catch (error) {
    if (isProtocolError(error)) throw new Refusal(SW.wrongValue);
    throw error;
  } finally {
    session.secret.fill(0);
  }
}

function open(keys: PinKeys, instruction: PinInstruction, data: Uint8Array): OpenedPinCommand {
  try {
    return openPinCommand(keys, instruction, data);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new Refusal(error.code === "BAD_SIGNATURE" ? SW.noRight : SW.wrongValue);
  }
}

/** The try is lost, durably, before the comparison: a card torn in between never won one. */
async function compare(context: CardContext, secret: "pin" | "puk", digits: Uint8Array): Promise<void> {
  const { image } = context;
  const left = image.byte(`${secret}Tries`) - 1;
  image.write(`${secret}Tries`, Uint8Array.of(left));
  await context.persist();
  if (!equalBytes(encodePinBlock(digits), image.read(secret))) throw new Refusal(SW.triesLeft | left);
  image.write(`${secret}Tries`, Uint8Array.of(secret === "pin" ? PIN_TRIES : PUK_TRIES));
}

function forgetPin({ volatile }: CardContext): void {
  volatile.pinShown = false;
  volatile.pinBoundTo = null;
}
