import { keccak_256 } from "@noble/hashes/sha3.js";
import { asciiBytes, copyBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { checkBytes, checkNotZero } from "../bytes/fields.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import type { Field, Place } from "../bytes/layout.ts";

declare const addressBrand: unique symbol;

/** Twenty bytes that name an account on the chain; never all zero. */
export type Address = Uint8Array & { readonly [addressBrand]: true };

/** True for twenty bytes that are not all zero; never throws. */
export function isAddress(value: unknown): value is Address {
  try {
    toAddress(value);
    return true;
  } catch {
    return false;
  }
}

/** Makes an address of twenty bytes; throws WRONG_TYPE, WRONG_LENGTH or ZERO_ADDRESS. */
export function toAddress(value: unknown): Address {
  return brand(value, { object: "address", field: "address" });
}

/**
 * Reads an address from text: 0x and 40 digits, all lower case, all upper case, or mixed case with
 * a right EIP-55 checksum. Throws BAD_HEX, WRONG_LENGTH, BAD_CHECKSUM or ZERO_ADDRESS.
 */
export function parseAddress(text: unknown): Address {
  const address = toAddress(fromHex(text, 20));
  const digits = String(text).slice(2);
  const mixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (mixed && toChecksumAddress(address) !== text) throw new ProtocolError("BAD_CHECKSUM", { actual: String(text) });
  return address;
}

/** Writes an address with the checksum of EIP-55, as wallets show it. */
export function toChecksumAddress(address: Address): string {
  const digits = toHex(address).slice(2);
  const hash = toHex(keccak_256(asciiBytes(digits))).slice(2);
  let text = "0x";
  for (let index = 0; index < digits.length; index += 1) {
    const letter = digits.charAt(index);
    text += Number.parseInt(hash.charAt(index), 16) >= 8 ? letter.toUpperCase() : letter;
  }
  return text;
}

/** A field that holds an address, which is never zero. */
export const addressField: Field<Address> = {
  length: 20,
  write: (value, target, at, place) => target.set(brand(value, place), at),
  read: (source, at, place) => brand(copyBytes(source, at, 20), place),
};

function brand(value: unknown, place: Place): Address {
  const bytes = checkBytes(value, 20, place);
  checkNotZero(bytes, place);
  // The one place where the brand is made: length and value have just been checked.
  return bytes as Address;
}
