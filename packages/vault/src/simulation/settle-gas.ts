import type { SimulatedSettlement } from "./simulate-settle.ts";
import { settleWork, type CodeWay } from "./settle-work.ts";
import type { VaultState } from "../state/vault-state.ts";

/** Gas of a plain transaction, and of calldata by byte (EIP-2028, EIP-7623). */
const TRANSACTION = 21_000;
const ZERO_BYTE = 4;
const OTHER_BYTE = 16;
const FLOOR_ZERO_BYTE = 10;
const FLOOR_OTHER_BYTE = 40;

/** `settle`'s selector holds no zero. */
const SELECTOR_BYTES = 4;

/**
 * What the packed vault's code uses each time that it takes one of its ways, besides storage, precompiles, memory and calldata;
 * measured at the most of each (test/settle-gas.test.ts takes them one by one).
 */
const CODE: Readonly<Record<CodeWay, number>> = {
  call: 4_601,
  payee: 361,
  credit: 365,
  group: 412,
  item: 335,
  plainGroup: 1_495,
  readGroup: 310,
  countedGroup: 740,
  uncovered: 835,
  used: 1_385,
  behind: 1_125,
  ahead: 1_855,
  signature: 616,
  late: 200,
  mark: 515,
  look: 1_300,
  slide: 1_470,
};

/**
 * An upper bound of the gas that settling this payload uses on the packed vault when an account without code sends it, near enough
 * to choose a batch's size and to set a limit with. `before` is the state that was simulated on. An access list as
 * `settleAccessList` makes it only lowers what is used.
 */
export function estimateSettleGas(payload: Uint8Array, simulated: SimulatedSettlement, before: VaultState): bigint {
  const { known, ways } = settleWork(payload, simulated, before);
  const code = [...ways].reduce((sum, [way, times]) => sum + times * CODE[way], 0);
  const calldata = calldataOf(payload);
  const standard = calldata.zero * ZERO_BYTE + calldata.other * OTHER_BYTE + known + code;
  const floor = calldata.zero * FLOOR_ZERO_BYTE + calldata.other * FLOOR_OTHER_BYTE;
  return BigInt(TRANSACTION + Math.max(standard, floor));
}

/** Bytes of the call `settle(bytes)`: the selector, where the payload stands, its length, the payload and its padding. */
function calldataOf(payload: Uint8Array): { zero: number; other: number } {
  const head = new Uint8Array(64);
  const view = new DataView(head.buffer);
  view.setUint32(28, 32);
  view.setUint32(60, payload.length);
  const padding = (32 - (payload.length % 32)) % 32;
  const zero = zeros(head) + zeros(payload) + padding;
  return { zero, other: SELECTOR_BYTES + head.length + payload.length + padding - zero };
}

function zeros(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
}
