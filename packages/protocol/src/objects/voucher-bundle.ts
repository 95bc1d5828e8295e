import { type AllowanceBody, allowanceBodyField } from "./allowance.ts";
import { publicKey } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { signatureField } from "../bytes/signature-form.ts";
import { type VoucherContext, voucherContextField } from "./voucher-context.ts";
import { type VoucherMessage, voucherMessageField } from "./voucher-message.ts";

/**
 * Everything needed to judge one voucher without its card: an upload's entry of kind 1 (spec §3.8).
 */
export interface VoucherBundle {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly message: VoucherMessage;
  readonly context: VoucherContext;
  /** The card's r ‖ s over M, low s, 64 bytes. */
  readonly signature: Uint8Array;
  readonly allowanceBody: AllowanceBody;
  /** The issuer's r ‖ s over A, 64 bytes. */
  readonly allowanceSignature: Uint8Array;
}

const layout = defineLayout<VoucherBundle>({
  object: "VoucherBundle",
  head: "",
  fields: {
    cardKey: publicKey(33),
    message: voucherMessageField,
    context: voucherContextField,
    signature: signatureField,
    allowanceBody: allowanceBodyField,
    allowanceSignature: signatureField,
  },
});

/** Bytes of a bundle: 382. */
export const VOUCHER_BUNDLE_LENGTH: number = layout.length;

/**
 * Writes a bundle as its 382 bytes (spec §3.8). Throws ProtocolError where a field is not what it
 * may be.
 */
export function encodeVoucherBundle(bundle: VoucherBundle): Uint8Array {
  return layout.encode(bundle);
}

/**
 * Reads a bundle from exactly 382 bytes; throws ProtocolError. It is well formed then, not yet
 * verified.
 */
export function decodeVoucherBundle(bytes: Uint8Array): VoucherBundle {
  return layout.decode(bytes);
}
