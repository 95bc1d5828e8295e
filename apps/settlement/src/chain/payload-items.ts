import type { PayloadItem } from "./vault-contract.ts";

const HEAD_BYTES = 66;
const GROUP_BYTES = 24;
const VOUCHER_BYTES = 94;

/**
 * The items of a payload that the vault has taken, in the order of its result bitmap (spec §7.3). Whoever submitted it
 * may have put in items that the vault only skips, with an amount of zero or a signature that is none; they are read
 * too, because they have a place in the bitmap. Throws RangeError for a payload that the vault would have reverted.
 */
export function readPayloadItems(payload: Uint8Array): readonly PayloadItem[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const payees = bytes.readUInt16BE(64);
  const items: PayloadItem[] = [];
  let at = HEAD_BYTES + 20 * payees;
  while (at < bytes.length) {
    const index = bytes.readUInt16BE(at);
    if (index >= payees) throw new RangeError(`The payload names payee ${index} of ${payees}.`);
    const payee = bytes.subarray(HEAD_BYTES + 20 * index, HEAD_BYTES + 20 * index + 20);
    const card = bytes.subarray(at + 2, at + 22);
    const count = bytes.readUInt16BE(at + 22);
    at += GROUP_BYTES;
    for (let item = 0; item < count; item += 1, at += VOUCHER_BYTES) {
      items.push({
        card,
        payee,
        counter: BigInt(bytes.readUInt32BE(at)),
        amount: BigInt(bytes.readUIntBE(at + 4, 6)),
        context: bytes.subarray(at + 10, at + 30),
      });
    }
  }
  return items;
}
