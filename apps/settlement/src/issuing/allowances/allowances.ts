import { Inject, Injectable } from "@nestjs/common";
import {
  cardStatuses,
  decodeAllowanceBody,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  toAddress,
  toHex,
  type AllowanceBody,
  type Domain,
} from "@tallystick/protocol";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { assertMoneyMoves, moneyStop } from "../../chain/money/money-faults.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CardRegister, type CardRow } from "../cards/card-register.ts";
import { Fundings } from "../cards/fundings.ts";
import { CardBounds } from "./card-bounds.ts";
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

interface IssuedAllowance {
  readonly terms: AllowanceTerms;
  readonly bound: bigint;
  readonly actor: Actor | null;
}

export interface SignedAllowance {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The transaction that wrote the row last: PostgreSQL's own mark of a row that was not touched
 * since.
 */
const rowVersion = sql<string>`xmin::text`;

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
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * `actor` is null where settlement renews by itself. Throws Problem CARD_UNKNOWN, CARD_REVOKED,
   * FUNDING_RULE, ALLOWANCE_RANGE or INSOLVENT.
   */
  async issue(card: Uint8Array, terms: AllowanceTerms, actor: Actor | null): Promise<SignedAllowance> {
    if (terms.notAfter < terms.notBefore) throw new Problem("ALLOWANCE_RANGE", "notAfter is before notBefore.");
    if (terms.flags >> 1 === 3) throw new Problem("ALLOWANCE_RANGE", "Assurance class 3 is refused by every terminal.");
    await assertMoneyMoves(this.db, "allow");
    const bound = await this.boundOf(card);
    const { body, seq } = await this.store(card, { terms, bound, actor });
    const bytes = encodeAllowance({ domain: this.domain, card: toAddress(card), body: decodeAllowanceBody(body) });
    const signature = await this.issuer.sign(digestOf(bytes));
    await this.db
      .updateTable("allowances")
      .set({ signature })
      .where("card", "=", card)
      .where("seq", "=", seq)
      .where("signature", "is", null)
      .execute();
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
    if (blocks === null) throw new Problem("CHAIN_UNREACHABLE", "The node has no final block yet.");
    return this.bounds.boundOf(card, blocks);
  }

  /**
   * Raises a card's allowance to its bound after a refund or a release became final. Everything
   * else stays as the issuer set it last; nothing happens where the bound is not higher, so that it
   * may run any number of times. A return in the meantime changes the card's row: then the renewal
   * stays due, and runs again; so it does while the vault is insolvent.
   */
  async renew(card: Uint8Array): Promise<void> {
    if ((await moneyStop(this.db, "allow")) !== null) return;
    const row = await this.db
      .selectFrom("cards")
      .select(["renewal_due", rowVersion.as("version")])
      .where("card", "=", card)
      .executeTakeFirst();
    if (row?.renewal_due !== true) return;
    const newest = await this.db
      .selectFrom("allowances")
      .select("body")
      .where("card", "=", card)
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    if (newest !== undefined) await this.raise(card, decodeAllowanceBody(newest.body));
    await this.db
      .updateTable("cards")
      .set({ renewal_due: false })
      .where("card", "=", card)
      .where(rowVersion, "=", row.version)
      .execute();
  }

  private async raise(card: Uint8Array, newest: AllowanceBody): Promise<void> {
    const { maxSpent, softSpent, ...rest } = newest;
    const bound = await this.boundOf(card);
    if (bound <= maxSpent) return;
    try {
      await this.issue(card, { ...rest, maxSpent: bound, softSpent: softSpent + bound - maxSpent }, null);
    } catch (error) {
      // A card that was revoked meanwhile, or an owner's withdrawal that came between: there is
      // nothing to raise.
      if (error instanceof Problem && (error.code === "CARD_REVOKED" || error.code === "FUNDING_RULE")) return;
      throw error;
    }
  }

  /**
   * Stores the body under the card's row lock, so that two requests never get one sequence number.
   */
  private store(card: Uint8Array, issued: IssuedAllowance): Promise<{ body: Uint8Array; seq: bigint }> {
    const { terms, bound, actor } = issued;
    return retryingTransaction(this.db, async (trx) => {
      const row = await trx.selectFrom("cards").selectAll().where("card", "=", card).forUpdate().executeTakeFirst();
      if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
      this.assertUsable(row);
      const maxSpent = await this.maxSpent(card, terms, bound, trx);
      const softSpent = terms.softSpent ?? maxSpent;
      if (softSpent > maxSpent) throw new Problem("ALLOWANCE_RANGE", "softSpent is above maxSpent.");
      const last = await trx
        .selectFrom("allowances")
        .select("seq")
        .where("card", "=", card)
        .orderBy("seq", "desc")
        .limit(1)
        .executeTakeFirst();
      const seq = this.nextSequence(last?.seq ?? 0n, row.shown_seq);
      const maxCounter = counterBound(row.highest_counter, this.config.counterLead);
      const body = encodeAllowanceBody({
        ...terms,
        issuerKeyId: this.issuer.keyId,
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
          stored_at: at,
        })
        .execute();
      if (actor !== null) {
        const details = { seq: seq.toString(), maxSpent: maxSpent.toString() };
        await recordAction(trx, { action: "allowance", actor, subject: toHex(card), details, at });
      }
      return { body, seq };
    });
  }

  private assertUsable(row: CardRow): void {
    if (row.status === cardStatuses.revoked || row.flagged)
      throw new Problem("CARD_REVOKED", "A revoked card gets no allowance.");
  }

  private async maxSpent(
    card: Uint8Array,
    terms: AllowanceTerms,
    bound: bigint,
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
    const pending = await this.fundings.pending(card, trx);
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
