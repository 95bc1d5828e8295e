/** One field of an answer or a request, by its place in the bytes. */
export interface WireField {
  readonly name: string;
  readonly offset: number;
  /** Bytes; the signature of PAY's answer is counted at its longest. */
  readonly length: number;
}

/** Lays fields out one behind the other. */
function inOrder(fields: readonly (readonly [name: string, length: number])[]): readonly WireField[] {
  let offset = 0;
  return fields.map(([name, length]) => {
    const field = { name, offset, length };
    offset += length;
    return field;
  });
}

/** The 234 bytes that SELECT answers (spec §4.4), the allowance body field by field (spec §3.3), and the status word. */
export const selectFields: readonly WireField[] = inOrder([
  ["head of the template", 5],
  ["AID, package", 7],
  ["AID, instance", 1],
  ["head of the proprietary part", 3],
  ["version", 1],
  ["state", 1],
  ["cardTag", 8],
  ["card key", 33],
  ["issuer key id", 1],
  ["seq", 4],
  ["maxSpent", 6],
  ["softSpent", 6],
  ["maxCounter", 4],
  ["perTap", 6],
  ["pinAbove", 6],
  ["noPinSum", 6],
  ["noPinCount", 1],
  ["notBefore", 4],
  ["notAfter", 4],
  ["card index", 4],
  ["categories", 8],
  ["flags", 2],
  ["issuer signature r", 32],
  ["issuer signature s", 32],
  ["counter", 4],
  ["spent", 6],
  ["noPinUsed", 6],
  ["noPinTaps", 1],
  ["head", 32],
  ["status word", 2],
]);

/** The 67 bytes that SELECT answers in its short form (spec §4.4), and the status word. */
export const shortSelectFields: readonly WireField[] = inOrder([
  ["head of the template", 4],
  ["version", 1],
  ["state", 1],
  ["cardTag", 8],
  ["seq", 4],
  ["counter", 4],
  ["spent", 6],
  ["noPinUsed", 6],
  ["noPinTaps", 1],
  ["head", 32],
  ["status word", 2],
]);

/** The at most 74 bytes that PAY answers in its short form (spec §4.5); the status word follows the signature. */
export const shortPayFields: readonly WireField[] = inOrder([
  ["cvm", 1],
  ["flags", 1],
  ["signature", 72],
]);

/** The at most 120 bytes that PAY answers (spec §4.5); the status word follows the signature wherever that ends. */
export const payFields: readonly WireField[] = inOrder([
  ["counter", 4],
  ["spent", 6],
  ["seq", 4],
  ["cvm", 1],
  ["flags", 1],
  ["link", 32],
  ["signature", 72],
  ["status word", 2],
]);

/** The 67 bytes that PAY asks (spec §4.5). */
export const requestFields: readonly WireField[] = inOrder([
  ["cardTag", 8],
  ["counter", 4],
  ["payee", 20],
  ["amount", 6],
  ["time", 4],
  ["challenge", 16],
  ["terminal id", 8],
  ["category", 1],
]);

/** The field of that name; throws where there is none. */
export function fieldNamed(fields: readonly WireField[], name: string): WireField {
  const found = fields.find((field) => field.name === name);
  if (found === undefined) throw new RangeError(`no field is named ${name}`);
  return found;
}
