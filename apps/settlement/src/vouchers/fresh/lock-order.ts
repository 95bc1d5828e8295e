import { toHex } from "@tallystick/protocol";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";

/** Each voucher once, in the body's order. */
export function distinctById(vouchers: readonly VerifiedVoucher[]): readonly VerifiedVoucher[] {
  const byId = new Map<string, VerifiedVoucher>();
  for (const voucher of vouchers) if (!byId.has(toHex(voucher.id))) byId.set(toHex(voucher.id), voucher);
  return [...byId.values()];
}

/** The order in which every upload takes its locks. */
export function inLockOrder(vouchers: readonly VerifiedVoucher[]): VerifiedVoucher[] {
  return [...vouchers].sort(
    (left, right) =>
      Buffer.compare(left.card, right.card) || left.counter - right.counter || Buffer.compare(left.id, right.id),
  );
}
