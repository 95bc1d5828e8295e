import { type Domain, domainField } from "../parties/domain.ts";
import { fixedBytes, unsigned } from "../bytes/fields.ts";
import { ProtocolError } from "../bytes/errors.ts";
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
  /**
   * Seconds, timestamp of the newest final block whose requests are taken in; never after
   * `issuedAt`.
   */
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
  const bytes = layout.encode(head);
  checkAsOf(head);
  return bytes;
}

/** Reads `TLYS` from exactly 81 bytes; throws ProtocolError. */
export function decodeStatusListHead(bytes: Uint8Array): StatusListHead {
  const head = layout.decode(bytes);
  checkAsOf(head);
  return head;
}

/** A list cannot be of a time after its issue: it would stay fresh for longer than it is. */
function checkAsOf({ asOf, issuedAt }: StatusListHead): void {
  if (asOf <= issuedAt) return;
  throw new ProtocolError("OUT_OF_RANGE", {
    object: layout.object,
    field: "asOf",
    expected: `at most issuedAt, ${issuedAt}`,
    actual: String(asOf),
  });
}

/** A field that holds a head. */
export const statusListHeadField: Field<StatusListHead> = nested({
  ...layout,
  encode: encodeStatusListHead,
  decode: decodeStatusListHead,
});
