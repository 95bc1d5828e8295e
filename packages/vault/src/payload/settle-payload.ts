import { type Address, encodeSignature, decodeSignature, toAddress, toHex, withParity } from "@tallystick/protocol";
import { VaultError } from "../errors.ts";
import { GROUP_HEAD_BYTES, MAX_PAYLOAD_VOUCHERS, MAX_U16, PAYLOAD_HEAD_BYTES, VOUCHER_BYTES } from "../limits.ts";

/** One voucher in a payload (spec §7.3); payee and card stand in its group. */
export interface SettleVoucher {
  /** 1 … 2³² − 1. */
  readonly counter: number;
  /** Units, 1 … 2⁴⁸ − 1. */
  readonly amount: bigint;
  /** The first 20 bytes of SHA-256(D). */
  readonly context: Uint8Array;
  /** r ‖ s, 64 bytes, low s. */
  readonly signature: Uint8Array;
  /** Parity of the recovered point, 0 or 1. */
  readonly parity: 0 | 1;
}

/** Vouchers of one card to one payee. */
export interface SettleGroup {
  readonly payee: Address;
  readonly card: Address;
  /** At least one. */
  readonly vouchers: readonly SettleVoucher[];
}

/** What one call of `settle` carries. The roots are the submitter's claims, 32 bytes each. */
export interface SettleBatch {
  readonly batchRoot: Uint8Array;
  readonly ledgerRoot: Uint8Array;
  readonly groups: readonly SettleGroup[];
}

/** Item i of the result bitmap: which voucher of which group it is. */
export interface SettleItem {
  readonly group: SettleGroup;
  readonly voucher: SettleVoucher;
}

/**
 * Writes the payload of `settle` (spec §7.3). Each payee is written once, in the order of its first group. Throws
 * VaultError OUT_OF_RANGE or TOO_MANY for what the vault would not take, and ProtocolError for a signature that is not low.
 */
export function encodeSettlePayload(batch: SettleBatch): Uint8Array {
  const payees = new Map<string, { index: number; payee: Address }>();
  for (const { payee } of batch.groups) {
    const key = toHex(payee);
    if (!payees.has(key)) payees.set(key, { index: payees.size, payee });
  }
  checkCounts(batch, payees.size);
  const vouchers = batch.groups.reduce((sum, group) => sum + group.vouchers.length, 0);
  const bytes = new Uint8Array(
    PAYLOAD_HEAD_BYTES + 20 * payees.size + GROUP_HEAD_BYTES * batch.groups.length + VOUCHER_BYTES * vouchers,
  );
  const view = new DataView(bytes.buffer);
  bytes.set(exactly(batch.batchRoot, 32, "batchRoot"), 0);
  bytes.set(exactly(batch.ledgerRoot, 32, "ledgerRoot"), 32);
  view.setUint16(64, payees.size);
  let at = PAYLOAD_HEAD_BYTES;
  for (const { payee } of payees.values()) {
    bytes.set(payee, at);
    at += 20;
  }
  for (const group of batch.groups) {
    view.setUint16(at, payees.get(toHex(group.payee))?.index ?? 0);
    bytes.set(group.card, at + 2);
    view.setUint16(at + 22, group.vouchers.length);
    at += GROUP_HEAD_BYTES;
    for (const voucher of group.vouchers) {
      writeVoucher(voucher, bytes, view, at);
      at += VOUCHER_BYTES;
    }
  }
  return bytes;
}

/**
 * Reads a payload as the vault does; throws VaultError MALFORMED_PAYLOAD exactly where the vault reverts. Vouchers that the
 * vault would only skip (amount zero, a signature out of range) are refused with ProtocolError or OUT_OF_RANGE.
 */
export function decodeSettlePayload(bytes: Uint8Array): SettleBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  needs(bytes, PAYLOAD_HEAD_BYTES, bytes.length, "cut in the head");
  const count = view.getUint16(64);
  let at = PAYLOAD_HEAD_BYTES + 20 * count;
  needs(bytes, at, bytes.length, "cut in the payees");
  const payees = Array.from({ length: count }, (_, index) =>
    bytes.slice(PAYLOAD_HEAD_BYTES + 20 * index, PAYLOAD_HEAD_BYTES + 20 * index + 20),
  );
  const groups: SettleGroup[] = [];
  while (at < bytes.length) {
    needs(bytes, at + GROUP_HEAD_BYTES, at, "cut in a group's head");
    const payee = payees[view.getUint16(at)];
    if (payee === undefined) throw malformed("a payee index at or past the count", at);
    const n = view.getUint16(at + 22);
    if (n === 0) throw malformed("a group of no voucher", at + 22);
    const card = toAddress(bytes.slice(at + 2, at + 22));
    at += GROUP_HEAD_BYTES;
    needs(bytes, at + VOUCHER_BYTES * n, at, "cut in a voucher");
    const vouchers = Array.from({ length: n }, (_, index) => readVoucher(bytes, view, at + VOUCHER_BYTES * index));
    groups.push({ payee: toAddress(payee), card, vouchers });
    at += VOUCHER_BYTES * n;
  }
  return { batchRoot: bytes.slice(0, 32), ledgerRoot: bytes.slice(32, 64), groups };
}

/** The items in the order of the result bitmap. */
export function settleItems(batch: SettleBatch): SettleItem[] {
  return batch.groups.flatMap((group) => group.vouchers.map((voucher) => ({ group, voucher })));
}

function checkCounts(batch: SettleBatch, payees: number): void {
  atMost(payees, MAX_U16, "payees");
  let vouchers = 0;
  for (const group of batch.groups) {
    if (group.vouchers.length === 0) throw outOfRange("group.vouchers", "at least one voucher", "none");
    atMost(group.vouchers.length, MAX_U16, "vouchers in a group");
    vouchers += group.vouchers.length;
  }
  atMost(vouchers, MAX_PAYLOAD_VOUCHERS, "vouchers");
}

function writeVoucher(voucher: SettleVoucher, bytes: Uint8Array, view: DataView, at: number): void {
  checkNumbers(voucher);
  view.setUint32(at, voucher.counter);
  view.setUint16(at + 4, Number(voucher.amount >> 32n));
  view.setUint32(at + 6, Number(voucher.amount & 0xffff_ffffn));
  bytes.set(exactly(voucher.context, 20, "context"), at + 10);
  bytes.set(withParity(voucher.signature, voucher.parity), at + 30);
}

function readVoucher(bytes: Uint8Array, view: DataView, at: number): SettleVoucher {
  const signature = bytes.slice(at + 30, at + VOUCHER_BYTES);
  const parity = (signature[32] ?? 0) >= 0x80 ? 1 : 0;
  signature[32] = (signature[32] ?? 0) & 0x7f;
  const voucher: SettleVoucher = {
    counter: view.getUint32(at),
    amount: (BigInt(view.getUint16(at + 4)) << 32n) | BigInt(view.getUint32(at + 6)),
    context: bytes.slice(at + 10, at + 30),
    signature: encodeSignature(decodeSignature(signature)),
    parity,
  };
  checkNumbers(voucher);
  return voucher;
}

function checkNumbers(voucher: SettleVoucher): void {
  const { counter, amount } = voucher;
  if (!Number.isInteger(counter) || counter < 1 || counter > 0xffff_ffff)
    throw outOfRange("counter", "from 1 to 4294967295", String(counter));
  if (amount < 1n || amount >= 1n << 48n) throw outOfRange("amount", "from 1 to 281474976710655 units", String(amount));
}

function exactly(bytes: Uint8Array, length: number, field: string): Uint8Array {
  if (bytes.length !== length) throw outOfRange(field, `${length} bytes`, `${bytes.length} bytes`);
  return bytes;
}

function atMost(actual: number, maximum: number, what: string): void {
  if (actual > maximum) throw new VaultError("TOO_MANY", { what, maximum, actual });
}

function needs(bytes: Uint8Array, end: number, at: number, fault: string): void {
  if (end > bytes.length) throw malformed(fault, at);
}

function malformed(fault: string, at: number): VaultError {
  return new VaultError("MALFORMED_PAYLOAD", { fault, at });
}

function outOfRange(field: string, expected: string, actual: string): VaultError {
  return new VaultError("OUT_OF_RANGE", { field, expected, actual });
}
