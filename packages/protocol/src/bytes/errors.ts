/**
 * The typed context of every error code: what object, which field, what came and what was expected.
 */
export interface ProtocolErrorContexts {
  /** Fewer bytes than the object has, or a field value of another length. */
  readonly WRONG_LENGTH: {
    readonly object: string;
    readonly field?: string;
    readonly expected: string;
    readonly actual: number;
  };
  /** More bytes than the object has: one object, one encoding. */
  readonly SURPLUS_BYTES: { readonly object: string; readonly expected: number; readonly actual: number };
  /** The first bytes are not this object's tag. */
  readonly UNKNOWN_TAG: { readonly object: string; readonly expected: string; readonly actual: string };
  /** A version this code does not speak. */
  readonly UNKNOWN_VERSION: { readonly object: string; readonly expected: number; readonly actual: number };
  /** An upload entry of a kind this code does not know. */
  readonly UNKNOWN_KIND: { readonly object: string; readonly actual: number };
  /** A number or byte outside what the field may hold. */
  readonly OUT_OF_RANGE: {
    readonly object: string;
    readonly field: string;
    readonly expected: string;
    readonly actual: string;
  };
  /** A value that is not of the field's type at all. */
  readonly WRONG_TYPE: {
    readonly object: string;
    readonly field: string;
    readonly expected: string;
    readonly actual: string;
  };
  /** The payee is the zero address, from which nobody can withdraw. */
  readonly ZERO_PAYEE: { readonly object: string };
  /** Another address that must not be zero is. */
  readonly ZERO_ADDRESS: { readonly object: string; readonly field: string };
  /** Bytes that are no point of secp256k1, or not in the form the field wants. */
  readonly BAD_PUBLIC_KEY: { readonly object: string; readonly field: string };
  /** A signature that is not in the one DER form, or is not 64 bytes. */
  readonly BAD_SIGNATURE_ENCODING: { readonly fault: string };
  /** r or s is zero or not below the order of the group. */
  readonly SIGNATURE_OUT_OF_RANGE: { readonly part: "r" | "s" };
  /** s is above half the order where only the low form is accepted. */
  readonly HIGH_S: Record<never, never>;
  /** A well-formed signature that is not this key's over these bytes. */
  readonly BAD_SIGNATURE: { readonly object: string };
  /** A secret key that is no scalar from 1 to n − 1. */
  readonly BAD_SECRET_KEY: Record<never, never>;
  /** More entries in an upload than the limit. */
  readonly TOO_MANY_ENTRIES: { readonly maximum: number; readonly actual: number };
  /** More cards in a status list than a receiver unpacks. */
  readonly LIST_TOO_LARGE: { readonly maximum: number; readonly actual: number };
  /** A card index at or past the end of the status list. */
  readonly INDEX_PAST_END: { readonly cards: number; readonly actual: number };
  /** Unused bits of the last byte of a status list are not zero. */
  readonly NONZERO_PADDING: { readonly object: string };
  /** Bytes that are no raw deflate stream of the expected length. */
  readonly BAD_DEFLATE: { readonly fault: string };
  /** Bytes whose SHA-256 is not the one that was signed. */
  readonly HASH_MISMATCH: { readonly object: string };
  /** Text that is not 0x followed by whole bytes in hexadecimal. */
  readonly BAD_HEX: { readonly fault: string };
  /** An address in mixed case whose checksum is wrong (EIP-55): most likely a typing error. */
  readonly BAD_CHECKSUM: { readonly actual: string };
}

/** The stable code of a protocol error. */
export type ProtocolErrorCode = keyof ProtocolErrorContexts;

type Describe = { readonly [C in ProtocolErrorCode]: (context: ProtocolErrorContexts[C]) => string };

/** One sentence for each code: what came, and what was expected instead. */
const describe: Describe = {
  WRONG_LENGTH: (c) => `${place(c)} must be ${c.expected} bytes long; ${c.actual} came.`,
  SURPLUS_BYTES: (c) =>
    `${c.object} is ${c.expected} bytes long; ${c.actual - c.expected} more came. Send the object alone.`,
  UNKNOWN_TAG: (c) => `${c.object} must begin with ${c.expected}; ${c.actual} came.`,
  UNKNOWN_VERSION: (c) => `${c.object} has version ${c.actual}; this software reads version ${c.expected}.`,
  UNKNOWN_KIND: (c) => `${c.object} has an entry of the unknown kind ${c.actual}.`,
  OUT_OF_RANGE: (c) => `${c.object}.${c.field} must be ${c.expected}; ${c.actual} came.`,
  WRONG_TYPE: (c) => `${c.object}.${c.field} must be ${c.expected}; ${c.actual} came.`,
  ZERO_PAYEE: (c) => `${c.object}.payee must not be the zero address, from which nobody can withdraw.`,
  ZERO_ADDRESS: (c) => `${c.object}.${c.field} must not be the zero address.`,
  BAD_PUBLIC_KEY: (c) => `${c.object}.${c.field} is no secp256k1 public key of the expected form.`,
  BAD_SIGNATURE_ENCODING: (c) => `The signature is not in its only valid form: ${c.fault}.`,
  SIGNATURE_OUT_OF_RANGE: (c) => `The signature's ${c.part} must be from 1 to n - 1.`,
  HIGH_S: () => "The signature's s is above n / 2; only the low form is accepted.",
  BAD_SIGNATURE: (c) => `The signature of ${c.object} is not by the expected key over these bytes.`,
  BAD_SECRET_KEY: () => "The secret key must be 32 bytes that hold a number from 1 to n - 1.",
  TOO_MANY_ENTRIES: (c) => `An upload holds at most ${c.maximum} entries; this one has ${c.actual} or more. Split it.`,
  LIST_TOO_LARGE: (c) => `A status list holds at most ${c.maximum} cards; this one claims ${c.actual}.`,
  INDEX_PAST_END: (c) => `Card index ${c.actual} is past the end of a status list of ${c.cards} cards.`,
  NONZERO_PADDING: (c) => `${c.object} has bits set beyond its last card.`,
  BAD_DEFLATE: (c) => `The compressed status list cannot be unpacked: ${c.fault}.`,
  HASH_MISMATCH: (c) => `${c.object} does not have the SHA-256 that was signed.`,
  BAD_HEX: (c) => `The text is not 0x and whole bytes in hexadecimal: ${c.fault}.`,
  BAD_CHECKSUM: (c) => `The address ${c.actual} has a wrong checksum (EIP-55); copy it again.`,
};

/**
 * Thrown for every byte string or value that is not exactly what the protocol says. The code is
 * stable and the context is typed by it; the message is for people and may change.
 */
export class ProtocolError<C extends ProtocolErrorCode = ProtocolErrorCode> extends Error {
  readonly code: C;
  readonly context: ProtocolErrorContexts[C];

  constructor(code: C, context: ProtocolErrorContexts[C]) {
    super(describe[code](context));
    this.name = "ProtocolError";
    this.code = code;
    this.context = context;
  }
}

/** True for a ProtocolError, with this code where one is given. */
export function isProtocolError<C extends ProtocolErrorCode = ProtocolErrorCode>(
  error: unknown,
  code?: C,
): error is ProtocolError<C> {
  return error instanceof ProtocolError && (code === undefined || error.code === code);
}

/** Every code, for reference pages and exhaustive maps. */
export const protocolErrorCodes: readonly ProtocolErrorCode[] = Object.freeze(
  Object.keys(describe).sort(),
) as readonly ProtocolErrorCode[];

function place(context: { readonly object: string; readonly field?: string }): string {
  return context.field === undefined ? context.object : `${context.object}.${context.field}`;
}
