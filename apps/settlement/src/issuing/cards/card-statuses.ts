import { Inject, Injectable } from "@nestjs/common";
import { cardStatuses, toHex, type CardStatus } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";

/** A card's new status, and why it gets it. */
export interface StatusChange {
  readonly card: Uint8Array;
  readonly status: CardStatus;
  readonly reason: string;
  /** True of a suspension and its end: they leave a lost card as it is. */
  readonly suspends?: boolean;
}

/** The status that the issuer gives a card. Every status list made afterwards contains it. */
@Injectable()
export class CardStatuses {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws Problem CARD_UNKNOWN, CARD_REVOKED, CARD_LOST or CARD_REPLACED: a revoked card stays revoked, because
   * merchants may still hold its vouchers, one that was replaced stays lost, and one that is lost is not made
   * valid by the end of a suspension.
   */
  async set({ card, status, reason, suspends = false }: StatusChange, actor: Actor): Promise<void> {
    const changed = await retryingTransaction(this.db, async (trx) => {
      const row = await trx
        .selectFrom("cards")
        .select(["status"])
        .where("card", "=", card)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
      if (row.status === status) return false;
      if (row.status === cardStatuses.revoked) throw new Problem("CARD_REVOKED", "Issue a new card instead.");
      if (status !== cardStatuses.revoked && status !== cardStatuses.lost) await assertNotReplaced(trx, card);
      if (suspends && row.status === cardStatuses.lost) throw cardLost();
      await trx.updateTable("cards").set({ status }).where("card", "=", card).execute();
      const at = new Date(this.clock.now());
      await enqueue(trx, "status-list", "due", at);
      const details = { status: statusName(status), reason };
      await recordAction(trx, { action: "card-status", actor, subject: toHex(card), details, at });
      return true;
    });
    if (changed) tellEvent("suspension", `card ${toHex(card)} is ${statusName(status)}`);
  }
}

/** Throws Problem CARD_REPLACED: what its successor was given must stay out of the card's reach (spec §6.10). */
export async function assertNotReplaced(trx: Pick<Database, "selectFrom">, card: Uint8Array): Promise<void> {
  const row = await trx.selectFrom("replacements").select("successor").where("card", "=", card).executeTakeFirst();
  if (row !== undefined) throw new Problem("CARD_REPLACED", `Card ${toHex(row.successor)} has taken its place.`);
}

/** What is said of a lost card that somebody would suspend or release. */
export function cardLost(): Problem {
  return new Problem("CARD_LOST", "It stays lost; whoever may set its status says that it was found.");
}

function statusName(status: CardStatus): string {
  return Object.entries(cardStatuses).find(([, value]) => value === status)?.[0] ?? String(status);
}

/** What decides about a card's status in the list. */
export interface CardGrounds {
  /** As the issuer set it. */
  readonly status: number;
  readonly rule_suspended: boolean;
  readonly void_suspended: boolean;
  readonly flagged: boolean;
}

/**
 * Why a card is suspended: the issuer said so, the funding rule (spec §6.3), or a pending void (spec
 * §6.4). The last two end with their cause.
 */
export const SUSPENSION_GROUNDS = ["ISSUER", "FUNDING_RULE", "PENDING_VOID"] as const;

export type SuspensionGround = (typeof SUSPENSION_GROUNDS)[number];

/** Every ground that suspends a card now; more than one may. */
export function suspensionGrounds(row: CardGrounds): readonly SuspensionGround[] {
  const holds: Readonly<Record<SuspensionGround, boolean>> = {
    ISSUER: row.status === cardStatuses.suspended,
    FUNDING_RULE: row.rule_suspended,
    PENDING_VOID: row.void_suspended,
  };
  return SUSPENSION_GROUNDS.filter((ground) => holds[ground]);
}

/** A card's status in the list: the strictest of what the issuer set, the vault's flag and the grounds. */
export function effectiveStatus(row: CardGrounds): CardStatus {
  if (row.status === cardStatuses.revoked || row.flagged) return cardStatuses.revoked;
  if (row.status === cardStatuses.lost) return cardStatuses.lost;
  return suspensionGrounds(row).length > 0 ? cardStatuses.suspended : cardStatuses.valid;
}
