import { fromHex, toAddress } from "@tallystick/protocol";
import { isUuid } from "../database/uuid.ts";
import { Problem } from "./problem.ts";

/** A path's address: anything else cannot be found. */
export function pathAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{40}$/.test(text))
    throw new Problem("NOT_FOUND", "An address is 0x and 40 hexadecimal digits in lower case.");
  const bytes = fromHex(text, 20);
  if (bytes.every((byte) => byte === 0)) throw new Problem("NOT_FOUND", "The zero address is nobody.");
  return toAddress(bytes);
}

/** A path's terminal id. */
export function pathTerminalId(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{16}$/.test(text))
    throw new Problem("NOT_FOUND", "A terminal id is 0x and 16 hexadecimal digits in lower case.");
  return fromHex(text, 8);
}

export function pathHash(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(text))
    throw new Problem("NOT_FOUND", "An id is 0x and 64 hexadecimal digits in lower case.");
  return fromHex(text, 32);
}

/** A count in a query; null where it is left out. Throws Problem MALFORMED_BODY. */
export function queryCount(name: string, text: unknown): number | null {
  if (text === undefined) return null;
  if (typeof text === "string" && /^(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  throw new Problem("MALFORMED_BODY", `${name}: write a whole number in decimal digits.`);
}

/** A flag of the query: `true`, or left out. Throws Problem MALFORMED_BODY. */
export function queryFlag(name: string, text: unknown): boolean {
  if (text === undefined || text === "true") return text === "true";
  throw new Problem("MALFORMED_BODY", `${name}: write true, or leave it out.`);
}

export function pathUuid(text: string): string {
  if (!isUuid(text)) throw new Problem("NOT_FOUND", "An id is a UUID in lower case.");
  return text;
}
