import { toAddress, toHex } from "@tallystick/protocol";
import { encodeSettlePayload, type SettleGroup, type SettleVoucher } from "./settle-payload.ts";

/** A voucher of a batch with its card and payee. */
export interface BatchVoucher extends SettleVoucher {
  /** 20 bytes. */
  readonly card: Uint8Array;
  /** 20 bytes. */
  readonly payee: Uint8Array;
}

/** A payload and where each of its items came from. */
export interface BatchPayload {
  readonly payload: Uint8Array;
  /** Item i of the payload, and of its result bitmap, is the given voucher `order[i]`. */
  readonly order: readonly number[];
}

/**
 * Puts vouchers into one group for each card and payee, which is what makes a batch cheap, and writes the payload (spec §7.3). Groups and
 * vouchers stay in the order in which they came. Throws as `encodeSettlePayload` does.
 */
export function buildBatchPayload(batch: {
  readonly batchRoot: Uint8Array;
  readonly ledgerRoot: Uint8Array;
  readonly vouchers: readonly BatchVoucher[];
}): BatchPayload {
  const parts = new Map<string, { card: Uint8Array; payee: Uint8Array; vouchers: BatchVoucher[]; indices: number[] }>();
  batch.vouchers.forEach((voucher, index) => {
    const { card, payee } = voucher;
    const name = `${toHex(payee)}${toHex(card)}`;
    const part = parts.get(name) ?? { card, payee, vouchers: [], indices: [] };
    part.vouchers.push(voucher);
    part.indices.push(index);
    parts.set(name, part);
  });
  const groups = [...parts.values()].map(({ card, payee, vouchers }): SettleGroup => ({
    card: toAddress(card),
    payee: toAddress(payee),
    vouchers,
  }));
  const payload = encodeSettlePayload({ batchRoot: batch.batchRoot, ledgerRoot: batch.ledgerRoot, groups });
  return { payload, order: [...parts.values()].flatMap(({ indices }) => indices) };
}
