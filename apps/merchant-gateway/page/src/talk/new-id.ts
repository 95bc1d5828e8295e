import { ID_BYTES } from "../limits.ts";

/** A random id: one that nobody chose before. */
export function newId(randomBytes: (length: number) => Uint8Array): string {
  return [...randomBytes(ID_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
