import { toHex } from "@tallystick/protocol";
import type { SimulatedSettlement } from "./simulate-settle.ts";
import type { VaultState } from "./vault-state.ts";

/** Gas of a plain transaction, and of calldata by byte (EIP-2028, EIP-7623). */
const TRANSACTION = 21_000;
const ZERO_BYTE = 4;
const OTHER_BYTE = 16;
const FLOOR_ZERO_BYTE = 10;
const FLOOR_OTHER_BYTE = 40;

/** Reading and writing a storage slot that has a value, or has none yet (EIP-2929, EIP-2200). */
const CHANGED_SLOT = 5_000;
const NEW_SLOT = 22_100;

/** Measured on the packed vault: the loop's own work with SHA-256 and ecrecover, for an item and for a group. */
const HOT_ITEM = 3_640;
const GROUP = 480;
/** From the first item of a group that is skipped, late or writes gap words, plain code takes over; it looks at that item again. */
const PLAIN_ITEM = 5_300;
const PLAIN_GROUP = 7_000;
/** An item that is skipped before its signature is looked at; it may read a gap word for that. */
const REFUSED_ITEM = 3_800;
/** What a call costs besides: dispatch, the event, the result. */
const CALL = 9_500;
const PAYEE = 700;

/**
 * An upper bound of the gas that settling this payload uses on the packed vault, near enough to choose a batch's size and
 * to set a limit with (within a third over batches whose items are mostly bad, which are the hardest to tell). `before` is the state that was simulated on.
 */
export function estimateSettleGas(payload: Uint8Array, simulated: SimulatedSettlement, before: VaultState): bigint {
  const calldata = calldataOf(payload);
  const words = Math.ceil(payload.length / 32) + 40;
  // The payload is copied to memory and hashed there: 3 for the copy, 6 for the hash, and memory by its formula.
  const hashing = 12 * words + Math.floor((words * words) / 512);
  let work = CALL + hashing;
  let previous = "";
  let plain = false;
  const cards = new Set<string>();
  const payees = new Set<string>();
  for (const { item, skipped, gapWords, late } of simulated.items) {
    const group = toHex(item.card) + toHex(item.payee);
    if (group !== previous) {
      work += GROUP;
      plain = false;
    }
    previous = group;
    const irregular = skipped !== null || late || gapWords > 0;
    if (!plain) work += irregular ? HOT_ITEM + PLAIN_GROUP : HOT_ITEM;
    plain ||= irregular;
    if (plain) work += skipped === null || skipped === "WRONG_SIGNATURE" ? PLAIN_ITEM : REFUSED_ITEM;
    cards.add(toHex(item.card));
    if (skipped !== null) continue;
    work += gapWords * NEW_SLOT + (late ? CHANGED_SLOT : 0);
    const payee = toHex(item.payee);
    if (payees.has(payee)) continue;
    payees.add(payee);
    work += PAYEE + (before.merchant(item.payee).earned === 0n ? NEW_SLOT : CHANGED_SLOT);
  }
  work += cards.size * CHANGED_SLOT;
  const standard = calldata.zero * ZERO_BYTE + calldata.other * OTHER_BYTE + work;
  const floor = calldata.zero * FLOOR_ZERO_BYTE + calldata.other * FLOOR_OTHER_BYTE;
  return BigInt(TRANSACTION + Math.max(standard, floor));
}

/** Bytes of the call `settle(bytes)`: selector, offset, length, the payload and its padding. */
function calldataOf(payload: Uint8Array): { zero: number; other: number } {
  const zero = payload.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  const padding = (32 - (payload.length % 32)) % 32;
  return { zero: zero + padding + 60, other: payload.length - zero + 8 };
}
