import { type AllowanceBody, allowanceBodyField } from "../objects/allowance.ts";
import { copyBytes, equalBytes, isBytes } from "../bytes/bytes.ts";
import { type CardState, cardStates, stateBytesWithAllowance } from "../objects/card-state.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { amount, checkBytes, fixedBytes, oneOf, publicKey, unsigned } from "../bytes/fields.ts";
import { toHex } from "../bytes/hex.ts";
import { defineLayout, type Field } from "../bytes/layout.ts";

/** The package's AID; an instance's AID is this and one byte, 01 for the first (spec §2.3). */
export const PACKAGE_AID: Uint8Array = Uint8Array.of(0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0x00);

/** The version of the protocol that a card states in SELECT. */
export const PROTOCOL_VERSION = 1;

/** The AID (8 bytes) of an instance, 1 to 255 (spec §2.3). Throws OUT_OF_RANGE. */
export function instanceAid(instance: number): Uint8Array {
  if (!Number.isInteger(instance) || instance < 1 || instance > 255) {
    throw new ProtocolError("OUT_OF_RANGE", {
      object: "AID",
      field: "instance",
      expected: "1 to 255",
      actual: String(instance),
    });
  }
  return Uint8Array.of(...PACKAGE_AID, instance);
}

/**
 * What SELECT answers once the card has an allowance (spec §4.4). Nothing in it but the allowance
 * is signed.
 */
export interface SelectAnswer {
  /** AID of the instance, 8 bytes. */
  readonly aid: Uint8Array;
  readonly version: 1;
  readonly state: CardState;
  /** 8 bytes. */
  readonly cardTag: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly allowanceBody: AllowanceBody;
  /** The issuer's r ‖ s over A, 64 bytes; whether it verifies is the terminal's to find. */
  readonly allowanceSignature: Uint8Array;
  readonly counter: number;
  /** Units. */
  readonly spent: bigint;
  /** Units since the last PIN, or the last allowance that starts the sums anew. */
  readonly noPinUsed: bigint;
  readonly noPinTaps: number;
  /** SHA-256(M of counter), zeros at counter 0: 32 bytes. */
  readonly head: Uint8Array;
}

/** What SELECT answers before the first allowance (spec §4.4). */
export interface BlankSelectAnswer {
  readonly aid: Uint8Array;
  readonly version: 1;
  readonly state: CardState;
}

/** The version that an answer states; another one is UNKNOWN_VERSION. */
export const versionField: Field<1> = {
  length: 1,
  write: (value, target, at, place) => {
    target[at] = checkVersion(value, place.object);
  },
  read: (source, at, place) => checkVersion(source[at] ?? 0, place.object),
};

/** The AID and the head of the proprietary part behind it: 85 and its length in its only form. */
function aidField(proprietaryHead: readonly number[]): Field<Uint8Array> {
  return {
    length: 8 + proprietaryHead.length,
    write: (value, target, at, place) => {
      checkAid(checkBytes(value, 8, place), place.object);
      target.set(value, at);
      target.set(proprietaryHead, at + 8);
    },
    read: (source, at, place) => {
      const found = copyBytes(source, at + 8, proprietaryHead.length);
      if (!equalBytes(found, Uint8Array.from(proprietaryHead))) {
        throw new ProtocolError("UNKNOWN_TAG", {
          object: place.object,
          expected: toHex(Uint8Array.from(proprietaryHead)),
          actual: toHex(found),
        });
      }
      return checkAid(copyBytes(source, at, 8), place.object);
    },
  };
}

const layout = defineLayout<SelectAnswer>({
  object: "SelectAnswer",
  head: Uint8Array.of(0x6f, 0x81, 0xe7, 0x84, 0x08),
  fields: {
    aid: aidField([0x85, 0x81, 0xda]),
    version: versionField,
    state: oneOf(stateBytesWithAllowance),
    cardTag: fixedBytes(8),
    cardKey: publicKey(33),
    allowanceBody: allowanceBodyField,
    allowanceSignature: fixedBytes(64),
    counter: unsigned(4),
    spent: amount(),
    noPinUsed: amount(),
    noPinTaps: unsigned(1),
    head: fixedBytes(32),
  },
});

const blankLayout = defineLayout<BlankSelectAnswer>({
  object: "BlankSelectAnswer",
  head: Uint8Array.of(0x6f, 0x0e, 0x84, 0x08),
  fields: {
    aid: aidField([0x85, 0x02]),
    version: versionField,
    state: oneOf<CardState>([cardStates.installed, cardStates.terminated]),
  },
});

/** Bytes of SELECT's answer without the status word: 234. */
export const SELECT_ANSWER_LENGTH: number = layout.length;

/** Bytes of SELECT's answer before the first allowance: 16. */
export const BLANK_SELECT_ANSWER_LENGTH: number = blankLayout.length;

/**
 * Writes SELECT's answer as its 234 bytes (spec §4.4). Throws ProtocolError where a field is not
 * what it may be.
 */
export function encodeSelectAnswer(answer: SelectAnswer): Uint8Array {
  return layout.encode(answer);
}

/** Reads SELECT's answer, without the status word, from exactly 234 bytes; throws ProtocolError. */
export function decodeSelectAnswer(bytes: Uint8Array): SelectAnswer {
  return layout.decode(bytes);
}

/** True where the bytes have the length of a card's answer before its first allowance. */
export function isBlankSelectAnswer(bytes: Uint8Array): boolean {
  return isBytes(bytes) && bytes.length === blankLayout.length;
}

/**
 * Writes SELECT's answer before the first allowance as its 16 bytes (spec §4.4). Throws
 * ProtocolError where a field is not what it may be.
 */
export function encodeBlankSelectAnswer(answer: BlankSelectAnswer): Uint8Array {
  return blankLayout.encode(answer);
}

/** Reads SELECT's answer before the first allowance from exactly 16 bytes; throws ProtocolError. */
export function decodeBlankSelectAnswer(bytes: Uint8Array): BlankSelectAnswer {
  return blankLayout.decode(bytes);
}

function checkVersion(value: number, object: string): 1 {
  if (value !== PROTOCOL_VERSION)
    throw new ProtocolError("UNKNOWN_VERSION", { object, expected: PROTOCOL_VERSION, actual: value });
  return PROTOCOL_VERSION;
}

function checkAid(aid: Uint8Array, object: string): Uint8Array {
  const found = copyBytes(aid, 0, PACKAGE_AID.length);
  if (!equalBytes(found, PACKAGE_AID))
    throw new ProtocolError("UNKNOWN_TAG", { object, expected: toHex(PACKAGE_AID), actual: toHex(found) });
  if (aid[7] === 0)
    throw new ProtocolError("OUT_OF_RANGE", {
      object,
      field: "aid",
      expected: "an instance from 1 to 255",
      actual: "0",
    });
  return aid;
}
