import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CardBounds } from "../allowances/card-bounds.ts";

/**
 * Suspends a card while any allowance that may still be live exceeds the funding rule's bound (spec
 * §6.3). The bound of a card can only fall by its owner's withdrawal, so only cards that ever asked
 * for one are checked, and, after a restore, those that have not shown a sequence from after the
 * jump.
 */
@Injectable()
export class RuleSuspender {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CardBounds) private readonly bounds: CardBounds,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async pass(): Promise<void> {
    const jump = BigInt(this.config.restoreGeneration) * BigInt(LIMITS.restoreJump);
    const cards = await this.db
      .selectFrom("cards")
      .select(["card", "shown_seq", "shown_terminated", "deposits_units", "rule_suspended"])
      .where((where) => where.or([where("withdrawal_seen", "=", true), where("rule_suspended", "=", true)]))
      .execute();
    if (cards.length === 0) return;
    const blocks = await this.bounds.blocks();
    if (blocks === null) return;
    for (const card of cards) {
      const exposed = card.shown_terminated
        ? await this.highestSpent(card.card)
        : await this.highestAllowed(card, jump);
      const suspended = exposed > (await this.bounds.boundOf(card.card, blocks));
      if (suspended === card.rule_suspended) continue;
      await this.db.updateTable("cards").set({ rule_suspended: suspended }).where("card", "=", card.card).execute();
    }
  }

  /** Every allowance counts, expired or not, until the card has shown a newer one. */
  private async highestAllowed(
    card: { card: Uint8Array; shown_seq: bigint; deposits_units: bigint },
    jump: bigint,
  ): Promise<bigint> {
    const row = await this.db
      .selectFrom("allowances")
      .select((select) => select.fn.max("max_spent_units").as("highest"))
      .where("card", "=", card.card)
      .where("seq", ">=", card.shown_seq)
      .executeTakeFirst();
    const known = row?.highest ?? 0n;
    // A restored database may have forgotten an allowance; none can have exceeded the sum of all
    // deposits.
    const forgotten = jump > 0n && card.shown_seq <= jump ? card.deposits_units : 0n;
    return known > forgotten ? known : forgotten;
  }

  private async highestSpent(card: Uint8Array): Promise<bigint> {
    const row = await this.db
      .selectFrom("state_proofs")
      .select((select) => select.fn.max("spent_units").as("highest"))
      .where("card", "=", card)
      .executeTakeFirst();
    return row?.highest ?? 0n;
  }
}
