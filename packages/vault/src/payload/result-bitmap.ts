import { VaultError } from "../errors.ts";

/**
 * Reads the result of `settle`: one truth value an item, in the order of the payload; bit i, low bit first, is item i, 1 means
 * paid (spec §7.3). Throws VaultError OUT_OF_RANGE when the bitmap is not that of so many items.
 */
export function decodeResultBitmap(bitmap: Uint8Array, items: number): boolean[] {
  const length = Math.ceil(items / 8);
  if (bitmap.length !== length) {
    throw new VaultError("OUT_OF_RANGE", {
      field: "result",
      expected: `${length} bytes for ${items} items`,
      actual: `${bitmap.length} bytes`,
    });
  }
  const last = bitmap[length - 1] ?? 0;
  if (items % 8 !== 0 && last >> (items % 8) !== 0) {
    throw new VaultError("OUT_OF_RANGE", {
      field: "result",
      expected: `no bit past item ${items - 1}`,
      actual: `0x${last.toString(16)} in its last byte`,
    });
  }
  return Array.from({ length: items }, (_, index) => (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1);
}
