import { ApduError } from "../iso7816/apdu-error.ts";
import { byteAt } from "../iso7816/bytes.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";

/** INITIALIZE UPDATE (GP Card Specification v2.3.1 §D.4.1, Amendment D v1.1.2 §7.1.1). */
export const INS_INITIALIZE_UPDATE = 0x50;

interface CommonAnswer {
  /** 10 bytes that name the card to whoever derives its keys. */
  readonly diversificationData: Uint8Array;
  readonly keyVersion: number;
  readonly cardChallenge: Uint8Array;
  readonly cardCryptogram: Uint8Array;
}

export interface Scp02Answer extends CommonAnswer {
  readonly protocol: "SCP02";
  /** 2 bytes. */
  readonly sequenceCounter: Uint8Array;
}

export interface Scp03Answer extends CommonAnswer {
  readonly protocol: "SCP03";
  /**
   * The "i" parameter: bit 0 S16, bit 4 pseudo-random challenge, bits 5 and 6 R-MAC and
   * R-ENCRYPTION.
   */
  readonly options: number;
  /** 3 bytes, or null when the card's challenge is truly random. */
  readonly sequenceCounter: Uint8Array | null;
}

export type InitializeUpdateAnswer = Scp02Answer | Scp03Answer;

/** Command; `hostChallenge` has 8 bytes (SCP02, SCP03 in S8 mode) or 16 (SCP03 in S16 mode). */
export function initializeUpdateCommand(fields: {
  readonly keyVersion: number;
  readonly hostChallenge: Uint8Array;
}): CommandApdu {
  const { hostChallenge } = fields;
  if (hostChallenge.length !== 8 && hostChallenge.length !== 16) {
    throw new ApduError("WRONG_LENGTH", "A host challenge has 8 or 16 bytes.", { actual: hostChallenge.length });
  }
  return { cla: 0x80, ins: INS_INITIALIZE_UPDATE, p1: fields.keyVersion, p2: 0x00, data: hostChallenge, le: 256 };
}

/** Answer data; its length must be exactly what the protocol and its options say. */
export function parseInitializeUpdate(data: Uint8Array): InitializeUpdateAnswer {
  if (data.length < 13) throw wrongLength(data.length, 13);
  const common = { diversificationData: data.slice(0, 10), keyVersion: byteAt(data, 10) };
  const protocol = byteAt(data, 11);
  if (protocol === 0x02) {
    if (data.length !== 28) throw wrongLength(data.length, 28);
    return {
      ...common,
      protocol: "SCP02",
      sequenceCounter: data.slice(12, 14),
      // The six random bytes follow the counter; the cryptograms run over both (GP v2.3.1 §E.4.2).
      cardChallenge: data.slice(14, 20),
      cardCryptogram: data.slice(20, 28),
    };
  }
  if (protocol === 0x03) return parseScp03(data, common);
  throw new ApduError("UNSUPPORTED", `The card speaks secure channel protocol ${protocol}, not 2 or 3.`, { protocol });
}

function parseScp03(data: Uint8Array, common: { diversificationData: Uint8Array; keyVersion: number }): Scp03Answer {
  const options = byteAt(data, 12);
  const size = (options & 0x01) !== 0 ? 16 : 8;
  const counterBytes = (options & 0x10) !== 0 ? 3 : 0;
  const end = 13 + 2 * size;
  if (data.length !== end + counterBytes) throw wrongLength(data.length, end + counterBytes);
  return {
    ...common,
    protocol: "SCP03",
    options,
    cardChallenge: data.slice(13, 13 + size),
    cardCryptogram: data.slice(13 + size, end),
    sequenceCounter: counterBytes === 0 ? null : data.slice(end),
  };
}

function wrongLength(actual: number, expected: number): ApduError {
  return new ApduError("WRONG_LENGTH", `The answer to INITIALIZE UPDATE must have ${expected} bytes, not ${actual}.`, {
    actual,
    expected,
  });
}
