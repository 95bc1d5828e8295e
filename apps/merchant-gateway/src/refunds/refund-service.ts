import { Mutex } from "async-mutex";
import { feePolicy } from "@tallystick/evm";
import type { OpenVaultChain } from "../chain/calls/vault-chain.ts";
import { ChainError } from "../chain/chain-error.ts";
import { assertChain } from "../chain/chain-node.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { RefundRecord, RefundState } from "../journal/payments/refund-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { MAX_RETURNS_AT_ONCE } from "../limits.ts";
import type { FollowedVoucher } from "../sync/settlement-client.ts";
import { TapError } from "../taps/tap-error.ts";
import { DelegateReturns, type DelegateReturnsParts } from "./delegate/delegate-returns.ts";
import { OrdersBySettlement } from "./delegate/orders-by-settlement.ts";
import { GivenElsewhere } from "./given-elsewhere.ts";
import { PayeeChain } from "./payee-chain.ts";
import { RefundError } from "./refund-error.ts";
import { amountOfRefund, assertSameRefund } from "./refund-rules.ts";
import { stepRefund } from "./refund-step.ts";
import { isKnownPaid, outcomeOf } from "./voucher-outcome.ts";

/** Names the refund that the terminal makes by itself of a payment that it reversed. */
const REVERSAL_REFUND_ID = "reversal";

/** What somebody asks to give back. */
export interface RefundRequest {
  readonly refundId: string;
  /** Units; null gives back all that is left. */
  readonly amount: bigint | null;
}

export interface RefundServiceParts {
  readonly journal: Pick<
    Journal,
    "write" | "taps" | "vouchers" | "outcomes" | "refunds" | "returnOrders" | "reversals" | "chainCalls"
  >;
  readonly clock: Pick<TerminalClock, "now">;
  readonly config: Pick<GatewayConfig, "payee" | "domains" | "claim" | "refundsBy">;
  /** As whom the terminal gives back where `refundsBy` is `delegate`. */
  readonly delegate?: Pick<DelegateReturnsParts, "signer" | "requests" | "openNode">;
  /** Reverses a tap; TapEngine's. */
  readonly reverse: (tapId: string) => unknown;
  readonly openChain?: OpenVaultChain;
  /**
   * What settlement knows of a voucher's refunds; null where it cannot be asked. Brings the
   * voucher's state up to date.
   */
  readonly refundsOf?: (voucher: VoucherRecord) => Promise<FollowedVoucher["refunds"] | null>;
  /**
   * Called when value has come back behind a card: what the terminal knows of the card is older
   * than that.
   */
  readonly afterReturn?: () => Promise<void>;
}

/** Gives money back (spec §6.2): one thing at a time, so that nonces follow one another. */
export class RefundService {
  private readonly parts: RefundServiceParts;
  private readonly chain: PayeeChain;
  /** Null where the payee's own key gives back. */
  private readonly delegate: DelegateReturns | null;
  private readonly elsewhere: GivenElsewhere;
  private readonly turns = new Mutex();

  constructor(parts: RefundServiceParts) {
    this.parts = parts;
    this.chain = new PayeeChain(parts.config, parts.openChain);
    this.delegate = delegateOf(parts);
    const { journal, clock, refundsOf, delegate } = parts;
    const orders = delegate === undefined ? null : new OrdersBySettlement(delegate.requests, clock);
    this.elsewhere = new GivenElsewhere({
      ...{ journal, refundsOf, orders, ordersGoOn: parts.config.refundsBy === "delegate" },
      servedOf: (tap) => this.chain.servedOf(tap),
    });
  }

  /**
   * Whether sent payments can be given back: by a node and a key, or as the payee's delegate through
   * settlement.
   */
  hasChain(): boolean {
    const { claim, domains } = this.parts.config;
    return claim !== null || (this.delegate !== null && domains.some(({ settlementUrl }) => settlementUrl !== null));
  }

  /**
   * Begins a refund, or continues the one that has this id, and brings it one step further. What it
   * needs is decided by where the payment is. Throws TapError or RefundError before anything is
   * written, and ChainError where the payee's key cannot be read.
   */
  async request(tapId: string, request: RefundRequest): Promise<RefundRecord> {
    return await this.inTurn(async () => {
      const { journal } = this.parts;
      const known = journal.refunds.byId(tapId, request.refundId);
      if (known === null) return await this.begin(this.tapOf(tapId), request);
      assertSameRefund(known, request.amount);
      return await this.step(known);
    });
  }

  /**
   * Brings every open refund one step further; answers the faults, one for each refund at most.
   * Does nothing without settings for the chain.
   */
  async advance(): Promise<readonly ChainError[]> {
    if (!this.hasChain()) return [];
    return await this.inTurn(async () => {
      const faults: ChainError[] = [];
      await this.beginReturns();
      for (const refund of this.parts.journal.refunds.open()) {
        await this.step(refund, (fault) => faults.push(fault));
        if (faults.some(({ code }) => code === "RPC_UNREACHABLE")) break;
      }
      return faults;
    });
  }

  /** Runs what uses the payee's key after everything else that does. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    return await this.turns.runExclusive(work);
  }

  private tapOf(id: string): TapRecord {
    const tap = this.parts.journal.taps.byId(id);
    if (tap === null) throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    return tap;
  }

  private async begin(tap: TapRecord, { refundId, amount: asked }: RefundRequest): Promise<RefundRecord> {
    const { journal, clock } = this.parts;
    const elsewhere = await this.elsewhere.of(tap);
    const given = journal.refunds.sum(tap.id) + elsewhere;
    const amount = amountOfRefund({ paid: tap.amount, given, asked });
    const state = await this.firstState(tap, amount === tap.amount);
    journal.write(() => {
      // Both or none: what is reversed without a refund is given back under another id, and this one refused.
      if (state !== "refunding" && !journal.reversals.has(tap.id)) this.parts.reverse(tap.id);
      journal.refunds.begin({ tapId: tap.id, refundId, amount, state }, clock.now());
    });
    const begun = this.known({ tapId: tap.id, refundId });
    return state === "reversed" ? begun : await this.step(begun);
  }

  /**
   * Begins to return what was reversed, and what a card turned out to have signed in spite of a
   * refusal, where the configured key is the payee's (spec §5.9). A terminal without that key
   * leaves it to a person.
   */
  private async beginReturns(): Promise<void> {
    const { journal, clock } = this.parts;
    for (const { tapId, amount } of journal.vouchers.toReturn(MAX_RETURNS_AT_ONCE)) {
      if (this.delegate === null && !(await this.chain.isOpen(this.tapOf(tapId)))) return;
      journal.write(() => {
        journal.refunds.begin({ tapId, refundId: REVERSAL_REFUND_ID, amount, state: "reversed" }, clock.now());
      });
    }
  }

  /**
   * By where the payment is: a reversal before it is sent, a release of its counter, which reverses
   * it too, or a refund of its amount.
   */
  private async firstState(tap: TapRecord, whole: boolean): Promise<RefundState> {
    const { journal } = this.parts;
    const voucher = journal.vouchers.ofTap(tap.id);
    const here = voucher === null || isHeldHereOnly(voucher);
    if (!here && (await this.isPaid(tap, voucher))) return "refunding";
    // An exchange may have brought its end while the chain was asked.
    const present = here ? null : journal.vouchers.ofTap(tap.id);
    if (present !== null && isKnownPaid(present)) return "refunding";
    if (!whole) throw wholeOnly();
    return here ? "reversed" : "releasing";
  }

  /**
   * Whether the payment is on the chain, or is known to be: a node may be away or behind, and
   * nothing is sent before it shows the payment. Throws where no refund can be sent.
   */
  private async isPaid(tap: TapRecord, voucher: VoucherRecord): Promise<boolean> {
    if (this.delegate !== null) return await this.delegate.isPaid(this.chain.servedOf(tap), voucher);
    try {
      return await this.chain.use(tap, async (chain, served) => {
        await assertChain(chain.node, served);
        const outcome = await outcomeOf({ journal: this.parts.journal, chain, served }, voucher);
        return outcome === "paid" || isKnownPaid(voucher);
      });
    } catch (error) {
      if (error instanceof ChainError && error.code === "RPC_UNREACHABLE") return isKnownPaid(voucher);
      throw error;
    }
  }

  /**
   * One step, where the chain is configured; what stands in its way is recorded with the refund and
   * never thrown.
   */
  private async step(refund: RefundRecord, onFault?: (fault: ChainError) => void): Promise<RefundRecord> {
    const { journal, clock } = this.parts;
    if (!this.hasChain() || refund.state === "refunded" || refund.state === "refused") return refund;
    try {
      const stepped = await this.stepOnce(refund, this.tapOf(refund.tapId));
      if (stepped.state === "refunded") await this.parts.afterReturn?.();
      return stepped;
    } catch (error) {
      if (!(error instanceof ChainError || error instanceof RefundError)) throw error;
      journal.write(() => {
        journal.refunds.move(this.known(refund), { code: error.code, detail: error.message }, clock.now());
      });
      if (error instanceof ChainError) onFault?.(error);
      return this.known(refund);
    }
  }

  private async stepOnce(refund: RefundRecord, tap: TapRecord): Promise<RefundRecord> {
    const { journal, clock, config } = this.parts;
    if (this.delegate !== null) return await this.delegate.step(refund, tap, this.chain.servedOf(tap));
    const fees = config.claim?.fees ?? feePolicy();
    return await this.chain.use(tap, async (chain, served) => {
      await assertChain(chain.node, served);
      return await stepRefund({ journal, served, chain, fees, now: clock.now() }, refund);
    });
  }

  private known({ tapId, refundId }: Pick<RefundRecord, "tapId" | "refundId">): RefundRecord {
    const refund = this.parts.journal.refunds.byId(tapId, refundId);
    if (refund === null) throw new Error(`refund ${tapId}/${refundId} is not in the journal`);
    return refund;
  }
}

/** Null where the payee's own key is configured to give back. */
function delegateOf({ config, delegate, journal, clock, openChain }: RefundServiceParts): DelegateReturns | null {
  if (config.refundsBy !== "delegate" || delegate === undefined) return null;
  return new DelegateReturns({
    ...{ ...delegate, journal, config, clock },
    ...(openChain === undefined ? {} : { openChain }),
  });
}

/** Whether nobody but this terminal has the voucher: it was neither sent nor claimed. */
function isHeldHereOnly({ delivery, tx, claimTx }: VoucherRecord): boolean {
  return delivery === "unsent" && tx === null && claimTx === null;
}

function wholeOnly(): RefundError {
  return new RefundError(
    "REFUND_WHOLE_ONLY",
    "This payment is not on the chain yet, so it is given back as a whole or not at all. Leave the amount out, or wait until it is paid.",
  );
}
