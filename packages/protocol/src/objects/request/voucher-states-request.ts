import { assertLength, concatBytes, copyBytes, isBytes, readUnsigned, writeUnsigned } from "../../bytes/bytes.ts";
import { ProtocolError } from "../../bytes/errors.ts";
import { MAX_REQUESTED_STATES } from "../../bytes/limits.ts";

const object = "VoucherStatesRequest";
const ID_LENGTH = 32;
const COUNT_LENGTH = 2;

/** Longest body of a request of kind 2: a count and 500 ids. */
export const MAX_STATES_REQUEST_LENGTH: number = COUNT_LENGTH + MAX_REQUESTED_STATES * ID_LENGTH;

/**
 * Writes the body of a request of kind 2: n ‖ n voucher ids of 32 bytes (spec §6.13). Throws
 * ProtocolError for none, or more than 500.
 */
export function encodeVoucherStatesRequest(voucherIds: readonly Uint8Array[]): Uint8Array {
  checkCount(voucherIds.length);
  for (const id of voucherIds) assertLength(id, ID_LENGTH, `${object} voucherId`);
  const count = new Uint8Array(COUNT_LENGTH);
  writeUnsigned(BigInt(voucherIds.length), count, 0, COUNT_LENGTH);
  return concatBytes(count, ...voucherIds);
}

/** Reads the voucher ids of a request of kind 2, in their order; throws ProtocolError. */
export function decodeVoucherStatesRequest(bytes: Uint8Array): readonly Uint8Array[] {
  if (!isBytes(bytes) || bytes.length < COUNT_LENGTH) {
    const actual = isBytes(bytes) ? bytes.length : 0;
    throw new ProtocolError("WRONG_LENGTH", { object, expected: `at least ${COUNT_LENGTH}`, actual });
  }
  const count = Number(readUnsigned(bytes, 0, COUNT_LENGTH));
  checkCount(count);
  assertLength(bytes, COUNT_LENGTH + count * ID_LENGTH, object);
  return Array.from({ length: count }, (_, index) => copyBytes(bytes, COUNT_LENGTH + index * ID_LENGTH, ID_LENGTH));
}

function checkCount(count: number): void {
  if (count >= 1 && count <= MAX_REQUESTED_STATES) return;
  const expected = `from 1 to ${MAX_REQUESTED_STATES}`;
  throw new ProtocolError("OUT_OF_RANGE", { object, field: "n", expected, actual: String(count) });
}
