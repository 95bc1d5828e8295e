import { Inject, Injectable } from "@nestjs/common";
import { cardStatuses, toHex, type CardStatus } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";

/** The status that the issuer gives a card. Every status list made afterwards contains it. */
@Injectable()
export class CardStatuses {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws Problem CARD_UNKNOWN or CARD_REVOKED: a revoked card stays revoked, because merchants
   * may still hold its vouchers.
   */
  async set(card: Uint8Array, status: CardStatus, actor: Actor): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      const row = await trx
        .selectFrom("cards")
        .select(["status"])
        .where("card", "=", card)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
      if (row.status === status) return;
      if (row.status === cardStatuses.revoked) throw new Problem("CARD_REVOKED", "Issue a new card instead.");
      await trx.updateTable("cards").set({ status }).where("card", "=", card).execute();
      const at = new Date(this.clock.now());
      await enqueue(trx, "status-list", "due", at);
      const details = { status: statusName(status) };
      await recordAction(trx, { action: "card-status", actor, subject: toHex(card), details, at });
    });
  }
}

function statusName(status: CardStatus): string {
  return Object.entries(cardStatuses).find(([, value]) => value === status)?.[0] ?? String(status);
}

/**
 * A card's status in the list: the strictest of what the issuer set, the vault's flag and the
 * funding rule.
 */
export function effectiveStatus(row: { status: number; rule_suspended: boolean; flagged: boolean }): CardStatus {
  if (row.status === cardStatuses.revoked || row.flagged) return cardStatuses.revoked;
  if (row.status === cardStatuses.lost) return cardStatuses.lost;
  return row.status === cardStatuses.suspended || row.rule_suspended ? cardStatuses.suspended : cardStatuses.valid;
}
