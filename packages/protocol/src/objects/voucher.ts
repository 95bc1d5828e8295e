import { sha256 } from "@noble/hashes/sha2.js";
import type { Address } from "../parties/address.ts";
import { concatBytes } from "../bytes/bytes.ts";
import type { VoucherContext } from "./voucher-context.ts";
import { encodeVoucherMessage, type VoucherMessage } from "./voucher-message.ts";

/** M and D of one payment. */
export interface VoucherParts {
  readonly message: VoucherMessage;
  readonly context: VoucherContext;
}

/**
 * SHA-256(M): the `link` of the card's next voucher, and its head until then (spec §3.2). Also the
 * digest the card signs.
 */
export function messageHash(message: VoucherMessage): Uint8Array {
  return sha256(encodeVoucherMessage(message));
}

/** A voucher's id: SHA-256(card address ‖ M), whatever its signature's bytes are (spec §3.0). */
export function voucherId(card: Address, message: VoucherMessage): Uint8Array {
  return sha256(concatBytes(card, encodeVoucherMessage(message)));
}
