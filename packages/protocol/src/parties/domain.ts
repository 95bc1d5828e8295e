import { type Address, addressField } from "./address.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { wide } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";

/**
 * The vault that pays, on its chain; a vault never changes its token, so the domain fixes the
 * currency (spec §2.2).
 */
export interface Domain {
  /** EIP-155 chain id, at least 1. */
  readonly chainId: bigint;
  readonly vault: Address;
}

const layout = defineLayout<Domain>({
  object: "Domain",
  head: "",
  fields: { chainId: wide(8, { minimum: 1n }), vault: addressField },
});

/** Bytes of an encoded domain: 28. */
export const DOMAIN_LENGTH: number = layout.length;

/**
 * Writes a domain as its 28 bytes (spec §2.2). Throws ProtocolError where a field is not what it
 * may be.
 */
export function encodeDomain(domain: Domain): Uint8Array {
  return layout.encode(domain);
}

/** Reads a domain from exactly 28 bytes; throws ProtocolError. */
export function decodeDomain(bytes: Uint8Array): Domain {
  return layout.decode(bytes);
}

/** A field that holds a domain. */
export const domainField: Field<Domain> = nested(layout);

/** True when both name the same vault on the same chain (spec §2.2). */
export function sameDomain(left: Domain, right: Domain): boolean {
  return left.chainId === right.chainId && equalBytes(left.vault, right.vault);
}
