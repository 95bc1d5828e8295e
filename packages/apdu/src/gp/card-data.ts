import { ApduError } from "../iso7816/apdu-error.ts";
import { byteAt, concatBytes } from "../iso7816/bytes.ts";
import { parseTlv } from "../iso7816/tlv.ts";

/** Length of a CPLC behind its tag; some cards answer it bare (GP Card Specification v2.3.1 §H.6). */
const CPLC_BYTES = 42;
/** Fabricator and type of the chip; the date of its making; its serial number and batch. */
const CPLC_FIELDS = { type: [0, 4], date: [10, 12], serial: [12, 18] } as const;

/**
 * The twelve bytes of a CPLC that are one chip's own: fabricator and type 4, date 2, serial number 4, batch 2. Null for
 * an answer that is no CPLC, and for a serial number that names nothing.
 */
export function parseChipName(data: Uint8Array): Uint8Array | null {
  const isTagged = data.length === CPLC_BYTES + 3 && byteAt(data, 0) === 0x9f && byteAt(data, 1) === 0x7f;
  if (!isTagged && data.length !== CPLC_BYTES) return null;
  const cplc = isTagged ? data.subarray(3) : data;
  const { type, date, serial } = CPLC_FIELDS;
  if (namesNothing(cplc.subarray(...serial))) return null;
  return concatBytes(cplc.subarray(...type), cplc.subarray(...date), cplc.subarray(...serial));
}

/** Whether bytes that should name a card are all alike, as on chips whose maker left them blank. */
export function namesNothing(name: Uint8Array): boolean {
  return name.every((byte) => byte === name[0]);
}

/**
 * Free bytes of persistent memory by the extended resources (FF21, length in one byte, then tag 82). Null where the card
 * does not say.
 */
export function parseFreeMemory(data: Uint8Array): number | null {
  const isTagged = data.length > 3 && byteAt(data, 0) === 0xff && byteAt(data, 1) === 0x21;
  if (!isTagged || byteAt(data, 2) !== data.length - 3) return null;
  try {
    const free = parseTlv(data.subarray(3)).find(({ tag }) => tag === 0x82)?.value;
    if (free === undefined || free.length === 0 || free.length > 4) return null;
    return free.reduce((sum, byte) => sum * 256 + byte, 0);
  } catch (error) {
    if (error instanceof ApduError) return null;
    throw error;
  }
}
