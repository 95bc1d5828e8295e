import { isBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { PIN_BLOCK_LENGTH, PIN_MAX_DIGITS, PIN_MIN_DIGITS, PUK_DIGITS } from "../bytes/limits.ts";

/** Control nibble of format 2 (ISO 9564-1 §9.3.3), the format for a PIN on its way to a card. */
const formatTwo = 0x20;

/**
 * Writes a PIN as its block of 8 bytes: 2, the number of digits, the digits, filled up with F. The
 * PIN is bytes with one digit 0–9 each, never text, so that its owner can overwrite it. Throws
 * OUT_OF_RANGE without showing what came.
 */
export function encodePinBlock(digits: Uint8Array): Uint8Array {
  checkDigits(digits);
  const block = new Uint8Array(PIN_BLOCK_LENGTH).fill(0xff);
  block[0] = formatTwo | digits.length;
  digits.forEach((digit, index) => {
    const at = 1 + (index >> 1);
    const old = block[at] ?? 0;
    block[at] = index % 2 === 0 ? (digit << 4) | (old & 0x0f) : (old & 0xf0) | digit;
  });
  return block;
}

/**
 * Reads the digits of a PIN block; throws OUT_OF_RANGE for every block that encodePinBlock does not
 * write.
 */
export function decodePinBlock(block: Uint8Array): Uint8Array {
  const length = isBytes(block) && block.length === PIN_BLOCK_LENGTH ? (block[0] ?? 0) - formatTwo : -1;
  if (length < PIN_MIN_DIGITS || length > PIN_MAX_DIGITS) throw malformed("a format-2 block of 4 to 12 digits");
  const digits = Uint8Array.from({ length }, (_, index) => nibble(block, 2 + index));
  checkDigits(digits);
  for (let at = 2 + length; at < 2 * PIN_BLOCK_LENGTH; at += 1) {
    if (nibble(block, at) !== 0x0f) throw malformed("filled up with F");
  }
  return digits;
}

/** Throws OUT_OF_RANGE unless the digits can be a PUK: exactly 8. */
export function checkPuk(digits: Uint8Array): Uint8Array {
  checkDigits(digits);
  if (digits.length !== PUK_DIGITS) throw malformed("8 digits");
  return digits;
}

function nibble(block: Uint8Array, at: number): number {
  const byte = block[at >> 1] ?? 0;
  return at % 2 === 0 ? byte >> 4 : byte & 0x0f;
}

function checkDigits(digits: Uint8Array): void {
  const good = isBytes(digits) && digits.length >= PIN_MIN_DIGITS && digits.length <= PIN_MAX_DIGITS;
  if (!good || !digits.every((digit) => digit <= 9)) throw malformed("4 to 12 digits, one a byte");
}

/** The value that came is a secret and stays out of the message. */
function malformed(expected: string): ProtocolError {
  return new ProtocolError("OUT_OF_RANGE", { object: "PIN", field: "digits", expected, actual: "something else" });
}
