import { fixedBytes } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { type Domain, domainField } from "../parties/domain.ts";

/**
 * `TLYG`: what a terminal signs so that a card lets it read its payee's payments (spec §3.7, §4.13).
 */
export interface LogReading {
  readonly domain: Domain;
  /** 8 bytes. */
  readonly cardTag: Uint8Array;
  /** The card's, 16 bytes. */
  readonly challenge: Uint8Array;
}

const layout = defineLayout<LogReading>({
  object: "LogReading",
  head: "TLYG",
  fields: { domain: domainField, cardTag: fixedBytes(8), challenge: fixedBytes(16) },
});

/** Bytes of a reading of a log: 56. */
export const LOG_READING_LENGTH: number = layout.length;

/**
 * Writes `TLYG` as its 56 bytes (spec §3.7). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeLogReading(reading: LogReading): Uint8Array {
  return layout.encode(reading);
}

/** Reads `TLYG` from exactly 56 bytes; throws ProtocolError. */
export function decodeLogReading(bytes: Uint8Array): LogReading {
  return layout.decode(bytes);
}
