import { toHex } from "@tallystick/protocol";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { ServedDomain } from "../../config/gateway-config.ts";
import type { RefundChange } from "../../journal/payments/refund-store.ts";
import type { ReturnOrderRecord } from "../../journal/payments/return-order-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { RETURN_ORDER_POLL_SECONDS } from "../../limits.ts";
import type { TerminalRequests } from "../../sync/requests/terminal-requests.ts";
import { isAuthenticated } from "../../sync/reported-end.ts";
import { SettlementError } from "../../sync/settlement-client.ts";
import type { RefundCode } from "../refund-messages.ts";
import { bodyOfOrder } from "./order-calls.ts";

/** What is asked of settlement; TerminalRequests'. */
export type OrderRequests = Pick<TerminalRequests, "canAsk" | "order">;

/** A change that only says why a refund waits. */
export type WaitChange = Pick<RefundChange, "detail" | "tx"> & { readonly code: RefundCode };

/** What settlement's answer means for an order. */
export type OrderAnswer =
  | { readonly kind: "wait"; readonly change: WaitChange }
  | { readonly kind: "unchanged" }
  /** Its deadline has passed, says settlement. */
  | { readonly kind: "expired" }
  /** Its transaction is final, says settlement; something authenticates the answer. */
  | { readonly kind: "done"; readonly tx: string | null };

/** Codes of what the vault refuses now and may do later (spec §7.9). */
const codes: Readonly<Record<string, RefundCode>> = {
  NotDelegate: "NOT_DELEGATE",
  OverDayLimit: "OVER_DAY_LIMIT",
  TooLittleEarned: "SHORT_OF_EARNINGS",
  CounterUnused: "PAYMENT_NOT_ON_CHAIN",
  AlreadyReturned: "WAITING_FOR_CHAIN",
  CounterUsed: "WAITING_FOR_CHAIN",
};

/** Why a refund waits by the vault's own name. */
export function waitFor(refusal: string): WaitChange {
  return { code: codes[refusal] ?? "VAULT_REFUSES", detail: refusal };
}

/** Has settlement send orders, each so often as makes sense: what it has it sends by itself. */
export class OrdersBySettlement {
  private readonly requests: OrderRequests;
  private readonly clock: Pick<TerminalClock, "now">;
  private readonly asked = new Map<string, number>();

  constructor(requests: OrderRequests, clock: Pick<TerminalClock, "now">) {
    this.requests = requests;
    this.clock = clock;
  }

  canAsk(served: ServedDomain): boolean {
    return this.requests.canAsk(served);
  }

  async ask(served: ServedDomain, order: ReturnOrderRecord, voucher: VoucherRecord): Promise<OrderAnswer> {
    if (!this.canAsk(served)) return { kind: "wait", change: { code: "WAITING_FOR_SETTLEMENT" } };
    const name = toHex(order.hash);
    const now = this.clock.now();
    const last = this.asked.get(name);
    if (last !== undefined && Math.abs(now - last) < RETURN_ORDER_POLL_SECONDS) return { kind: "unchanged" };
    this.asked.set(name, now);
    try {
      const { state, tx } = await this.requests.order(served, bodyOfOrder(order, voucher));
      const isBelieved = served.settlementUrl !== null && isAuthenticated(served.settlementUrl);
      if (state === "final" && isBelieved) {
        this.asked.delete(name);
        return { kind: "done", tx };
      }
      const code = state === "failed" ? "VAULT_REFUSES" : "WAITING_FOR_CHAIN";
      return { kind: "wait", change: { code, ...(tx === null ? {} : { tx }) } };
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      if (error.vaultReason === "Expired") return { kind: "expired" };
      if (error.vaultReason !== null) return { kind: "wait", change: waitFor(error.vaultReason) };
      return { kind: "wait", change: { code: "WAITING_FOR_SETTLEMENT", detail: error.refusal ?? error.code } };
    }
  }

  /**
   * The transaction in which an order stands, asked at once; null where there is none yet or
   * settlement does not say. Settlement sends an order that it does not have; nothing else follows from the answer.
   */
  async transactionOf(served: ServedDomain, order: ReturnOrderRecord, voucher: VoucherRecord): Promise<string | null> {
    if (!this.canAsk(served)) return null;
    try {
      return (await this.requests.order(served, bodyOfOrder(order, voucher))).tx;
    } catch (error) {
      if (error instanceof SettlementError) return null;
      throw error;
    }
  }
}
