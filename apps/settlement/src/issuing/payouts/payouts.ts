import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { withdrawCall } from "@tallystick/vault";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { Approvals, secondPersonNeeded, Waiting } from "../../books/approvals/approvals.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { assertMoneyMoves } from "../../chain/money/money-faults.ts";
import { assertPayeeConfirmed } from "../joining/first-units.ts";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import type { HeldActionView } from "../../chain/refused/held-views.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";

/** A payout that somebody asks for. */
export interface RequestedPayout {
  readonly payee: Uint8Array;
  /** Why, for the audit log. */
  readonly reason: string;
  /** Units that a second person saw; left out, those that were asked for. */
  readonly seen?: bigint;
}

/**
 * Pays merchants what the vault holds for them. The vault pays the payee alone, so asking twice is
 * harmless.
 */
@Injectable()
export class Payouts {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(HeldActions) private readonly held: HeldActions,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * An unfinished payout of the payee is answered again. Throws Problem NOTHING_OWED, PAYEE_UNCONFIRMED, and
   * TRANSFERS_STOPPED with the token's own reason where it does not move to this payee; above the sum
   * that needs one, SECOND_PERSON_NEEDED, and SUM_GREW where more is owed than a second person saw.
   * @param approval by which another person does what was asked for; it pays what is owed then
   */
  async plan(
    { payee, reason, seen }: RequestedPayout,
    actor: Actor,
    approval: string | null = null,
  ): Promise<HeldActionView> {
    const slot = await this.contract.merchant(payee, "latest");
    const id = await retryingTransaction(this.db, async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${Buffer.from(payee).toString("hex")}, 0))`.execute(trx);
      const open = await trx
        .selectFrom("payouts")
        .innerJoin("chain_actions", "chain_actions.id", "payouts.action_id")
        .select("payouts.id")
        .where("payouts.payee", "=", payee)
        .where((where) =>
          where.or([
            where("chain_actions.state", "in", ["planned", "reserved", "signed", "broadcast"]),
            where("chain_actions.retry_at", "is not", null),
          ]),
        )
        .limit(1)
        .executeTakeFirst();
      if (open !== undefined) return open.id;
      await assertPayeeConfirmed(trx, payee);
      if (slot.earned === slot.withdrawn)
        throw new Problem("NOTHING_OWED", "Ask again when a batch with this payee is mined.");
      await assertMoneyMoves(trx, { payTo: payee });
      const units = slot.earned - slot.withdrawn;
      const movement = { kind: "payout", subject: payee, units, reason, request: {} } as const;
      const permission = await this.approvals.ask(trx, {
        ...movement,
        actor,
        approval,
        ...(seen === undefined ? {} : { seen }),
      });
      if (permission instanceof Waiting) return permission;
      const payoutId = randomUUID();
      const actionId = await this.actions.plan(trx, {
        key: `withdraw:${payoutId}`,
        kind: "withdraw",
        target: this.contract.vault,
        data: withdrawCall(payee),
      });
      const at = new Date(this.clock.now());
      await trx.insertInto("payouts").values({ id: payoutId, payee, action_id: actionId, created_at: at }).execute();
      const details = { units: units.toString(), reason, ...permission };
      await recordAction(trx, { action: "payout", actor, subject: toHex(payee), details, at });
      return payoutId;
    });
    if (id instanceof Waiting) throw secondPersonNeeded(id);
    return this.view(id);
  }

  /** Throws NOT_FOUND. */
  view(id: string): Promise<HeldActionView> {
    return this.held.view("payout", id);
  }
}
