import {
  type Address,
  equalBytes,
  messageHash,
  signatureParity,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import {
  encodeSettlePayload,
  type SettledItem,
  settleCall,
  type SettleGroup,
  type SettleVoucher,
} from "@tallystick/vault";
import { cardAddress } from "../keys/card-address.ts";

/** A claim names no batch and no ledger. */
const noRoot = new Uint8Array(32);

/** The call that brings these vouchers to the vault. */
export function settleCallOf(bundles: readonly VoucherBundle[]): Uint8Array {
  const groups = groupsOf(inVaultOrder(bundles));
  return settleCall(encodeSettlePayload({ batchRoot: noRoot, ledgerRoot: noRoot, groups }));
}

/** Those of these vouchers that a transaction has paid, by its items and their results. */
export function paidAmong(
  bundles: readonly VoucherBundle[],
  items: readonly SettledItem[],
): ReadonlySet<VoucherBundle> {
  const byCounter = new Map<string, SettledItem["item"][]>();
  for (const { item, paid } of items) {
    if (!paid) continue;
    const name = `${toHex(item.card)}/${item.counter}`;
    byCounter.set(name, [...(byCounter.get(name) ?? []), item]);
  }
  return new Set(
    bundles.filter(({ cardKey, message }) =>
      (byCounter.get(`${toHex(cardAddress(cardKey))}/${message.counter}`) ?? []).some(
        (item) =>
          item.amount === message.amount &&
          equalBytes(item.payee, message.payee) &&
          equalBytes(item.context, message.context),
      ),
    ),
  );
}

/** A card's signature as the vault takes it. */
export function forVault({ signature, message, cardKey }: VoucherBundle): {
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
} {
  return { signature, parity: signatureParity(signature, messageHash(message), cardKey) };
}

/** Cards together, counters upwards: the cheapest order. */
function inVaultOrder(bundles: readonly VoucherBundle[]): readonly VoucherBundle[] {
  return [...bundles].sort(
    (left, right) => Buffer.compare(left.cardKey, right.cardKey) || left.message.counter - right.message.counter,
  );
}

function groupsOf(bundles: readonly VoucherBundle[]): readonly SettleGroup[] {
  const byCard = new Map<string, SettleGroup & { readonly payee: Address; readonly vouchers: SettleVoucher[] }>();
  for (const bundle of bundles) {
    const { counter, amount, context, payee } = bundle.message;
    const card = cardAddress(bundle.cardKey);
    const name = `${toHex(payee)}/${toHex(card)}`;
    const group = byCard.get(name) ?? { payee, card, vouchers: [] };
    group.vouchers.push({ counter, amount, context, ...forVault(bundle) });
    byCard.set(name, group);
  }
  return [...byCard.values()];
}
