import {
  addressOfKey,
  digestOf,
  encodeRefundOrder,
  encodeReversal,
  decodePayRequest,
  type Signer,
} from "@tallystick/protocol";
import type { ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import type { RefundRecord } from "../../journal/payments/refund-store.ts";
import type { ReturnOrderRecord } from "../../journal/payments/return-order-store.ts";
import type { TapRecord } from "../../journal/payments/tap-record.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { RETURN_ORDER_SECONDS } from "../../limits.ts";
import { isIntended } from "../../taps/tap-journal.ts";
import type { RefundCode } from "../refund-messages.ts";
import { type DelegateChain, limitOf, returnedAt } from "./delegate-chain.ts";

export interface NewOrderParts {
  readonly journal: Pick<Journal, "returnOrders">;
  readonly signer: Signer;
  readonly payee: Uint8Array;
  readonly served: ServedDomain;
  /** Null where no node is configured. */
  readonly chain: DelegateChain | null;
  /** Seconds. */
  readonly now: number;
}

/** An order that is signed and not kept yet, or why none is signed now. */
export type NewOrder =
  | { readonly kind: "order"; readonly order: ReturnOrderRecord }
  | { readonly kind: "wait"; readonly code: RefundCode }
  | { readonly kind: "refused"; readonly code: RefundCode };

/** Signs that a reversed voucher is released: its own `TLYX` (spec §7.11). */
export async function releaseOrder(
  parts: NewOrderParts,
  { refund, tap, voucher }: { readonly refund: RefundRecord; readonly tap: TapRecord; readonly voucher: VoucherRecord },
): Promise<NewOrder> {
  const wait = await reasonToWait(parts, voucher.amount);
  if (wait !== null) return { kind: "wait", code: wait };
  const { served, signer } = parts;
  if (!isIntended(tap)) throw new RangeError(`tap ${tap.id} was never sent to a card`);
  const request = decodePayRequest(tap.intent.request);
  const object = encodeReversal({ domain: served.domain, cardKey: tap.cardKey, request });
  const hash = digestOf(object);
  const { tapId, refundId } = refund;
  const order: ReturnOrderRecord = {
    ...{ refund: { tapId, refundId }, kind: "release", hash, object, signature: await signer.sign(hash) },
    ...{ total: voucher.amount, deadline: null },
  };
  return { kind: "order", order };
}

/**
 * Signs that units of a paid voucher go back: a running total (spec §3.11). A refund that was
 * ordered before is ordered with the same total, so that it moves its units once.
 */
export async function refundOrder(
  parts: NewOrderParts,
  { refund, voucher }: { readonly refund: RefundRecord; readonly voucher: VoucherRecord },
): Promise<NewOrder> {
  const { journal, served, signer, chain, now } = parts;
  const { tapId, refundId } = refund;
  const shown = chain === null ? 0n : await returnedAt(chain, voucher.id, "latest");
  const done = journal.returnOrders.doneTotal(tapId);
  const total = journal.returnOrders.totalOf(refund) ?? (shown > done ? shown : done) + refund.amount;
  if (total > voucher.amount) return { kind: "refused", code: "MORE_THAN_LEFT" };
  const wait =
    shown >= total ? null : ((await reasonToWait(parts, total - shown)) ?? (await isShort(parts, total - shown)));
  if (wait !== null) return { kind: "wait", code: wait };
  const deadline = now + RETURN_ORDER_SECONDS;
  const object = encodeRefundOrder({ domain: served.domain, voucherId: voucher.id, total, deadline });
  const hash = digestOf(object);
  const order: ReturnOrderRecord = {
    ...{ refund: { tapId, refundId }, kind: "refund", hash, object, signature: await signer.sign(hash) },
    ...{ total, deadline },
  };
  return { kind: "order", order };
}

/** What the newest block says against an order of so many units; nothing is signed then. */
async function reasonToWait({ chain, payee, signer }: NewOrderParts, units: bigint): Promise<RefundCode | null> {
  if (chain === null) return null;
  const { perDay, leftToday } = await limitOf(chain, { payee, delegate: addressOfKey(signer.publicKey) });
  if (perDay === 0n) return "NOT_DELEGATE";
  return units > leftToday ? "OVER_DAY_LIMIT" : null;
}

/** A delegate gives back out of what the vault still owes the payee, and of nothing else. */
async function isShort({ chain, payee }: NewOrderParts, units: bigint): Promise<RefundCode | null> {
  if (chain === null) return null;
  const { earned, withdrawn } = await chain.views.merchant(payee, "latest");
  return earned - withdrawn < units ? "SHORT_OF_EARNINGS" : null;
}
