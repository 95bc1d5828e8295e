import { Inject, Injectable } from "@nestjs/common";
import {
  cardStatuses,
  decodeAllowanceBody,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  NEW_NO_PIN_SUMS,
  toAddress,
  toHex,
  type AllowanceBody,
  type Domain,
} from "@tallystick/protocol";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { assertMoneyMoves } from "../../chain/money/money-faults.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { assertNotReplaced } from "../cards/card-statuses.ts";
import { CardRegister, type CardRow } from "../cards/card-register.ts";
import { Fundings, type PendingFunding } from "../cards/fundings.ts";
import { Mailbox } from "../mailbox/mailbox.ts";
import { CardBounds } from "./card-bounds.ts";
import { keyForCard, signerOf } from "./key-for-card.ts";
import { lastResetOfCards, mayReset } from "./no-pin-resets.ts";
import { counterBound } from "./funding-rule.ts";

/**
 * What the issuer asks for; amounts in units. Without `maxSpent`, it is all that the funding rule
 * allows.
 */
export type AllowanceTerms = Omit<
  AllowanceBody,
  "issuerKeyId" | "seq" | "maxSpent" | "softSpent" | "maxCounter" | "cardIndex"
> & {
  readonly maxSpent: bigint | null;
  readonly softSpent: bigint | null;
};

/** Why an allowance is issued, and how that is recorded. */
export interface IssueOptions {
  /** Null where a person asked for just this. */
  readonly ground?: string;
  /** The bound by which the caller chose the terms, units: what rises later counts as risen. */
  readonly chosenBy?: bigint;
  /** The newest one that the caller saw: another one meanwhile is ALLOWANCE_OVERTAKEN. */
  readonly over?: bigint;
  /** The issuer key that the station writes to the card; the card's own where it is left out. */
  readonly issuerKeyId?: number;
  /** What the audit log says of the limits that a person changed. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** Who asked for an allowance, and why, for the audit log. */
export interface AllowanceOrder {
  readonly actor: Actor;
  readonly reason: string;
}

interface IssuedAllowance extends IssueOptions {
  readonly terms: AllowanceTerms;
  /** What was not final before the bound was read: the bound may be without it, however final it is by now. */
  readonly unfinal: PendingFunding | null;
  readonly bound: bigint;
  readonly order: AllowanceOrder | null;
}

export interface SignedAllowance {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Issues allowances by the funding rule (spec §6.3). A is stored before it is signed, and its
 * sequence only grows.
 */
@Injectable()
export class Allowances {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(CardBounds) private readonly bounds: CardBounds,
    @Inject(Mailbox) private readonly mailbox: Mailbox,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * `order` is null where settlement issues by itself. Throws Problem CARD_UNKNOWN, CARD_REVOKED,
   * FUNDING_RULE, NO_PIN_RESET, ALLOWANCE_RANGE, ALLOWANCE_OVERTAKEN, ISSUER_KEY or INSOLVENT.
   */
  async issue(
    card: Uint8Array,
    terms: AllowanceTerms,
    order: AllowanceOrder | null,
    options: IssueOptions = {},
  ): Promise<SignedAllowance> {
    if (terms.notAfter < terms.notBefore) throw new Problem("ALLOWANCE_RANGE", "notAfter is before notBefore.");
    if (((terms.flags >> 1) & 3) === 3)
      throw new Problem("ALLOWANCE_RANGE", "Assurance class 3 is refused by every terminal.");
    // An allowance that ends a card's paying is given at any time.
    if (terms.perTap > 0n) await assertMoneyMoves(this.db, "allow");
    const unfinal = await this.fundings.pending(card, this.db);
    const bound = await this.boundOf(card);
    return this.sign(card, await this.store(card, { terms, unfinal, bound, order, ...options }));
  }

  /** Whether the key that a stored one names still signs: after its end nobody signs it any more. */
  canSign(body: Uint8Array): boolean {
    return this.issuer.signerOf(decodeAllowanceBody(body).issuerKeyId) !== null;
  }

  /** Signs what is stored, and puts it into the mailbox; a second time has no further effect. */
  async sign(card: Uint8Array, body: Uint8Array): Promise<SignedAllowance> {
    const decoded = decodeAllowanceBody(body);
    const bytes = encodeAllowance({ domain: this.domain, card: toAddress(card), body: decoded });
    const seq = BigInt(decoded.seq);
    const signature = await signerOf(this.issuer, decoded.issuerKeyId).sign(digestOf(bytes));
    await retryingTransaction(this.db, async (trx) => {
      await trx
        .updateTable("allowances")
        .set({ signature })
        .where("card", "=", card)
        .where("seq", "=", seq)
        .where("signature", "is", null)
        .execute();
      await this.mailbox.put(trx, { card, seq, body, signature });
    });
    return { body, signature };
  }

  /** The newest signed one; throws NOT_FOUND. */
  async latest(card: Uint8Array): Promise<SignedAllowance> {
    await this.cards.find(card);
    const row = await this.db
      .selectFrom("allowances")
      .select(["body", "signature"])
      .where("card", "=", card)
      .where("signature", "is not", null)
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || row.signature === null)
      throw new Problem("NOT_FOUND", "No allowance was issued for this card.");
    return { body: row.body, signature: row.signature };
  }

  /** What `maxSpent` may be at most now, units. */
  async boundOf(card: Uint8Array): Promise<bigint> {
    const blocks = await this.bounds.blocks();
    if (blocks === null)
      throw new Problem("CHAIN_UNREACHABLE", "The node has no final block yet, or is behind the books; ask again.");
    return this.bounds.boundOf(card, blocks);
  }

  /**
   * Stores the body under the card's row lock, so that two requests never get one sequence number.
   */
  private store(card: Uint8Array, issued: IssuedAllowance): Promise<Uint8Array> {
    const { terms, bound, ground = null, over, chosenBy = bound, issuerKeyId: asked } = issued;
    return retryingTransaction(this.db, async (trx) => {
      const row = await trx.selectFrom("cards").selectAll().where("card", "=", card).forUpdate().executeTakeFirst();
      if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
      this.assertUsable(row);
      await assertNotReplaced(trx, card);
      const maxSpent = await this.maxSpent(card, issued, trx);
      const softSpent = terms.softSpent ?? maxSpent;
      if (softSpent > maxSpent) throw new Problem("ALLOWANCE_RANGE", "softSpent is above maxSpent.");
      const last = await trx
        .selectFrom("allowances")
        .select(["seq", "body"])
        .where("card", "=", card)
        .orderBy("seq", "desc")
        .limit(1)
        .executeTakeFirst();
      if (over !== undefined && last?.seq !== over)
        throw new Problem("ALLOWANCE_OVERTAKEN", "Read the newest allowance and ask again.");
      if ((terms.flags & NEW_NO_PIN_SUMS) !== 0) await this.assertMayReset(row, trx);
      const seq = this.nextSequence(last?.seq ?? 0n, row.shown_seq);
      const maxCounter = counterBound(row.highest_counter, this.config.counterLead);
      const body = encodeAllowanceBody({
        ...terms,
        issuerKeyId: keyForCard(this.issuer, { asked, newest: last?.body ?? null }).id,
        seq: Number(seq),
        maxSpent,
        softSpent,
        maxCounter: Number(maxCounter),
        cardIndex: row.card_index,
      });
      const at = new Date(this.clock.now());
      await trx
        .insertInto("allowances")
        .values({
          card,
          seq,
          body,
          signature: null,
          max_spent_units: maxSpent,
          max_counter: maxCounter,
          ground,
          bound_units: chosenBy,
          stored_at: at,
        })
        .execute();
      if (maxSpent === 0n && bound > 0n && terms.perTap > 0n) await this.makeDue(trx, card, at);
      await recordIssue(trx, { card, seq, maxSpent, at }, issued);
      return body;
    });
  }

  /** The real one follows a first allowance of 0 at once, where there is money for it already. */
  private async makeDue(trx: DatabaseTransaction, card: Uint8Array, at: Date): Promise<void> {
    await trx.updateTable("cards").set({ renewal_due: true }).where("card", "=", card).execute();
    await enqueue(trx, "allowance", subjectOf(card), at);
  }

  /** Whoever asks: new starts that were hoarded would apply one after the other (spec §6.10). */
  private async assertMayReset(row: CardRow, trx: DatabaseTransaction): Promise<void> {
    const { rows } = await sql<{ seq: bigint }>`
      select reset.seq from cards join lateral (${lastResetOfCards}) reset on true where cards.card = ${row.card}`.execute(
      trx,
    );
    const restoreJump = BigInt(this.config.restoreGeneration) * BigInt(LIMITS.restoreJump);
    if (mayReset({ lastReset: rows[0] ?? null, shownSeq: row.shown_seq, restoreJump })) return;
    throw new Problem(
      "NO_PIN_RESET",
      "Upload a voucher or a proof of state of this card that shows it, and ask again.",
    );
  }

  private assertUsable(row: CardRow): void {
    if (row.status === cardStatuses.revoked || row.flagged)
      throw new Problem("CARD_REVOKED", "A revoked card gets no allowance.");
  }

  private async maxSpent(
    card: Uint8Array,
    { terms, bound, unfinal }: IssuedAllowance,
    trx: Parameters<Fundings["pending"]>[1],
  ): Promise<bigint> {
    if (terms.maxSpent !== null) {
      if (terms.maxSpent > bound) {
        throw new Problem(
          "FUNDING_RULE",
          `maxSpent is above the card's final funding of ${bound} units; fund it and wait for finality.`,
        );
      }
      return terms.maxSpent;
    }
    const pending = unfinal ?? (await this.fundings.pending(card, trx));
    if (pending !== null) {
      const why = pending.reason === null ? "" : ` It waits: ${pending.reason}.`;
      throw new Problem("FUNDING_RULE", `A funding of this card is not final yet; ask again when it is.${why}`);
    }
    if (bound === 0n)
      throw new Problem("FUNDING_RULE", "No funding of this card is final; fund it and ask again then.");
    return bound;
  }

  /**
   * One more than any known, and beyond a jump for each restore: an allowance that a lost database
   * signed must stay older than the next one.
   */
  private nextSequence(last: bigint, shown: bigint): bigint {
    const floor = BigInt(this.config.restoreGeneration) * BigInt(LIMITS.restoreJump);
    const highest = [last, shown, floor].reduce((left, right) => (left > right ? left : right));
    if (highest >= 0xffff_ffffn)
      throw new Problem("ALLOWANCE_RANGE", "The card's sequence numbers are used up; issue a new card.");
    return highest + 1n;
  }
}

/** What a person asked for, in the audit log; what settlement does by itself is not there. */
async function recordIssue(
  trx: DatabaseTransaction,
  { card, seq, maxSpent, at }: { card: Uint8Array; seq: bigint; maxSpent: bigint; at: Date },
  { order, limits }: IssuedAllowance,
): Promise<void> {
  if (order === null) return;
  const { actor, reason } = order;
  const subject = toHex(card);
  const details = { seq: seq.toString(), maxSpent: maxSpent.toString(), reason };
  if (limits !== undefined)
    await recordAction(trx, { action: "card-limits", actor, subject, details: { ...limits, reason }, at });
  await recordAction(trx, { action: "allowance", actor, subject, details, at });
}
