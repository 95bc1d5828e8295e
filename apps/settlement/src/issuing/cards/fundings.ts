import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { cardStatuses, toHex } from "@tallystick/protocol";
import { approveCall, fundCall } from "@tallystick/vault";
import { sql, type Selectable } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { assertMoneyMoves } from "../../chain/money/money-faults.ts";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import type { HeldActionView } from "../../chain/refused/held-views.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { FundingsTable } from "../../foundation/database/tables/issuing-tables.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { Approvals, secondPersonNeeded, Waiting } from "../../books/approvals/approvals.ts";
import { CardRegister, openingKey } from "./card-register.ts";

/** The vault may pull the treasury's tokens; asked once a treasury and then known by its key. */
export async function planApproval(
  trx: DatabaseTransaction,
  actions: ChainActions,
  contract: VaultContract,
): Promise<string> {
  const treasury = toHex(actions.treasury);
  const first = await trx
    .selectFrom("chain_actions")
    .select(["account", "nonce"])
    .where("key", "=", "approve:vault")
    .executeTakeFirst();
  // One that has no nonce yet is begun by whichever is the treasury then.
  const isOwn = first === undefined || first.nonce === null || toHex(first.account) === treasury;
  return actions.plan(trx, {
    key: isOwn ? "approve:vault" : `approve:vault:${treasury}`,
    kind: "approve",
    target: contract.token,
    data: approveCall(contract.vault),
  });
}

/** A deposit that somebody asks for; `amount` in units. */
export interface RequestedFunding {
  readonly card: Uint8Array;
  readonly amount: bigint;
  /** The caller's: one key of a card is one funding. */
  readonly key: string;
  /** Why, for the audit log. */
  readonly reason: string;
  /** Asked first in the transaction that plans it; throws where it is not to be made any more. */
  readonly assertWanted?: (trx: DatabaseTransaction) => Promise<void>;
}

/** Deposits of the issuer's treasury into cards. The caller's key makes a funding happen once. */
@Injectable()
export class Fundings {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(HeldActions) private readonly held: HeldActions,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws Problem AMOUNT_RANGE, CARD_UNKNOWN, CARD_REVOKED, KEY_REUSED, and INSOLVENT or
   * TRANSFERS_STOPPED where a new deposit would bind money that is not there or does not move; above
   * the sum that needs one, SECOND_PERSON_NEEDED.
   * @param approval by which another person does what was asked for
   */
  async plan(funding: RequestedFunding, actor: Actor, approval: string | null = null): Promise<HeldActionView> {
    const { card, amount, key } = funding;
    if (amount === 0n) throw new Problem("AMOUNT_RANGE", "amount: a funding is above zero.");
    const id = await retryingTransaction(this.db, async (trx) => {
      await funding.assertWanted?.(trx);
      const row = await this.cards.find(card, trx);
      if (row.status === cardStatuses.revoked) throw new Problem("CARD_REVOKED", "A revoked card gets no deposit.");
      const known = await trx
        .selectFrom("fundings")
        .selectAll()
        .where("card", "=", card)
        .where("key", "=", key)
        .executeTakeFirst();
      if (known !== undefined) return sameFunding(known, amount);
      await assertMoneyMoves(trx, "fund");
      const { reason } = funding;
      const movement = { kind: "funding", subject: card, units: amount, key, reason } as const;
      const permission = await this.approvals.ask(trx, { ...movement, request: { key }, actor, approval });
      if (permission instanceof Waiting) return permission;
      const opening = await trx
        .selectFrom("chain_actions")
        .select("id")
        .where("key", "=", openingKey(card))
        .executeTakeFirstOrThrow();
      const fundingId = randomUUID();
      const actionId = await this.actions.plan(trx, {
        key: `fund:${fundingId}`,
        kind: "fund",
        target: this.contract.vault,
        data: fundCall({ card, units: amount }),
        after: [await planApproval(trx, this.actions, this.contract), opening.id],
      });
      const inserted = await trx
        .insertInto("fundings")
        .values({
          id: fundingId,
          card,
          amount_units: amount,
          key,
          action_id: actionId,
          created_at: new Date(this.clock.now()),
        })
        .onConflict((conflict) => conflict.columns(["card", "key"]).doNothing())
        .returning("id")
        .executeTakeFirst();
      // Another request with this key was quicker: its funding holds, and this transaction must
      // leave no action behind.
      if (inserted === undefined) throw new LostRace();
      const details = { units: amount.toString(), key, reason, ...permission };
      const at = new Date(this.clock.now());
      await recordAction(trx, { action: "funding", actor, subject: toHex(card), details, at });
      return inserted.id;
    }).catch((error: unknown) => {
      if (error instanceof LostRace) return null;
      throw error;
    });
    if (id instanceof Waiting) throw secondPersonNeeded(id);
    return id === null ? this.plan(funding, actor, approval) : this.view(id);
  }

  /** Throws NOT_FOUND. */
  view(id: string): Promise<HeldActionView> {
    return this.held.view("funding", id);
  }

  /** A deposit of this card that is still on its way, with what it waits for; null where none is. */
  async pending(card: Uint8Array, trx: Database | DatabaseTransaction): Promise<PendingFunding | null> {
    const row = await waiting(card, trx).select("chain_actions.failure as reason").limit(1).executeTakeFirst();
    return row ?? null;
  }

  /** How many deposits of this card are on their way, and their sum in units. */
  async waitingFor(card: Uint8Array): Promise<{ readonly count: number; readonly units: bigint }> {
    return await waiting(card, this.db)
      .select([
        sql<number>`count(*)::int`.as("count"),
        sql<bigint>`coalesce(sum(fundings.amount_units), 0)::bigint`.as("units"),
      ])
      .executeTakeFirstOrThrow();
  }
}

/** A deposit on its way, and what it waits for. */
export interface PendingFunding {
  readonly reason: string | null;
}

/** Deposits of a card that are neither final nor given up. */
function waiting(card: Uint8Array, trx: Database | DatabaseTransaction) {
  return trx
    .selectFrom("fundings")
    .innerJoin("chain_actions", "chain_actions.id", "fundings.action_id")
    .where("fundings.card", "=", card)
    .where((where) =>
      where.or([
        where("chain_actions.state", "not in", ["final", "failed", "refused"]),
        where("chain_actions.retry_at", "is not", null),
      ]),
    );
}

class LostRace extends Error {}

function sameFunding(known: Selectable<FundingsTable>, amount: bigint): string {
  if (known.amount_units !== amount) throw new Problem("KEY_REUSED", "This key funded another amount; use a new key.");
  return known.id;
}
