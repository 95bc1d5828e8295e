/** bytea: written as any Uint8Array, read as a Buffer (a Uint8Array too). */
export type Bytes = Uint8Array;
export type NullableBytes = Uint8Array | null;
