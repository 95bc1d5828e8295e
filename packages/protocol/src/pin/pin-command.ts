import { cbc, cmac } from "@noble/ciphers/aes.js";
import { assertLength, concatBytes, copyBytes, equalBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { PIN_BLOCK_LENGTH } from "../bytes/limits.ts";
import { encodePayRequest, type PayRequest } from "../objects/pay-request.ts";
import { checkPuk, decodePinBlock, encodePinBlock } from "./pin-block.ts";
import type { PinKeys } from "./pin-keys.ts";
import { digestOf } from "../parties/signing.ts";

/** Instructions of the commands that carry a PIN (spec §4.2). */
export const pinInstructions = Object.freeze({ verify: 0x20, change: 0x24, unblock: 0x2c } as const);

const keyLength = 65;
const hashLength = 32;
const cryptogramLength = 16;
const macLength = 8;

/** Bytes of VERIFY PIN's data: terminal key ‖ request hash ‖ cryptogram ‖ MAC. */
export const VERIFY_PIN_LENGTH: number = keyLength + hashLength + cryptogramLength + macLength;

/** Bytes of CHANGE PIN's and UNBLOCK's data: terminal key ‖ cryptogram ‖ MAC. */
export const CHANGE_PIN_LENGTH: number = keyLength + cryptogramLength + macLength;

/** A session's public key and keys, as openPinSession answers them. */
export interface OpenPinSession {
  readonly terminalKey: Uint8Array;
  readonly keys: PinKeys;
}

/**
 * What binds a PIN to one payment: SHA-256 of the 67 bytes of its PAY request (spec §4.9). Throws
 * what encodePayRequest throws.
 */
export function payRequestHash(request: PayRequest): Uint8Array {
  return digestOf(encodePayRequest(request));
}

/**
 * The data of VERIFY PIN, 121 bytes: the PIN for exactly this request, whose hash has 32 (spec
 * §4.9). Digits are one a byte, 4 to 12. Throws OUT_OF_RANGE, WRONG_TYPE, WRONG_LENGTH or
 * SURPLUS_BYTES.
 */
export function sealVerifyPin(session: OpenPinSession, pin: Uint8Array, requestHash: Uint8Array): Uint8Array {
  assertLength(requestHash, hashLength, "VERIFY PIN request hash");
  const block = concatBytes(encodePinBlock(pin), copyBytes(requestHash, 0, PIN_BLOCK_LENGTH));
  return seal(session, { instruction: pinInstructions.verify, bound: requestHash, block });
}

/**
 * The data of CHANGE PIN, 89 bytes: the old PIN and the new one, digits one a byte, 4 to 12 (spec
 * §4.9). Throws OUT_OF_RANGE.
 */
export function sealChangePin(session: OpenPinSession, oldPin: Uint8Array, newPin: Uint8Array): Uint8Array {
  const block = concatBytes(encodePinBlock(oldPin), encodePinBlock(newPin));
  return seal(session, { instruction: pinInstructions.change, bound: new Uint8Array(0), block });
}

/**
 * The data of UNBLOCK, 89 bytes: the PUK of 8 digits and a new PIN of 4 to 12, one a byte (spec
 * §4.9). Throws OUT_OF_RANGE.
 */
export function sealUnblock(session: OpenPinSession, puk: Uint8Array, newPin: Uint8Array): Uint8Array {
  const block = concatBytes(encodePinBlock(checkPuk(puk)), encodePinBlock(newPin));
  return seal(session, { instruction: pinInstructions.unblock, bound: new Uint8Array(0), block });
}

/**
 * What a card reads from a PIN command whose MAC holds: two blocks, or one block and the request
 * that it is for.
 */
export type OpenedPinCommand =
  | { readonly instruction: 0x20; readonly pin: Uint8Array; readonly requestHash: Uint8Array }
  | { readonly instruction: 0x24 | 0x2c; readonly first: Uint8Array; readonly newPin: Uint8Array };

/**
 * The card's side: splits the data and finds the terminal's key, before any key can be derived.
 * Throws WRONG_LENGTH, SURPLUS_BYTES.
 */
export function terminalKeyOf(instruction: 0x20 | 0x24 | 0x2c, data: Uint8Array): Uint8Array {
  assertLength(data, instruction === pinInstructions.verify ? VERIFY_PIN_LENGTH : CHANGE_PIN_LENGTH, "PIN command");
  return copyBytes(data, 0, keyLength);
}

/**
 * The card's side: checks the MAC, then opens the block. Throws BAD_SIGNATURE where the MAC does
 * not hold and OUT_OF_RANGE where the block is not well formed or is for another request; a card
 * ends the session then and uses no try (spec §4.9).
 */
export function openPinCommand(keys: PinKeys, instruction: 0x20 | 0x24 | 0x2c, data: Uint8Array): OpenedPinCommand {
  terminalKeyOf(instruction, data);
  const bound = copyBytes(data, keyLength, instruction === pinInstructions.verify ? hashLength : 0);
  const cryptogram = copyBytes(data, keyLength + bound.length, cryptogramLength);
  const mac = copyBytes(data, data.length - macLength, macLength);
  if (!equalBytes(mac, macOf(keys, instruction, bound, cryptogram)))
    throw new ProtocolError("BAD_SIGNATURE", { object: "PIN command" });
  const block = cbc(keys.encryption, new Uint8Array(16), { disablePadding: true }).decrypt(cryptogram);
  const [first, second] = [copyBytes(block, 0, PIN_BLOCK_LENGTH), copyBytes(block, PIN_BLOCK_LENGTH, PIN_BLOCK_LENGTH)];
  block.fill(0);
  const digits = decodePinBlock(first);
  if (instruction !== pinInstructions.verify) return { instruction, first: digits, newPin: decodePinBlock(second) };
  if (!equalBytes(second, copyBytes(bound, 0, PIN_BLOCK_LENGTH))) {
    const expected = "the first 8 bytes of the request hash";
    throw new ProtocolError("OUT_OF_RANGE", { object: "PIN", field: "request", expected, actual: "another request" });
  }
  return { instruction, pin: digits, requestHash: bound };
}

function seal(
  session: OpenPinSession,
  command: { readonly instruction: number; readonly bound: Uint8Array; readonly block: Uint8Array },
): Uint8Array {
  const { instruction, bound, block } = command;
  const cryptogram = cbc(session.keys.encryption, new Uint8Array(16), { disablePadding: true }).encrypt(block);
  block.fill(0);
  return concatBytes(session.terminalKey, bound, cryptogram, macOf(session.keys, instruction, bound, cryptogram));
}

function macOf(keys: PinKeys, instruction: number, bound: Uint8Array, cryptogram: Uint8Array): Uint8Array {
  return copyBytes(cmac(concatBytes(Uint8Array.of(instruction), bound, cryptogram), keys.mac), 0, macLength);
}
