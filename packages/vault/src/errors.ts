/** What is wrong, and where. */
export interface VaultErrorContexts {
  /** The payload's form is not the one of spec §7.3; the vault would revert for it. */
  readonly MALFORMED_PAYLOAD: { readonly fault: string; readonly at: number };
  /** A number or byte string outside what its place can hold. */
  readonly OUT_OF_RANGE: { readonly field: string; readonly expected: string; readonly actual: string };
  /** More than one transaction may carry. */
  readonly TOO_MANY: { readonly what: string; readonly maximum: number; readonly actual: number };
}

/** The stable code of a vault error. */
export type VaultErrorCode = keyof VaultErrorContexts;

const describe: { readonly [C in VaultErrorCode]: (context: VaultErrorContexts[C]) => string } = {
  MALFORMED_PAYLOAD: (c) => `The settlement payload is malformed at byte ${c.at}: ${c.fault}.`,
  OUT_OF_RANGE: (c) => `${c.field} must be ${c.expected}; ${c.actual} came.`,
  TOO_MANY: (c) => `A payload holds at most ${c.maximum} ${c.what}; ${c.actual} came. Make several payloads.`,
};

/** Thrown for payloads and values that the vault would not take; the code is stable, the message is for people. */
export class VaultError<C extends VaultErrorCode = VaultErrorCode> extends Error {
  readonly code: C;
  readonly context: VaultErrorContexts[C];

  constructor(code: C, context: VaultErrorContexts[C]) {
    super(describe[code](context));
    this.name = "VaultError";
    this.code = code;
    this.context = context;
  }
}
