import { type FeePolicy, feePolicy } from "@tallystick/evm";
import type { Signer } from "@tallystick/protocol";
import { beginCall, checkCall, type Waiting } from "../../chain/calls/chain-call.ts";
import type { OpenVaultChain, VaultChain } from "../../chain/calls/vault-chain.ts";
import { ChainError } from "../../chain/chain-error.ts";
import type { OpenNode } from "../../chain/chain-node.ts";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { CallPurpose, ChainCallRecord } from "../../journal/chain/chain-call-store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { RefundChange, RefundRecord } from "../../journal/payments/refund-store.ts";
import type { OrderEnd, ReturnOrderRecord } from "../../journal/payments/return-order-store.ts";
import type { TapRecord } from "../../journal/payments/tap-record.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { cardAddress } from "../../keys/card-address.ts";
import { MAX_RETURN_ORDERS } from "../../limits.ts";
import type { RefundCode } from "../refund-messages.ts";
import { isOnItsWay } from "../refund-step.ts";
import { isKnownPaid, outcomeOf, type VoucherOutcome } from "../voucher-outcome.ts";
import { type DelegateChain, returnedAt, useDelegateChain } from "./delegate-chain.ts";
import { refundOrder, releaseOrder } from "./new-order.ts";
import { callBeforeRelease, callOfOrder } from "./order-calls.ts";
import { OrdersBySettlement, type OrderRequests, waitFor } from "./orders-by-settlement.ts";

export interface DelegateReturnsParts {
  readonly journal: Pick<
    Journal,
    "write" | "taps" | "vouchers" | "refunds" | "returnOrders" | "chainCalls" | "outcomes"
  >;
  readonly config: Pick<GatewayConfig, "payee" | "claim">;
  readonly clock: Pick<TerminalClock, "now">;
  /** The terminal's key, which the payee made its delegate. */
  readonly signer: Signer;
  readonly requests: OrderRequests;
  readonly openChain?: OpenVaultChain;
  readonly openNode?: OpenNode;
}

/** One payment whose refund goes on. */
interface Returned {
  readonly served: ServedDomain;
  readonly tap: TapRecord;
  readonly voucher: VoucherRecord;
  readonly chain: DelegateChain | null;
}

/**
 * Gives back as the payee's delegate (spec §5.9): signs `TLYF` or `TLYX`, keeps it, and has
 * settlement or an account with ether send it, until a final block shows it done.
 */
export class DelegateReturns {
  private readonly parts: DelegateReturnsParts;
  private readonly bySettlement: OrdersBySettlement;
  private readonly fees: FeePolicy;

  constructor(parts: DelegateReturnsParts) {
    this.parts = parts;
    this.fees = parts.config.claim?.fees ?? feePolicy();
    this.bySettlement = new OrdersBySettlement(parts.requests, parts.clock);
  }

  /** Whether the payment is on the chain, by a node where there is one, or as settlement reports. */
  async isPaid(served: ServedDomain, voucher: VoucherRecord): Promise<boolean> {
    try {
      return await this.useChain(served, async (chain) =>
        chain === null
          ? isKnownPaid(voucher)
          : (await outcomeOf({ journal: this.parts.journal, chain, served }, voucher)) === "paid" ||
            isKnownPaid(voucher),
      );
    } catch (error) {
      if (error instanceof ChainError && error.code === "RPC_UNREACHABLE") return isKnownPaid(voucher);
      throw error;
    }
  }

  /** One step; answers the refund as it is then. Throws ChainError where a node does not answer. */
  async step(refund: RefundRecord, tap: TapRecord, served: ServedDomain): Promise<RefundRecord> {
    const voucher = this.parts.journal.vouchers.ofTap(tap.id);
    if (voucher === null) return this.move(refund, { code: "WAITING_FOR_CARD" });
    if (isOnItsWay({ served }, voucher)) return this.move(refund, { code: "WAITING_FOR_UPLOAD" });
    return await this.useChain(served, async (chain) => {
      const returned = { served, tap, voucher, chain };
      const checked = chain?.sender == null ? null : await this.checkOwnCall(refund, chain.sender);
      return checked ?? (await this.goOn(this.known(refund), returned));
    });
  }

  private async goOn(refund: RefundRecord, returned: Returned): Promise<RefundRecord> {
    const open = this.parts.journal.returnOrders.open(refund.tapId);
    if (open !== null && open.refund.refundId !== refund.refundId)
      return this.move(refund, { code: "WAITING_FOR_ORDER" });
    const ended = open === null ? null : await this.endOf(open, returned);
    if (open !== null && ended === "done") return this.finish(refund, open);
    if (open !== null && ended === null) return await this.send(refund, open, returned);
    if (open !== null && ended !== null) {
      this.end(open, ended);
      if (ended === "expired" && this.parts.journal.returnOrders.expired(refund) >= MAX_RETURN_ORDERS)
        return this.move(refund, { state: "refused", code: "ORDER_EXPIRED", detail: refund.detail });
    }
    return await this.begin(refund, returned);
  }

  /**
   * How an order ended: as final blocks show, where a node is configured; otherwise as settlement
   * reports. Null while it is under way.
   */
  private async endOf(order: ReturnOrderRecord, { chain, voucher }: Returned): Promise<OrderEnd | null> {
    if (chain === null) {
      if (order.kind === "refund") return null;
      if (voucher.settlementState === "released" && voucher.reported === "final") return "done";
      return isKnownPaid(voucher) ? "overtaken" : null;
    }
    const final = await chain.node.block("finalized");
    if (final === null) return null;
    if ((await returnedAt(chain, voucher.id, final.number)) >= order.total) return "done";
    if (order.deadline !== null) return final.timestamp > BigInt(order.deadline) ? "expired" : null;
    // The counter was used by something else: a paid voucher is refunded instead.
    const used = await chain.views.isUsed(cardAddress(voucher.cardKey), voucher.counter, final.number);
    return used ? "overtaken" : null;
  }

  /** Signs the order that the payment needs now, by where it is, and sends it. */
  private async begin(refund: RefundRecord, returned: Returned): Promise<RefundRecord> {
    const { served, tap, voucher, chain } = returned;
    const { journal, signer, config, clock } = this.parts;
    const outcome = await this.outcomeOf(returned);
    if (outcome === "unclear") return this.move(refund, { code: "PAYMENT_UNCLEAR" });
    if (outcome === "released") {
      return this.move(refund, { state: "refunded", tx: refund.tx ?? voucher.outcome?.tx ?? voucher.tx });
    }
    if (outcome === "unused" && refund.state === "refunding")
      return this.move(refund, { code: "PAYMENT_NOT_ON_CHAIN" });
    const state = outcome === "paid" ? "refunding" : "releasing";
    if (state === "releasing" && voucher.settlementState === "batched")
      return this.move(refund, { state, code: "WAITING_FOR_BATCH" });
    if (state === "refunding" && voucher.reversed && !(await this.isFinallyUsed(returned)))
      return this.move(refund, { state: refund.state, code: "WAITING_FOR_CHAIN" });
    const parts = { journal, signer, payee: config.payee, served, chain, now: clock.now() };
    const made =
      state === "releasing"
        ? await releaseOrder(parts, { refund, tap, voucher })
        : await refundOrder(parts, { refund, voucher });
    if (made.kind === "refused") return this.move(refund, { state: "refused", code: made.code });
    if (made.kind === "wait") return this.move(refund, { state, code: made.code });
    journal.write(() => {
      journal.returnOrders.begin(made.order, clock.now());
      journal.refunds.move(refund, { state, code: "WAITING_FOR_CHAIN" }, clock.now());
    });
    return await this.send(this.known(refund), made.order, returned);
  }

  private async outcomeOf({ served, voucher, chain }: Returned): Promise<VoucherOutcome> {
    if (chain !== null) return await outcomeOf({ journal: this.parts.journal, chain, served }, voucher);
    const { settlementState: state, reported } = voucher;
    if (reported === "final") return state === "released" ? "released" : "paid";
    return state === null || state === "unknown" || state === "mined" ? "unclear" : "unused";
  }

  /** A voucher that was reversed may be refunded only when a final block shows it paid (spec §3.11). */
  private async isFinallyUsed({ chain, voucher }: Returned): Promise<boolean> {
    if (chain === null || voucher.outcome !== null) return true;
    const final = await chain.node.block("finalized");
    return final !== null && (await chain.views.isUsed(cardAddress(voucher.cardKey), voucher.counter, final.number));
  }

  /** By an account with ether where there is one, else by settlement. */
  private async send(refund: RefundRecord, order: ReturnOrderRecord, returned: Returned): Promise<RefundRecord> {
    const { chain, served, voucher } = returned;
    if (chain?.sender != null) {
      try {
        return await this.sendByItself(refund, order, { ...returned, sender: chain.sender });
      } catch (error) {
        const isPoor = error instanceof ChainError && error.code === "NO_GAS";
        if (!isPoor || !this.bySettlement.canAsk(served)) throw error;
      }
    }
    const answer = await this.bySettlement.ask(served, order, voucher);
    if (answer.kind === "wait") return this.move(refund, { ...answer.change });
    if (answer.kind === "unchanged") return refund;
    if (answer.kind === "expired" && chain === null) {
      this.end(order, "expired");
      return this.move(refund, { code: "WAITING_FOR_SETTLEMENT" });
    }
    if (answer.kind === "done" && chain === null)
      return this.finish(this.move(refund, { code: "WAITING_FOR_CHAIN", tx: answer.tx }), order);
    return this.move(refund, { code: "WAITING_FOR_CHAIN", ...(answer.kind === "done" ? { tx: answer.tx } : {}) });
  }

  private async sendByItself(
    refund: RefundRecord,
    order: ReturnOrderRecord,
    { served, voucher, sender }: Returned & { readonly sender: VaultChain },
  ): Promise<RefundRecord> {
    const { signer } = this.parts;
    const begun = await this.call(
      refund,
      { served, sender, purpose: order.kind },
      callOfOrder(order, voucher, signer.publicKey),
    );
    if (begun.kind === "waiting") return this.waitForCall(refund, order.kind, begun);
    if (begun.refusal !== "Advance" || order.kind === "refund") return this.move(refund, waitFor(begun.refusal));
    const advance = await this.call(refund, { served, sender, purpose: "advance" }, callBeforeRelease(voucher));
    if (advance.kind === "waiting") return this.waitForCall(refund, "advance", advance);
    return this.move(refund, waitFor(advance.refusal));
  }

  private async call(
    { tapId, refundId }: RefundRecord,
    {
      served,
      sender,
      purpose,
    }: { readonly served: ServedDomain; readonly sender: VaultChain; readonly purpose: CallPurpose },
    data: Uint8Array,
  ): Promise<Waiting | { readonly kind: "refused"; readonly refusal: string }> {
    const { journal, clock } = this.parts;
    return await beginCall(
      { journal, chain: sender, fees: this.fees, now: clock.now() },
      {
        ...{ domainBytes: served.domainBytes, refund: { tapId, refundId }, purpose },
        call: { to: served.domain.vault, data },
      },
    );
  }

  /** Null where no call of this terminal's account is under way any more. */
  private async checkOwnCall(refund: RefundRecord, sender: VaultChain): Promise<RefundRecord | null> {
    const { journal, clock } = this.parts;
    const call = journal.chainCalls.ofRefund(refund);
    if (call === null) return null;
    const status = await checkCall({ journal, chain: sender, fees: this.fees, now: clock.now() }, call);
    if (status.kind === "waiting") return this.waitForCall(refund, call.purpose, status);
    if (status.kind === "lost") return this.endCall(call, "lost");
    const { tx, block, succeeded, final } = status;
    if (succeeded && !final && call.purpose !== "advance")
      return this.move(refund, { code: "WAITING_FOR_CHAIN", tx, block });
    if (!final && !succeeded) return this.move(refund, { code: "WAITING_FOR_CHAIN", block });
    if (call.purpose !== "advance" && succeeded) this.move(refund, { code: "WAITING_FOR_CHAIN", tx, block });
    return this.endCall(call, succeeded ? "done" : "failed");
  }

  private endCall(call: ChainCallRecord, how: "done" | "failed" | "lost"): null {
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.chainCalls.end(call, how, clock.now());
    });
    return null;
  }

  private waitForCall(refund: RefundRecord, purpose: CallPurpose, { code, detail, tx }: Waiting): RefundRecord {
    return this.move(refund, { code, detail, block: null, ...(tx === null || purpose === "advance" ? {} : { tx }) });
  }

  private finish(refund: RefundRecord, order: ReturnOrderRecord): RefundRecord {
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.returnOrders.end(order, "done", clock.now());
      journal.refunds.move(refund, { state: "refunded" }, clock.now());
    });
    return this.known(refund);
  }

  private end(order: ReturnOrderRecord, how: OrderEnd): void {
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.returnOrders.end(order, how, clock.now());
    });
  }

  private move(refund: RefundRecord, to: RefundChange & { readonly code?: RefundCode }): RefundRecord {
    const { journal, clock } = this.parts;
    journal.write(() => {
      journal.refunds.move(refund, to, clock.now());
    });
    return this.known(refund);
  }

  private known({ tapId, refundId }: RefundRecord): RefundRecord {
    const refund = this.parts.journal.refunds.byId(tapId, refundId);
    if (refund === null) throw new Error(`refund ${tapId}/${refundId} has left the journal`);
    return refund;
  }

  private async useChain<T>(served: ServedDomain, work: (chain: DelegateChain | null) => Promise<T>): Promise<T> {
    return await useDelegateChain(this.parts, served, work);
  }
}
