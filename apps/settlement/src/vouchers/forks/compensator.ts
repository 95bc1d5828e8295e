import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { sql, type Selectable } from "kysely";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { ChainActions, replanAction } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { type VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import { reasonToWait } from "../simulation/reason-to-wait.ts";
import { readVaultStates } from "../simulation/vault-states.ts";
import { assertVoucherEdge, type VoucherState } from "../states/voucher-states.ts";
import { counterUse } from "./counter-use.ts";

type VoucherRow = Selectable<VouchersTable>;

/**
 * Decides about vouchers that the vault did not pay (spec §6.1). A forked one waits until the first
 * of its counter is final; then the issuer pays it, once, keyed by its id, if it promised it, and
 * else it is shown as disputed.
 */
@Injectable()
export class Compensator {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Decides about one voucher, by its id; does nothing when there is nothing to decide yet. */
  async consider(id: Uint8Array): Promise<void> {
    const voucher = await this.db.selectFrom("vouchers").selectAll().where("id", "=", id).executeTakeFirst();
    if (voucher === undefined) return;
    if (voucher.state === "compensating") return this.considerFailedTransfer(voucher);
    if (voucher.state !== "forked" && voucher.state !== "skipped") return;
    // The issuer bears nothing that the terminal has reversed (spec §6.2).
    const reversed = await this.db.transaction().execute((trx) => reverseNamed(trx, this.postings, { ids: [id] }));
    if (reversed.length > 0) return;
    const use = await counterUse(this.db, voucher);
    if (use === "other") return this.bear(voucher);
    if (use === "own") return;
    if (voucher.state === "forked") return this.considerForked(voucher);
    return this.considerSkipped(voucher);
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
    } else if (await this.isConvicted(voucher.card)) return this.bear(voucher);
    await this.db.updateTable("vouchers").set({ waits_for: expected }).where("id", "=", voucher.id).execute();
  }

  private async isConvicted(card: Uint8Array): Promise<boolean> {
    const { rows } = await sql<{ convicted: boolean }>`
      select exists (select 1 from cards where card = ${card} and flagged)
        or exists (select 1 from forks where card = ${card}) as convicted`.execute(this.db);
    return rows[0]?.convicted === true;
  }

  /** Only the vault's own refusals are counted: what was left out of a batch was never tried. */
  private async tryAgain(voucher: VoucherRow, { insisted }: { insisted: boolean }): Promise<void> {
    if (voucher.attempts >= LIMITS.voucherAttempts) return;
    await this.db.transaction().execute(async (trx) => {
      if (!(await moveVoucher(trx, voucher, "received")) || !insisted) return;
      await trx.updateTable("vouchers").set({ insisted }).where("id", "=", voucher.id).execute();
    });
  }

  /**
   * A transfer that had no effect (an empty treasury, most likely) is tried again; it still has one
   * key and one effect.
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
    await this.db.transaction().execute((trx) => replanAction(trx, action.id, new Date(now)));
  }

  private async bear(voucher: VoucherRow): Promise<void> {
    if (!voucher.promised) return this.move(voucher, "disputed");
    await this.db.transaction().execute(async (trx) => {
      if (!(await moveVoucher(trx, voucher, "compensating"))) return;
      const actionId = await this.actions.plan(trx, {
        key: `compensate:${toHex(voucher.id)}`,
        kind: "compensate",
        target: this.contract.token,
        data: transferCall({
          to: voucher.payee,
          baseUnits: voucher.amount_units * this.config.asset.scale,
        }),
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
    });
  }

  private async move(voucher: VoucherRow, to: VoucherState): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      if (!(await moveVoucher(trx, voucher, to)) || to !== "disputed") return;
      await this.postings.released(trx, [
        { id: voucher.id, card: voucher.card, payee: voucher.payee, amount: voucher.amount_units },
      ]);
    });
  }
}

/** Moves a voucher by compare and set; false when somebody else moved it first. */
async function moveVoucher(trx: DatabaseTransaction, voucher: VoucherRow, to: VoucherState): Promise<boolean> {
  assertVoucherEdge(voucher.state as VoucherState, to);
  const batch = to === "received" ? { batch_id: null, batch_position: null, waits_for: null } : {};
  const moved = await trx
    .updateTable("vouchers")
    .set({ state: to, ...batch })
    .where("id", "=", voucher.id)
    .where("state", "=", voucher.state)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}
