import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toAddress, toHex } from "@tallystick/protocol";
import { neverPaid, type NeverPaid } from "@tallystick/protocol/guarantee";
import { Approvals, secondPersonNeeded, Waiting } from "../../books/approvals/approvals.ts";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { arrivalOf } from "../forks/arrival.ts";
import { Compensator } from "../forks/compensator.ts";
import { moveVoucher } from "../forks/move-voucher.ts";
import { counterUse, finalView } from "../forks/final-view.ts";
import type { VoucherRow } from "../forks/guarantee-case.ts";
import type { PaymentAnswer, PaymentWay } from "./withheld-answers.ts";
import { WithheldDeposits } from "./withheld-deposits.ts";
import { assertWithheld, notWithheld, withheldVoucher } from "./withheld-voucher.ts";

/** What one final block shows of a withheld voucher. */
interface Shown {
  readonly block: bigint;
  readonly never: NeverPaid;
  /** Units of its card. */
  readonly balance: bigint;
}

/** Who asks for a payment, and why. */
interface AskedPayment {
  readonly who: string;
  readonly reason: string;
  readonly actor: Actor;
  /** By which another person does what was asked for. */
  readonly approval: string | null;
}

/** Pays withheld vouchers where a person says so (spec §6.12). */
@Injectable()
export class WithheldPayments {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(Compensator) private readonly compensator: Compensator,
    @Inject(WithheldDeposits) private readonly deposits: WithheldDeposits,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Pays a voucher by a compensation where the vault can never pay it, and else by the vault, with a
   * deposit of what the card lacks. Throws Problem NAME_NEEDED, NOT_FOUND, NOT_WITHHELD,
   * PAYMENT_UNDER_WAY or CHAIN_UNREACHABLE; above the sum that needs one, SECOND_PERSON_NEEDED.
   * @param approval by which another person does what was asked for
   */
  async pay(id: Uint8Array, reason: string, actor: Actor, approval: string | null = null): Promise<PaymentAnswer> {
    const asked = { who: personOf(actor), reason, actor, approval };
    // A counter is used once: what used it after the first look, the second one sees.
    const paid = (await this.judged(id, asked)) ?? (await this.judged(id, asked));
    if (paid === null) throw new Problem("CHAIN_UNREACHABLE", "Its counter was used while it was judged; ask again.");
    if (paid instanceof Waiting) throw secondPersonNeeded(paid);
    return paid;
  }

  /** Pays it by what one final block shows; null where a later one, taken in meanwhile, used its counter. */
  private async judged(id: Uint8Array, asked: AskedPayment): Promise<PaymentAnswer | Waiting | null> {
    const shown = await this.shown(await withheldVoucher(this.db, id));
    return await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "guarantee");
      const voucher = await withheldVoucher(trx, id, { forUpdate: true });
      if (shown.never.because === "STILL_OPEN" && !(await isUnused(trx, voucher))) return null;
      const deposit = await this.deposits.progress(trx, voucher, shown.block);
      // One without effect stays so where the vault can never pay any more.
      if (deposit === "under way" || (deposit === "without effect" && !shown.never.never)) {
        throw new Problem("PAYMENT_UNDER_WAY", "Its deposit was decided before; wait until that is final.");
      }
      return await this.decide(trx, voucher, shown, asked);
    });
  }

  private async decide(
    trx: DatabaseTransaction,
    voucher: VoucherRow,
    shown: Shown,
    { who, reason, actor, approval }: AskedPayment,
  ): Promise<PaymentAnswer | Waiting> {
    const { id } = voucher;
    const movement = { kind: "withheld-payment", subject: id, units: voucher.amount_units, reason } as const;
    const permission = await this.approvals.ask(trx, { ...movement, request: {}, actor, approval });
    if (permission instanceof Waiting) return permission;
    const { way, units, actionId } = await this.begin(trx, voucher, shown);
    const at = new Date(this.clock.now());
    const ground = voucher.withheld_ground ?? "";
    const decided = { voucher_id: id, kind: "payment", way, action_id: actionId } as const;
    await trx
      .insertInto("withheld_decisions")
      .values({ ...decided, ground, who, reason, statement: null, decided_at: at })
      .execute();
    const details = { way, units: units.toString(), ground, reason, ...permission };
    await recordAction(trx, { action: "withheld-paid", actor, subject: toHex(id), details, at });
    const { state } = await trx.selectFrom("vouchers").select("state").where("id", "=", id).executeTakeFirstOrThrow();
    return { voucherId: toHex(id), way, state: state as PaymentAnswer["state"] };
  }

  private async begin(
    trx: DatabaseTransaction,
    voucher: VoucherRow,
    { never: { never, because }, balance }: Shown,
  ): Promise<{ readonly way: PaymentWay; readonly units: bigint; readonly actionId: string | null }> {
    const units = voucher.amount_units;
    if (never) {
      const actionId = await this.compensator.compensate(trx, voucher);
      return { way: "compensation", units, actionId: assertWithheld(actionId) };
    }
    if (because !== "STILL_OPEN") throw notWithheld(`A final block shows its end: ${because}. Nothing is owed.`);
    if (balance >= units) {
      if (!(await moveVoucher(trx, voucher, "received"))) throw notWithheld("Somebody else has decided it just now.");
      return { way: "vault", units: 0n, actionId: null };
    }
    const lacking = units - balance;
    return { way: "deposit", units: lacking, actionId: await this.deposits.plan(trx, voucher, lacking) };
  }

  private async shown(voucher: VoucherRow): Promise<Shown> {
    const sources = { db: this.db, rpc: this.rpc, contract: this.contract };
    const view = await finalView(sources, voucher);
    if (view === null) throw new Problem("CHAIN_UNREACHABLE", "The node has no final block to judge by; ask again.");
    const arrivedAt = await arrivalOf(sources, voucher);
    const { id, amount_units: amount } = voucher;
    const never = neverPaid({ id, payee: toAddress(voucher.payee), amount, arrivedAt }, view);
    return { block: view.block, never, balance: view.card.seen.balance };
  }
}

/** Whether no final block that was taken in by now shows a use of a voucher's counter. */
async function isUnused(trx: DatabaseTransaction, voucher: VoucherRow): Promise<boolean> {
  return (await counterUse(trx, voucher)).use?.by === "nobody";
}
