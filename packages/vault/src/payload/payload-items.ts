import { VaultError } from "../errors.ts";
import { GROUP_HEAD_BYTES, PAYLOAD_HEAD_BYTES, VOUCHER_BYTES } from "../limits.ts";

/** One item of a payload as it stands there, good or bad (spec §7.3). Payee and card may be zero. */
export interface PayloadItem {
  readonly payee: Uint8Array;
  readonly card: Uint8Array;
  readonly counter: number;
  readonly amount: bigint;
  readonly context: Uint8Array;
  /** 32 bytes. */
  readonly r: Uint8Array;
  /** 32 bytes: s with the parity in its top bit. */
  readonly vs: Uint8Array;
}

/** A group of a payload as it stands there; the payee stands at `payeeIndex` in the payload's table. */
export interface PayloadGroup {
  readonly payeeIndex: number;
  readonly payee: Uint8Array;
  readonly card: Uint8Array;
  /** At least one. */
  readonly items: readonly PayloadItem[];
}

/** A payload's table of payees, which may name one twice or one that no group names, and its groups. */
export interface PayloadParts {
  readonly payees: readonly Uint8Array[];
  readonly groups: readonly PayloadGroup[];
}

/**
 * The parts of a payload, also those that the vault only skips. Throws VaultError MALFORMED_PAYLOAD exactly where the vault
 * reverts.
 */
export function readPayloadParts(payload: Uint8Array): PayloadParts {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload.length < PAYLOAD_HEAD_BYTES) throw malformed("cut in the head", payload.length);
  const count = view.getUint16(64);
  let at = PAYLOAD_HEAD_BYTES + 20 * count;
  if (at > payload.length) throw malformed("cut in the payees", payload.length);
  const payees = Array.from({ length: count }, (_, index) =>
    payload.slice(PAYLOAD_HEAD_BYTES + 20 * index, PAYLOAD_HEAD_BYTES + 20 * index + 20),
  );
  const groups: PayloadGroup[] = [];
  while (at < payload.length) {
    if (at + GROUP_HEAD_BYTES > payload.length) throw malformed("cut in a group's head", at);
    const payeeIndex = view.getUint16(at);
    const n = view.getUint16(at + 22);
    const payee = payees[payeeIndex];
    if (payee === undefined) throw malformed("a payee index at or past the count", at);
    if (n === 0) throw malformed("a group of no voucher", at + 22);
    const card = payload.slice(at + 2, at + 22);
    at += GROUP_HEAD_BYTES;
    if (at + VOUCHER_BYTES * n > payload.length) throw malformed("cut in a voucher", at);
    const start = at;
    const items = Array.from({ length: n }, (_, i) =>
      readItem(payload, view, { at: start + VOUCHER_BYTES * i, payee, card }),
    );
    groups.push({ payeeIndex, payee, card, items });
    at += VOUCHER_BYTES * n;
  }
  return { payees, groups };
}

/** The items of a payload in the order of the result bitmap. Throws as `readPayloadParts` does. */
export function readPayloadItems(payload: Uint8Array): PayloadItem[] {
  return readPayloadParts(payload).groups.flatMap(({ items }) => items);
}

function readItem(
  payload: Uint8Array,
  view: DataView,
  place: { at: number; payee: Uint8Array; card: Uint8Array },
): PayloadItem {
  const { at, payee, card } = place;
  return {
    payee,
    card,
    counter: view.getUint32(at),
    amount: (BigInt(view.getUint16(at + 4)) << 32n) | BigInt(view.getUint32(at + 6)),
    context: payload.slice(at + 10, at + 30),
    r: payload.slice(at + 30, at + 62),
    vs: payload.slice(at + 62, at + 94),
  };
}

function malformed(fault: string, at: number): VaultError {
  return new VaultError("MALFORMED_PAYLOAD", { fault, at });
}
