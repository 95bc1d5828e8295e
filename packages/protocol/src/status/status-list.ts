import { sha256 } from "@noble/hashes/sha2.js";
import { assertLength, copyBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { MAX_STATUS_LIST_CARDS } from "../bytes/limits.ts";

/** What the status list says of a card (spec §3.5): two bits. */
export const cardStatuses = Object.freeze({ valid: 0, suspended: 1, revoked: 2, lost: 3 } as const);

/** 0 valid, 1 suspended, 2 revoked, 3 reported lost. */
export type CardStatus = (typeof cardStatuses)[keyof typeof cardStatuses];

/** Bytes of an uncompressed list: ⌈cards/4⌉ (spec §3.5). Throws OUT_OF_RANGE or LIST_TOO_LARGE. */
export function statusListLength(cards: number): number {
  if (!Number.isInteger(cards) || cards < 0) {
    throw new ProtocolError("OUT_OF_RANGE", {
      object: "StatusList",
      field: "cards",
      expected: "a whole number of at least 0",
      actual: String(cards),
    });
  }
  if (cards > MAX_STATUS_LIST_CARDS)
    throw new ProtocolError("LIST_TOO_LARGE", { maximum: MAX_STATUS_LIST_CARDS, actual: cards });
  return Math.ceil(cards / 4);
}

/**
 * Writes a list: card index 0 in the two low bits of byte 0, unused bits zero (spec §3.5). Throws
 * OUT_OF_RANGE for a status that is not 0 to 3, and LIST_TOO_LARGE.
 */
export function encodeStatusList(statuses: readonly CardStatus[]): Uint8Array {
  const list = new Uint8Array(statusListLength(statuses.length));
  statuses.forEach((status, index) => {
    if (!Number.isInteger(status) || status < 0 || status > 3) {
      throw new ProtocolError("OUT_OF_RANGE", {
        object: "StatusList",
        field: `status ${index}`,
        expected: "0 to 3",
        actual: String(status),
      });
    }
    list[index >> 2] = (list[index >> 2] ?? 0) | (status << (2 * (index & 3)));
  });
  return list;
}

/** Reads a list of so many cards (spec §3.5). Throws what checkStatusList throws. */
export function decodeStatusList(list: Uint8Array, cards: number): CardStatus[] {
  checkStatusList(list, cards);
  return Array.from({ length: cards }, (_, index) => statusAt({ list, cards, index }));
}

/**
 * Throws unless the list is exactly that of so many cards: WRONG_LENGTH, SURPLUS_BYTES,
 * NONZERO_PADDING, LIST_TOO_LARGE.
 */
export function checkStatusList(list: Uint8Array, cards: number): void {
  assertLength(list, statusListLength(cards), "StatusList");
  const used = 2 * (cards & 3);
  if (used > 0 && (list[list.length - 1] ?? 0) >> used !== 0)
    throw new ProtocolError("NONZERO_PADDING", { object: "StatusList" });
}

/**
 * The status of the card at an index from 0 (spec §3.5). Throws INDEX_PAST_END, which a terminal
 * takes as a refusal.
 */
export function statusAt(options: {
  readonly list: Uint8Array;
  readonly cards: number;
  readonly index: number;
}): CardStatus {
  const { list, cards, index } = options;
  const byte = list[index >>> 2];
  if (!Number.isInteger(index) || index < 0 || index >= cards || byte === undefined) {
    throw new ProtocolError("INDEX_PAST_END", { cards, actual: index });
  }
  switch ((byte >> (2 * (index & 3))) & 3) {
    case 0:
      return cardStatuses.valid;
    case 1:
      return cardStatuses.suspended;
    case 2:
      return cardStatuses.revoked;
    default:
      return cardStatuses.lost;
  }
}

/**
 * A copy of the list with another status at one index; the issuer's way to change a card. Throws
 * INDEX_PAST_END.
 */
export function withStatus(options: {
  readonly list: Uint8Array;
  readonly cards: number;
  readonly index: number;
  readonly status: CardStatus;
}): Uint8Array {
  const { list, cards, index, status } = options;
  statusAt({ list, cards, index });
  const changed = copyBytes(list);
  const shift = 2 * (index & 3);
  changed[index >>> 2] = ((changed[index >>> 2] ?? 0) & ~(3 << shift)) | (status << shift);
  return changed;
}

/** SHA-256 (32 bytes) of the uncompressed list, as the head carries it (spec §3.5). */
export function statusListHash(list: Uint8Array): Uint8Array {
  return sha256(list);
}
