// Malformed forms that every object of fixed length must refuse, and helpers for the rest.
import { cat, text, uint } from "./bytes.mjs";

/** Cut short, one byte more, empty, and for tagged objects another tag. */
export function wrongForms(bytes, { tagged = true } = {}) {
  const cases = [
    { name: "empty", hex: "0x", code: "WRONG_LENGTH" },
    { name: "one byte short", hex: text(bytes.subarray(0, -1)), code: "WRONG_LENGTH" },
    { name: "one byte more", hex: text(cat(bytes, uint(0, 1))), code: "SURPLUS_BYTES" },
  ];
  if (tagged) {
    cases.push({ name: "unknown tag", hex: text(patched(bytes, 3, "5a")), code: "UNKNOWN_TAG" });
    cases.push({ name: "tag in lower case", hex: text(patched(bytes, 0, "74")), code: "UNKNOWN_TAG" });
  }
  return cases;
}

/** The bytes with others written over them at an offset. */
export function patched(bytes, offset, replacement) {
  const copy = Buffer.from(bytes);
  Buffer.from(replacement, "hex").copy(copy, offset);
  return copy;
}

/** An invalid case made by writing over valid bytes. */
export const broken = (bytes, name, offset, replacement, code) => ({
  name,
  hex: text(patched(bytes, offset, replacement)),
  code,
});
