import { type Domain, domainField } from "../parties/domain.ts";
import { fixedBytes, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";

/**
 * `TLYS`: the signed head of a status list (spec §3.5). With its signature it is the beacon a card
 * may carry.
 */
export interface StatusListHead {
  readonly domain: Domain;
  readonly issuerKeyId: number;
  readonly seq: number;
  /** Seconds, the issuer's clock when it signed. */
  readonly issuedAt: number;
  /** Seconds, timestamp of the newest final block whose requests are taken in. */
  readonly asOf: number;
  /** Cards in the list. */
  readonly cards: number;
  /** SHA-256 of the uncompressed list, 32 bytes. */
  readonly listHash: Uint8Array;
}

const layout = defineLayout<StatusListHead>({
  object: "StatusListHead",
  head: "TLYS",
  fields: {
    domain: domainField,
    issuerKeyId: unsigned(1),
    seq: unsigned(4),
    issuedAt: unsigned(4),
    asOf: unsigned(4),
    cards: unsigned(4),
    listHash: fixedBytes(32),
  },
});

/** Bytes of a head: 81. */
export const STATUS_LIST_HEAD_LENGTH: number = layout.length;

/**
 * Writes `TLYS` as its 81 bytes (spec §3.5). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeStatusListHead(head: StatusListHead): Uint8Array {
  return layout.encode(head);
}

/** Reads `TLYS` from exactly 81 bytes; throws ProtocolError. */
export function decodeStatusListHead(bytes: Uint8Array): StatusListHead {
  return layout.decode(bytes);
}

/** A field that holds a head. */
export const statusListHeadField: Field<StatusListHead> = nested(layout);
