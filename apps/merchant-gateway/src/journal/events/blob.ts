/** Plain bytes of a SQLite blob, which is a Buffer. */
export function plain(blob: Uint8Array): Uint8Array {
  return Uint8Array.from(blob);
}

export function plainOrNull(blob: Uint8Array | null): Uint8Array | null {
  return blob === null ? null : plain(blob);
}
