import { Injectable, type ArgumentMetadata, type PipeTransform } from "@nestjs/common";
import { fromHex, isProtocolError, parseAddress, toAddress, toHex } from "@tallystick/protocol";
import { isUuid } from "../database/uuid.ts";
import { Problem } from "./problem.ts";

/**
 * An address in the spelling of EIP-55, as wallets and `verify evidence` show it, in lower case; every
 * other text as it is. Throws Problem ADDRESS_CHECKSUM where its capitals do not fit its digits.
 */
export function lowerAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text) || text === text.toLowerCase()) return text;
  try {
    return toHex(parseAddress(text));
  } catch (error) {
    if (!isProtocolError(error) || error.code !== "BAD_CHECKSUM") return text.toLowerCase();
    throw new Problem(
      "ADDRESS_CHECKSUM",
      "Copy the address again, or write it in lower case where you are sure of it.",
    );
  }
}

/** The name of an account in the books, such as `owed:0x…`, with its address in lower case. Throws Problem ADDRESS_CHECKSUM. */
export function lowerAccount(name: string): string {
  const [chart = "", address, ...rest] = name.split(":");
  return address === undefined ? name : [chart, lowerAddress(address), ...rest].join(":");
}

/** Hands every call the addresses of its path in lower case. Throws Problem ADDRESS_CHECKSUM. */
@Injectable()
export class LowerAddresses implements PipeTransform {
  transform(value: unknown, { type }: Pick<ArgumentMetadata, "type">): unknown {
    return type === "param" && typeof value === "string" ? lowerAddress(value) : value;
  }
}

/** A path's address, which has come through `LowerAddresses`: anything else cannot be found. */
export function pathAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{40}$/.test(text)) throw new Problem("NOT_FOUND", "An address is 0x and 40 hexadecimal digits.");
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

/** A path's number of one of those that are counted from 1. `what` names them. */
export function pathNumber(text: string, what: string): bigint {
  if (!/^[1-9][0-9]{0,17}$/.test(text)) throw new Problem("NOT_FOUND", `${what} is named by its number.`);
  return BigInt(text);
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
