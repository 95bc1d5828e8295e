import { concatBytes, copyBytes, isBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { oneOf } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { MAX_DER_SIGNATURE_LENGTH, MIN_DER_SIGNATURE_LENGTH } from "../bytes/limits.ts";
import { parseCardSignature } from "../bytes/signature-form.ts";
import type { PayRequest } from "../objects/pay-request.ts";
import type { PayAnswer } from "./pay-answer.ts";
import type { SelectAnswer } from "./select-answer.ts";

/**
 * The answer of PAY in its short form, with P2 01: the fields of D that neither the request nor SELECT
 * holds, and the signature (spec §4.5).
 */
export type ShortPayAnswer = Pick<PayAnswer, "cvm" | "flags" | "signature">;

const layout = defineLayout<Omit<ShortPayAnswer, "signature">>({
  object: "ShortPayAnswer",
  head: "",
  fields: { cvm: oneOf([0, 1] as const), flags: oneOf([0] as const) },
});

/** Most bytes of the short answer: 74. */
const MAX_SHORT_PAY_ANSWER_LENGTH: number = layout.length + MAX_DER_SIGNATURE_LENGTH;

/**
 * Writes the short answer of PAY, 10 to 74 bytes (spec §4.5). The signature's form is checked, not what
 * it signs. Throws ProtocolError where a field is not what it may be.
 */
export function encodeShortPayAnswer(answer: ShortPayAnswer): Uint8Array {
  parseCardSignature(answer.signature);
  return concatBytes(layout.encode(answer), answer.signature);
}

/** Reads the short answer of PAY without its status word: 10 to 74 bytes. Throws ProtocolError. */
export function decodeShortPayAnswer(bytes: Uint8Array): ShortPayAnswer {
  const object = "ShortPayAnswer";
  const least = layout.length + MIN_DER_SIGNATURE_LENGTH;
  const length = isBytes(bytes) ? bytes.length : 0;
  const expected = `${least}-${MAX_SHORT_PAY_ANSWER_LENGTH}`;
  if (length < least) throw new ProtocolError("WRONG_LENGTH", { object, expected, actual: length });
  if (length > MAX_SHORT_PAY_ANSWER_LENGTH)
    throw new ProtocolError("SURPLUS_BYTES", { object, expected: MAX_SHORT_PAY_ANSWER_LENGTH, actual: length });
  const signature = copyBytes(bytes, layout.length);
  const fields = layout.decode(copyBytes(bytes, 0, layout.length));
  parseCardSignature(signature);
  return { ...fields, signature };
}

/**
 * The long answer of a card that gave the short one to this request after this SELECT (spec §4.5): what
 * is false in either fails the signature. A `spent` above u48 is refused by encodePayAnswer.
 */
export function rebuildPayAnswer(
  short: ShortPayAnswer,
  after: {
    readonly select: Pick<SelectAnswer, "spent" | "allowanceBody" | "head">;
    readonly request: Pick<PayRequest, "counter" | "amount">;
  },
): PayAnswer {
  const { select, request } = after;
  const { cvm, flags, signature } = short;
  return {
    ...{ counter: request.counter, spent: select.spent + request.amount, allowanceSeq: select.allowanceBody.seq },
    ...{ cvm, flags, link: select.head, signature },
  };
}
