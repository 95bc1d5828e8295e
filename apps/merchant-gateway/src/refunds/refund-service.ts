import { parseAmount } from "@tallystick/money";
import { equalBytes } from "@tallystick/protocol";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { VaultChain } from "../chain/calls/vault-chain.ts";
import { type OpenVaultChain, openVaultChain } from "../chain/calls/open-vault-chain.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { RefundRecord, RefundState } from "../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import { MAX_GIVEN_UP_AT_ONCE } from "../limits.ts";
import type { FollowedVoucher } from "../sync/settlement-client.ts";
import { TapError } from "../taps/tap-error.ts";
import { RefundError } from "./refund-error.ts";
import { stepRefund } from "./refund-step.ts";
import { fateOf, isKnownPaid } from "./voucher-outcome.ts";

/** Names the refund that the till makes by itself of a payment that it cancelled. */
const CANCELLED_REFUND_ID = "cancelled";

/** What somebody asks to give back. */
export interface RefundRequest {
  readonly refundId: string;
  /** Units; null gives back all that is left. */
  readonly amount: bigint | null;
}

export interface RefundServiceParts {
  readonly journal: Pick<Journal, "write" | "taps" | "vouchers" | "refunds" | "reversals" | "chainCalls">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly config: Pick<GatewayConfig, "payee" | "domains" | "claim">;
  /** Gives the word that nothing was given for a tap; TapEngine's. */
  readonly cancel: (tapId: string) => unknown;
  readonly openChain?: OpenVaultChain;
  /** What settlement knows of a voucher's refunds; null where it cannot be asked. Brings the voucher's state up to date. */
  readonly refundsOf?: (voucher: VoucherRecord) => Promise<FollowedVoucher["refunds"] | null>;
  /** Called when value has come back behind a card: what the till knows of the card is older than that. */
  readonly afterReturn?: () => Promise<void>;
}

/** Gives money back (spec §6.2): one thing at a time, so that nonces follow one another. */
export class RefundService {
  private readonly parts: RefundServiceParts;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(parts: RefundServiceParts) {
    this.parts = parts;
  }

  /** Whether a node and a key are configured, so that sent payments can be given back. */
  hasChain(): boolean {
    return this.parts.config.claim !== null;
  }

  /**
   * Begins a refund, or looks at the one that has this id, and brings it one step further. What it needs is decided by where the
   * payment is. Throws TapError or RefundError before anything is written, and ChainError where the payee's key cannot be read.
   */
  async request(tapId: string, request: RefundRequest): Promise<RefundRecord> {
    return await this.inTurn(async () => {
      const { journal } = this.parts;
      const known = journal.refunds.byId(tapId, request.refundId);
      if (known === null) return await this.begin(this.tapOf(tapId), request);
      if (request.amount !== null && request.amount !== known.amount) {
        throw new RefundError(
          "REFUND_DIFFERS",
          "A refund of this id is known with another amount; give the new one an id of its own.",
        );
      }
      return await this.step(known);
    });
  }

  /** Brings every open refund one step further; answers the faults, one a refund at most. Does nothing without settings for the chain. */
  async advance(): Promise<readonly ChainError[]> {
    if (!this.hasChain()) return [];
    return await this.inTurn(async () => {
      const faults: ChainError[] = [];
      await this.beginGivingUp();
      for (const refund of this.parts.journal.refunds.open()) {
        await this.step(refund, (fault) => faults.push(fault));
        if (faults.some(({ code }) => code === "RPC_UNREACHABLE")) break;
      }
      return faults;
    });
  }

  /** Runs what uses the payee's key after everything else that does. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return await mine;
  }

  private tapOf(id: string): TapRecord {
    const tap = this.parts.journal.taps.byId(id);
    if (tap === null) throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    return tap;
  }

  private async begin(tap: TapRecord, request: RefundRequest): Promise<RefundRecord> {
    const { journal, clock } = this.parts;
    const left = tap.amount - journal.refunds.sum(tap.id) - (await this.givenElsewhere(tap));
    const amount = request.amount ?? left;
    if (amount > left || left <= 0n) {
      throw new RefundError(
        "REFUND_ABOVE_PAYMENT",
        "More would be given back than was paid, earlier refunds counted. Look at the payment's refunds.",
      );
    }
    const state = await this.course(tap, left === tap.amount && amount === left);
    journal.write(() => {
      journal.refunds.begin({ tapId: tap.id, refundId: request.refundId, amount, state }, clock.now());
    });
    const begun = journal.refunds.byId(tap.id, request.refundId);
    if (begun === null) throw new Error(`refund ${tap.id}/${request.refundId} is not in the journal`);
    return state === "cancelled" ? begun : await this.step(begun);
  }

  /**
   * Units of a payment that were given back without this till: by another one of the payee, or with a copy of the journal. Throws
   * ALREADY_REFUNDED where nothing is left.
   */
  private async givenElsewhere(tap: TapRecord): Promise<bigint> {
    const { journal, refundsOf } = this.parts;
    const voucher = journal.vouchers.ofTap(tap.id);
    if (voucher === null || refundsOf === undefined) return 0n;
    const own = new Set(journal.chainCalls.hashesOfTap(tap.id));
    const { asset } = this.servedOf(tap);
    const given = ((await refundsOf(voucher)) ?? [])
      .filter(({ tx }) => !own.has(tx))
      .reduce((sum, { amount }) => sum + parseAmount(amount, asset), 0n);
    if (given >= tap.amount)
      throw new RefundError("ALREADY_REFUNDED", "Settlement shows that this payment was given back elsewhere.");
    return given;
  }

  /**
   * Begins to give up what was cancelled and what a card turned out to have signed all the same, where the configured key is the payee's
   * (spec §5.9). A till without that key leaves it to a person.
   */
  private async beginGivingUp(): Promise<void> {
    const { journal, clock } = this.parts;
    for (const { tapId, amount } of journal.vouchers.toGiveUp(MAX_GIVEN_UP_AT_ONCE)) {
      if (!(await this.holdsPayeeKey(this.tapOf(tapId)))) return;
      journal.write(() => {
        journal.refunds.begin({ tapId, refundId: CANCELLED_REFUND_ID, amount, state: "cancelled" }, clock.now());
      });
    }
  }

  private async holdsPayeeKey(tap: TapRecord): Promise<boolean> {
    try {
      await this.withChain(tap, () => Promise.resolve());
      return true;
    } catch (error) {
      if (error instanceof RefundError || error instanceof ChainError || error instanceof TapError) return false;
      throw error;
    }
  }

  /** By where the payment is: take it back before it is sent, give its counter up, or give its amount back. */
  private async course(tap: TapRecord, whole: boolean): Promise<RefundState> {
    const { journal } = this.parts;
    const voucher = journal.vouchers.ofTap(tap.id);
    const cancelled = journal.reversals.has(tap.id);
    if (voucher === null || isHeldHereOnly(voucher)) {
      if (!whole) throw wholeOnly();
      if (!cancelled) this.parts.cancel(tap.id);
      return "cancelled";
    }
    if (await this.isPaid(tap)) return "refunding";
    if (!whole) throw wholeOnly();
    if (!cancelled) this.parts.cancel(tap.id);
    return "releasing";
  }

  /** Whether the payment is on the chain. The journal's word is enough where the node is away. Throws where no refund can be sent. */
  private async isPaid(tap: TapRecord): Promise<boolean> {
    const { journal } = this.parts;
    const voucher = journal.vouchers.ofTap(tap.id);
    if (voucher === null) return false;
    return await this.withChain(tap, async (chain) => {
      try {
        await this.assertChain(tap, chain);
        return (await fateOf(chain, voucher)) === "paid";
      } catch (error) {
        if (error instanceof ChainError && error.code === "RPC_UNREACHABLE") return isKnownPaid(voucher);
        throw error;
      }
    });
  }

  /** One step, where the chain is configured; what stands in its way is noted with the refund and never thrown. */
  private async step(refund: RefundRecord, tell?: (fault: ChainError) => void): Promise<RefundRecord> {
    const { journal, clock, config } = this.parts;
    if (config.claim === null || refund.state === "refunded" || refund.state === "refused") return refund;
    const { fees } = config.claim;
    const tap = this.tapOf(refund.tapId);
    try {
      const stepped = await this.withChain(tap, async (chain, served) => {
        await this.assertChain(tap, chain);
        return await stepRefund({ journal, served, chain, fees, now: clock.now() }, refund);
      });
      if (stepped.state === "refunded") await this.parts.afterReturn?.();
      return stepped;
    } catch (error) {
      if (!(error instanceof ChainError || error instanceof RefundError)) throw error;
      const now = journal.refunds.byId(refund.tapId, refund.refundId) ?? refund;
      journal.write(() => {
        journal.refunds.move(now, { code: error.code, detail: error.message }, clock.now());
      });
      if (error instanceof ChainError) tell?.(error);
      return journal.refunds.byId(refund.tapId, refund.refundId) ?? now;
    }
  }

  private async assertChain(tap: TapRecord, chain: VaultChain): Promise<void> {
    const { domain } = this.servedOf(tap);
    const chainId = await chain.chainId();
    if (chainId !== domain.chainId) {
      throw new ChainError(
        "WRONG_CHAIN",
        `The configured node is of chain ${chainId}; this payment's is ${domain.chainId}.`,
      );
    }
  }

  private servedOf(tap: TapRecord): ServedDomain {
    const served = this.parts.config.domains.find(({ domainBytes }) => equalBytes(domainBytes, tap.domainBytes));
    if (served === undefined) throw new TapError("TAP_UNKNOWN", "This payment's currency is not served any more.");
    return served;
  }

  private async withChain<T>(
    tap: TapRecord,
    work: (chain: VaultChain, served: ServedDomain) => Promise<T>,
  ): Promise<T> {
    const { config, openChain = openVaultChain } = this.parts;
    if (config.claim === null) {
      throw new RefundError(
        "CHAIN_NOT_CONFIGURED",
        'This payment has been sent, so it is given back on the chain: set "claim" {"rpc", "keyFile"} with the payee\'s own key in the configuration, or stop the gateway and run its command "refund".',
      );
    }
    const served = this.servedOf(tap);
    const chain = await openChain(served, config.claim);
    try {
      assertPayee(chain, config.payee);
      return await work(chain, served);
    } finally {
      chain.close();
    }
  }
}

/** Whether nobody but this till has the voucher: it was neither sent nor claimed. */
function isHeldHereOnly({ delivery, tx }: VoucherRecord): boolean {
  return delivery === "unsent" && tx === null;
}

/** Only the payee's own key may give a payment back (spec §7.4). */
export function assertPayee(chain: Pick<VaultChain, "account">, payee: Uint8Array): void {
  if (equalBytes(chain.account, payee)) return;
  throw new RefundError(
    "NOT_PAYEE_KEY",
    "The key is not the payee's: only the account that was paid can give a payment back. Name its key file.",
  );
}

function wholeOnly(): RefundError {
  return new RefundError(
    "REFUND_WHOLE_ONLY",
    "This payment is not on the chain yet, so it is taken back as a whole or not at all. Leave the amount out, or wait until it is paid.",
  );
}
