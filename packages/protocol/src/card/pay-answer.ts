import { concatBytes, copyBytes, isBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { amount, fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { MAX_DER_SIGNATURE_LENGTH, MIN_DER_SIGNATURE_LENGTH } from "../bytes/limits.ts";
import { parseCardSignature } from "../bytes/signature-form.ts";
import type { Cvm } from "../objects/voucher-context.ts";

/**
 * The answer of PAY: every field of D that the request does not hold, and the signature (spec
 * §4.5).
 */
export interface PayAnswer {
  readonly counter: number;
  /** Units spent in all, this payment included. */
  readonly spent: bigint;
  /** Sequence number of the allowance under which the card paid. */
  readonly allowanceSeq: number;
  readonly cvm: Cvm;
  readonly flags: 0;
  /** SHA-256(M of counter − 1), 32 bytes. */
  readonly link: Uint8Array;
  /** DER, at most 72 bytes, any s. */
  readonly signature: Uint8Array;
}

const layout = defineLayout<Omit<PayAnswer, "signature">>({
  object: "PayAnswer",
  head: "",
  fields: {
    counter: unsigned(4, { minimum: 1 }),
    spent: amount(1n),
    allowanceSeq: unsigned(4, { minimum: 1 }),
    cvm: oneOf([0, 1] as const),
    flags: oneOf([0] as const),
    link: fixedBytes(32),
  },
});

/** Most bytes of the answer: 120. */
export const MAX_PAY_ANSWER_LENGTH: number = layout.length + MAX_DER_SIGNATURE_LENGTH;

/**
 * Writes the answer of PAY, 56 to 120 bytes (spec §4.5). The signature's form is checked, not what
 * it signs. Throws ProtocolError where a field is not what it may be.
 */
export function encodePayAnswer(answer: PayAnswer): Uint8Array {
  parseCardSignature(answer.signature);
  return concatBytes(layout.encode(answer), answer.signature);
}

/** Reads the answer of PAY without its status word: 56 to 120 bytes. Throws ProtocolError. */
export function decodePayAnswer(bytes: Uint8Array): PayAnswer {
  const least = layout.length + MIN_DER_SIGNATURE_LENGTH;
  if (!isBytes(bytes) || bytes.length < least) {
    throw new ProtocolError("WRONG_LENGTH", {
      object: "PayAnswer",
      expected: `${least}-${MAX_PAY_ANSWER_LENGTH}`,
      actual: isBytes(bytes) ? bytes.length : 0,
    });
  }
  if (bytes.length > MAX_PAY_ANSWER_LENGTH) {
    throw new ProtocolError("SURPLUS_BYTES", {
      object: "PayAnswer",
      expected: MAX_PAY_ANSWER_LENGTH,
      actual: bytes.length,
    });
  }
  const signature = copyBytes(bytes, layout.length);
  const fields = layout.decode(copyBytes(bytes, 0, layout.length));
  parseCardSignature(signature);
  return { ...fields, signature };
}
