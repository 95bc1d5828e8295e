import { ProtocolError } from "./errors.ts";
import { MAX_HEX_TEXT_LENGTH } from "./limits.ts";

/** The two digits of every byte. */
const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Writes bytes as 0x and lower-case hexadecimal, for files, HTTP and people. */
export function toHex(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += DIGITS[byte] ?? "";
  return text;
}

/**
 * Reads 0x and hexadecimal in either case. With a length, other lengths are refused.
 * Throws ProtocolError BAD_HEX or WRONG_LENGTH.
 */
export function fromHex(text: unknown, length?: number): Uint8Array {
  if (typeof text !== "string") throw new ProtocolError("BAD_HEX", { fault: `a ${typeof text} came instead of text` });
  if (text.length > MAX_HEX_TEXT_LENGTH)
    throw new ProtocolError("BAD_HEX", { fault: `${text.length} characters are too many` });
  if (!text.startsWith("0x")) throw new ProtocolError("BAD_HEX", { fault: "it does not begin with 0x" });
  if (text.length % 2 !== 0) throw new ProtocolError("BAD_HEX", { fault: "half a byte is missing" });
  if (!/^[0-9a-fA-F]*$/.test(text.slice(2)))
    throw new ProtocolError("BAD_HEX", { fault: "a character is no hexadecimal digit" });
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(2 + index * 2, 4 + index * 2), 16);
  }
  if (length !== undefined && bytes.length !== length) {
    throw new ProtocolError("WRONG_LENGTH", {
      object: "hexadecimal text",
      expected: String(length),
      actual: bytes.length,
    });
  }
  return bytes;
}
