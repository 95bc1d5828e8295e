import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import type { Asset } from "@tallystick/money";
import { concatBytes, toAddress, toHex, type Domain } from "@tallystick/protocol";
import {
  judgeGuarantee,
  neverPaid,
  type GuaranteeVerdict,
  type NeverPaid,
  type WithheldGround,
} from "@tallystick/protocol/guarantee";
import { transferCall } from "@tallystick/vault";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { ChainActions, replanAction } from "../../chain/chain-actions.ts";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import { reasonToWait } from "../simulation/reason-to-wait.ts";
import { readVaultStates } from "../simulation/vault-states.ts";
import { TOO_DEAR, type VoucherState } from "../states/voucher-states.ts";
import { arrivalOf } from "./arrival.ts";
import { finalView } from "./final-view.ts";
import { readGuaranteeCase, type GuaranteeGrounds, type VoucherRow } from "./guarantee-case.ts";
import { lockedState, moveVoucher } from "./move-voucher.ts";
import { retryDeposit } from "./retry-deposit.ts";

/** States in which the issuer owes a voucher. */
const OWED: readonly string[] = ["withheld", "compensating"];

/**
 * Decides about vouchers that the vault did not pay (spec §6.1). A forked one waits until the first
 * of its counter is final; then the issuer pays it, once, keyed by its id, if it promised it, and
 * else it is shown as disputed.
 */
@Injectable()
export class Compensator {
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
  ) {}

  /** Decides about one voucher, by its id; does nothing when there is nothing to decide yet. */
  async consider(id: Uint8Array): Promise<void> {
    const voucher = await this.db.selectFrom("vouchers").selectAll().where("id", "=", id).executeTakeFirst();
    if (voucher === undefined) return;
    if (OWED.includes(voucher.state) && voucher.owed_since === null) await this.adopt(voucher);
    if (voucher.state === "compensating") return this.considerFailedTransfer(voucher);
    if (voucher.state !== "forked" && voucher.state !== "skipped" && voucher.state !== "withheld") return;
    // The issuer bears nothing that the terminal has reversed (spec §6.2).
    const reversed = await this.db.transaction().execute((trx) => reverseNamed(trx, this.postings, { ids: [id] }));
    if (reversed.length > 0) return;
    if (voucher.state === "withheld") {
      await retryDeposit(this.db, id, { now: this.clock.now(), resendMs: this.config.chain.resendMs });
    }
    if ((await this.bear(voucher)) !== "STILL_OPEN") return;
    if (voucher.state === "forked") return this.considerForked(voucher);
    return this.considerSkipped(voucher);
  }

  /** What was owed before the books had a line for it, or became it elsewhere. */
  private async adopt(voucher: VoucherRow): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      if (OWED.includes(await lockedState(trx, voucher.id))) await this.owe(trx, voucher);
    });
  }

  /** A liability from now on, in the transaction that decides it. */
  private async owe(trx: DatabaseTransaction, voucher: VoucherRow): Promise<void> {
    const { id, card, payee, amount_units: amount } = voucher;
    const first = await trx
      .updateTable("vouchers")
      .set({ owed_since: new Date(this.clock.now()) })
      .where("id", "=", id)
      .where("owed_since", "is", null)
      .executeTakeFirst();
    if (first.numUpdatedRows === 1n) await this.postings.owed(trx, { id, card, payee, amount });
  }

  private async considerForked(voucher: VoucherRow): Promise<void> {
    const rivals = await this.db
      .selectFrom("vouchers")
      .select("state")
      .where("card", "=", voucher.card)
      .where("counter", "=", voucher.counter)
      .where("id", "!=", voucher.id)
      .execute();
    // No other message of this counter can still be paid first: then this one may go to the vault.
    const open = rivals.some(({ state }) => !["cancelled", "disputed", "compensated"].includes(state));
    if (!open) await this.move(voucher, "received");
  }

  /**
   * What the vault could not pay goes into a batch again as soon as the vault's state, with our
   * open batches on top, covers it. A convicted card gets no more deposits: the issuer bears what
   * it does not hold.
   */
  private async considerSkipped(voucher: VoucherRow): Promise<void> {
    const { final, expected } = await this.db.transaction().execute(async (trx) => {
      const states = await readVaultStates(trx, { cards: [voucher.card], merchants: [] });
      return { final: reasonToWait(states.final, voucher), expected: reasonToWait(states.expected, voucher) };
    });
    if (expected === null) return this.tryAgain(voucher, { insisted: false });
    const slot = await this.contract.card(voucher.card, "finalized");
    if (slot.balance >= voucher.amount_units) {
      // The chain differs from the state that was rebuilt from its events: then the vault itself
      // decides.
      if (final === "BALANCE_TOO_LOW" || final === "COUNTER_USED") return this.tryAgain(voucher, { insisted: true });
    }
    await this.db.updateTable("vouchers").set({ waits_for: expected }).where("id", "=", voucher.id).execute();
    if (final === "BALANCE_TOO_LOW") await this.withholdUnpaid(voucher);
  }

  /**
   * A voucher that the issuer guarantees and that its card could not cover for W after its time is
   * owed (spec §6.1): a person brings the deposit with which the vault pays it.
   */
  private async withholdUnpaid(voucher: VoucherRow): Promise<void> {
    const due = (Number(voucher.paid_at) + LIMITS.vaultDelaySeconds) * 1_000;
    if (voucher.state !== "skipped" || this.clock.now() < due) return;
    const arrivedAt = await arrivalOf({ db: this.db, rpc: this.rpc }, voucher);
    await this.db.transaction().execute(async (trx) => {
      await takeLock(trx, "guarantee");
      const verdict = await this.judge(trx, voucher, arrivedAt);
      if (verdict === null || verdict.state === "notGuaranteed") return;
      await this.withhold(trx, voucher, "STILL_UNPAID");
    });
  }

  /** Only the vault's own refusals are counted: what was left out of a batch was never tried. */
  private async tryAgain(voucher: VoucherRow, { insisted }: { insisted: boolean }): Promise<void> {
    // What is too dear for a block never was: it is tried as often as it takes, with a pause between.
    const pausedUntil = voucher.waits_for === TOO_DEAR ? (voucher.paused_until?.getTime() ?? 0) : 0;
    if (voucher.attempts >= LIMITS.voucherAttempts || pausedUntil > this.clock.now()) return;
    await this.db.transaction().execute(async (trx) => {
      if (!(await moveVoucher(trx, voucher, "received")) || !insisted) return;
      await trx.updateTable("vouchers").set({ insisted }).where("id", "=", voucher.id).execute();
    });
  }

  /**
   * A transfer that had no effect is tried again; it still has one key and one effect. Tokens that
   * are missing are no such case: it waits for them before it has a nonce.
   */
  private async considerFailedTransfer(voucher: VoucherRow): Promise<void> {
    const action = await this.db
      .selectFrom("compensations")
      .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
      .select(["chain_actions.id", "chain_actions.state", "chain_actions.changed_at"])
      .where("compensations.voucher_id", "=", voucher.id)
      .executeTakeFirst();
    if (action === undefined || (action.state !== "refused" && action.state !== "failed")) return;
    const now = this.clock.now();
    if (now - action.changed_at.getTime() < this.config.chain.resendMs) return;
    await this.db.transaction().execute(async (trx) => {
      // The vault may have paid it meanwhile: whoever records that waits for this row, or had it before.
      if ((await lockedState(trx, voucher.id)) === "compensating") await replanAction(trx, action.id, new Date(now));
    });
  }

  /**
   * Decides what one final block shows to be beyond the vault (spec §6.1). One decision at a time, so
   * that two do not both fit into what is left of a bound. Answers what the block shows. What is
   * withheld is owed: persons decide about it, and no rule that would have stood against it.
   */
  private async bear(voucher: VoucherRow): Promise<NeverPaid["because"]> {
    const view = await finalView({ db: this.db, rpc: this.rpc, contract: this.contract }, voucher);
    if (view === null) return "BLOCKS_DIFFER";
    const { id, amount_units: amount } = voucher;
    const arrivedAt = await arrivalOf({ db: this.db, rpc: this.rpc }, voucher);
    const { never, because } = neverPaid({ id, payee: toAddress(voucher.payee), amount, arrivedAt }, view);
    const givenUp = because === "GIVEN_UP" || because === "VOIDED_BEFORE_IT_CAME";
    if (!givenUp && (!never || voucher.state === "withheld")) return because;
    await this.db.transaction().execute(async (trx) => {
      await takeLock(trx, "guarantee");
      await (never ? this.decide(trx, voucher, arrivedAt) : this.dispute(trx, voucher, because));
    });
    return because;
  }

  /** What decides about the guarantee of a voucher that arrived at these seconds. */
  groundsAt(arrivedAt: number): GuaranteeGrounds {
    const { config, asset, domain, issuer, engine } = this;
    return { config, asset, domain, issuer, engine, now: this.clock.now(), arrivedAt };
  }

  private async decide(trx: DatabaseTransaction, voucher: VoucherRow, arrivedAt: number): Promise<void> {
    const verdict = await this.judge(trx, voucher, arrivedAt);
    // A certificate of before there were sums stands for no guarantee.
    if (verdict === null) return this.dispute(trx, voucher, "OUTSIDE_CERTIFICATE");
    switch (verdict.state) {
      case "guaranteed":
        // By a proof of arrival that came later it may be promised after all.
        await trx.updateTable("vouchers").set({ dispute: null }).where("id", "=", voucher.id).execute();
        await this.compensate(trx, voucher);
        return;
      case "notGuaranteed":
        return this.dispute(trx, voucher, verdict.codes[0] ?? verdict.ground);
      case "withheld":
        return this.withhold(trx, voucher, verdict.ground);
    }
  }

  private async judge(
    trx: DatabaseTransaction,
    voucher: VoucherRow,
    arrivedAt: number,
  ): Promise<GuaranteeVerdict | null> {
    const guaranteeCase = await readGuaranteeCase(trx, voucher, this.groundsAt(arrivedAt));
    return guaranteeCase === null ? null : judgeGuarantee(guaranteeCase);
  }

  private async withhold(
    trx: DatabaseTransaction,
    voucher: VoucherRow,
    ground: WithheldGround | "STILL_UNPAID",
  ): Promise<void> {
    if (!(await moveVoucher(trx, voucher, "withheld"))) return;
    await this.owe(trx, voucher);
    await trx
      .updateTable("vouchers")
      .set({ withheld_ground: ground, withheld_at: new Date(this.clock.now()), dispute: null })
      .where("id", "=", voucher.id)
      .execute();
  }

  /**
   * One transfer a voucher, which names it behind the call's arguments. A person may ask for it of a
   * withheld one, where neverPaid holds. Answers the action's id, or null where somebody else has
   * moved the voucher.
   */
  async compensate(trx: DatabaseTransaction, voucher: VoucherRow): Promise<string | null> {
    if (!(await moveVoucher(trx, voucher, "compensating"))) return null;
    await this.owe(trx, voucher);
    const baseUnits = voucher.amount_units * this.config.asset.scale;
    const actionId = await this.actions.plan(trx, {
      key: `compensate:${toHex(voucher.id)}`,
      kind: "compensate",
      target: this.contract.token,
      data: concatBytes(transferCall({ to: voucher.payee, baseUnits }), voucher.id),
    });
    await trx
      .insertInto("compensations")
      .values({
        voucher_id: voucher.id,
        payee: voucher.payee,
        amount_units: voucher.amount_units,
        action_id: actionId,
        created_at: new Date(this.clock.now()),
      })
      .execute();
    return actionId;
  }

  /** The issuer does not bear it: its hold ends, and it shows the code. */
  async dispute(trx: DatabaseTransaction, voucher: VoucherRow, code: string): Promise<void> {
    if (!(await moveVoucher(trx, voucher, "disputed"))) return;
    const { id, card, payee, amount_units: amount, dispute } = voucher;
    await trx
      .updateTable("vouchers")
      .set({ dispute: dispute ?? code })
      .where("id", "=", id)
      .execute();
    await this.postings.released(trx, [{ id, card, payee, amount }]);
  }

  private async move(voucher: VoucherRow, to: VoucherState): Promise<void> {
    await this.db.transaction().execute((trx) => moveVoucher(trx, voucher, to));
  }
}
