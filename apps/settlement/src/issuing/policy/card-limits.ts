import { Inject, Injectable } from "@nestjs/common";
import { cardStatuses, decodeAllowanceBody, NEW_NO_PIN_SUMS, toHex, type AllowanceBody } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { Allowances, type AllowanceOrder, type IssueOptions, type SignedAllowance } from "../allowances/allowances.ts";
import { assertNotReplaced, cardLost, CardStatuses } from "../cards/card-statuses.ts";
import { maxSpentOf } from "./decide-policy.ts";
import { isHeld, policyRows, policyView, type HeldRow } from "./policy-views.ts";

/** The limits of a card that a person may change; amounts in units, notAfter in seconds. */
export type ChangedLimits = Partial<
  Pick<AllowanceBody, "perTap" | "pinAbove" | "noPinSum" | "noPinCount" | "categories" | "notAfter">
>;

/** What a person orders for a card, and why. */
export interface LimitsOrder {
  readonly card: Uint8Array;
  readonly limits: ChangedLimits;
  readonly reason: string;
}

/**
 * What a person changes of a card in the field (spec §6.10): its limits, and whether it pays at all.
 * Each is an allowance, which the mailbox carries to the card.
 */
@Injectable()
export class CardLimits {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(CardStatuses) private readonly statuses: CardStatuses,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Signs an allowance with the changed limits; everything else is as it was last. Throws Problem
   * CARD_UNKNOWN, CARD_REVOKED, CARD_SUSPENDED, NOT_FOUND, ALLOWANCE_RANGE or INSOLVENT.
   */
  async change({ card, limits, reason }: LimitsOrder, actor: Actor): Promise<SignedAllowance> {
    if (Object.keys(limits).length === 0) throw new Problem("ALLOWANCE_RANGE", "Name a limit to change.");
    if (limits.perTap === 0n) throw new Problem("ALLOWANCE_RANGE", "perTap 0 suspends: suspend the card instead.");
    const row = await this.heldRow(card);
    if (row.status === cardStatuses.suspended || decodeAllowanceBody(row.body).perTap === 0n)
      throw new Problem("CARD_SUSPENDED", "A suspended card's limits are changed when it is released.");
    const named = Object.entries(limits).map(([name, value]) => [name, String(value)] as const);
    return this.issue(row, limits, { actor, reason }, { ground: "limits", limits: Object.fromEntries(named) });
  }

  /**
   * Suspends a card in the status list, and by an allowance with perTap 0, signed last, so that
   * nothing in a mailbox brings it back. Null where the card has no allowance. A second time has no
   * further effect. Throws Problem CARD_UNKNOWN, CARD_REVOKED, CARD_LOST or CARD_REPLACED.
   */
  async suspend(card: Uint8Array, reason: string, actor: Actor): Promise<SignedAllowance | null> {
    await this.statuses.set({ card, status: cardStatuses.suspended, reason, suspends: true }, actor);
    const row = await this.rowOf(card);
    if (!isHeld(row)) return null;
    if (decodeAllowanceBody(row.body).perTap === 0n) return this.allowances.sign(card, row.body);
    const signed = await this.issue(row, { perTap: 0n }, { actor, reason }, { ground: "suspended" });
    tellLimits(card, signed, "stops it");
    return signed;
  }

  /**
   * Ends a suspension: the card is valid in the list, and gets the perTap of before. Null where it
   * has no allowance. Throws Problem CARD_UNKNOWN, CARD_REVOKED, CARD_LOST, CARD_REPLACED or INSOLVENT.
   */
  async release(card: Uint8Array, reason: string, actor: Actor): Promise<SignedAllowance | null> {
    const row = await this.rowOf(card);
    if (row.status === cardStatuses.lost) {
      await assertNotReplaced(this.db, card);
      throw cardLost();
    }
    const perTap = isHeld(row) ? await this.lastPerTap(card) : null;
    const signed =
      isHeld(row) && perTap !== null && decodeAllowanceBody(row.body).perTap === 0n
        ? await this.issue(row, { perTap }, { actor, reason }, { ground: "released" })
        : null;
    if (signed !== null) tellLimits(card, signed, "lets it pay again");
    await this.statuses.set({ card, status: cardStatuses.valid, reason, suspends: true }, actor);
    return signed;
  }

  /**
   * Signs what the card was allowed last by another issuer key, which a station writes to the card in
   * the same session (spec §6.10). A second time has no further effect. Throws Problem CARD_UNKNOWN,
   * CARD_REVOKED, NOT_FOUND, ISSUER_KEY or INSOLVENT.
   */
  async renewUnder(card: Uint8Array, issuerKeyId: number, order: AllowanceOrder): Promise<SignedAllowance> {
    const row = await this.heldRow(card);
    if (decodeAllowanceBody(row.body).issuerKeyId === issuerKeyId) return this.allowances.sign(card, row.body);
    return this.issue(row, {}, order, { ground: "issuer-key", issuerKeyId });
  }

  private async issue(
    row: HeldRow,
    limits: ChangedLimits,
    order: AllowanceOrder,
    options: Pick<IssueOptions, "ground" | "limits" | "issuerKeyId">,
  ): Promise<SignedAllowance> {
    const bound = await this.allowances.boundOf(row.card);
    const view = policyView(row, { bound, nowMs: this.clock.now(), config: this.config });
    const { issuerKeyId: _key, seq: _seq, maxCounter: _counter, cardIndex: _index, ...rest } = view.newest;
    const maxSpent = maxSpentOf(view);
    const softSpent = rest.softSpent < maxSpent ? rest.softSpent : maxSpent;
    const terms = { ...rest, maxSpent, softSpent, flags: rest.flags & ~NEW_NO_PIN_SUMS, ...limits };
    return this.allowances.issue(row.card, terms, order, { ...options, over: row.seq, chosenBy: bound });
  }

  private async lastPerTap(card: Uint8Array): Promise<bigint | null> {
    const { rows } = await sql<{ body: Uint8Array }>`
      select body from allowances where card = ${card} and substring(body from 22 for 6) <> '\\x000000000000'::bytea
      order by seq desc limit 1`.execute(this.db);
    return rows[0] === undefined ? null : decodeAllowanceBody(rows[0].body).perTap;
  }

  private async rowOf(card: Uint8Array) {
    const [row] = await policyRows(this.db, sql`cards.card = ${card}`, 1);
    if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
    return row;
  }

  private async heldRow(card: Uint8Array): Promise<HeldRow> {
    const row = await this.rowOf(card);
    if (!isHeld(row)) throw new Problem("NOT_FOUND", "No allowance was issued for this card.");
    return row;
  }
}

/** The status list may have said it before: the allowance that says it to the card itself is a line of its own. */
function tellLimits(card: Uint8Array, { body }: SignedAllowance, what: string): void {
  const { seq } = decodeAllowanceBody(body);
  tellEvent("suspension", `card ${toHex(card)}, allowance ${seq} ${what}`);
}
