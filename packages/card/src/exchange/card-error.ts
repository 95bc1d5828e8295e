/** Why an answer with 9000 cannot be what it claims. */
export type CardErrorCode = "ANSWER_LENGTH" | "ANSWER_VALUE";

/** Thrown when a card says 9000 and its data is not of the form that spec §4 gives it. */
export class CardError extends Error {
  readonly code: CardErrorCode;
  readonly context: { readonly command: string; readonly expected: string; readonly actual: string };

  constructor(code: CardErrorCode, context: CardError["context"]) {
    super(`${context.command} answered ${context.actual}; expected ${context.expected}. Do not trust this card.`);
    this.name = "CardError";
    this.code = code;
    this.context = context;
  }
}

/** Returns the data when it has exactly `length` bytes. */
export function exactLength(data: Uint8Array, length: number, command: string): Uint8Array {
  if (data.length !== length) {
    throw new CardError("ANSWER_LENGTH", { command, expected: `${length} bytes`, actual: `${data.length} bytes` });
  }
  return data;
}

/** The value of a command that answers with its status word alone. */
export function noData(data: Uint8Array, command: string): null {
  exactLength(data, 0, command);
  return null;
}
