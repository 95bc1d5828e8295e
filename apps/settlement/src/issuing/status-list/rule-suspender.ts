import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { exposureOf } from "../allowances/exposure.ts";
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
      const exposed = await exposureOf(this.db, card, jump);
      const suspended = exposed > (await this.bounds.boundOf(card.card, blocks));
      if (suspended === card.rule_suspended) continue;
      await this.db.updateTable("cards").set({ rule_suspended: suspended }).where("card", "=", card.card).execute();
      tellEvent("suspension", `card ${toHex(card.card)}, FUNDING_RULE ${suspended ? "begins" : "ends"}`);
    }
  }
}
