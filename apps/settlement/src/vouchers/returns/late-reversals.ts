import { Inject, Injectable } from "@nestjs/common";
import { confirmationText, equalBytes, statementSigner, toHex, type Domain } from "@tallystick/protocol";
import { formatTotal, type Asset } from "@tallystick/money";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { reverseNamed } from "./reverse-vouchers.ts";

/** A reversal that has no effect yet. */
export interface LateReversalView {
  /** SHA-256 of `TLYX`. */
  readonly id: string;
  readonly payee: string;
  readonly terminalId: string;
  readonly arrivedAt: string;
  /** null while no upload has brought a voucher of this request. */
  readonly voucherId: string | null;
  readonly amount: string | null;
  /** What the payee signs, as wallets sign texts. */
  readonly text: string;
}

/**
 * Reversals that came after their certificate was withdrawn: whoever holds the terminal's key could
 * give a merchant's money away by them, so the payee's own key decides (spec §6.2).
 */
@Injectable()
export class LateReversals {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Those that wait for their payees, the newest first. */
  async waiting(): Promise<readonly LateReversalView[]> {
    const rows = await this.db
      .selectFrom("late_reversals as late")
      .leftJoin("vouchers", (join) =>
        join.onRef("vouchers.request", "=", "late.request").onRef("vouchers.card_key", "=", "late.card_key"),
      )
      .leftJoin("cancellations", (join) =>
        join.onRef("cancellations.request", "=", "late.request").onRef("cancellations.card_key", "=", "late.card_key"),
      )
      .select(["late.id", "late.payee", "late.terminal_id", "late.received_at"])
      .select(["vouchers.id as voucher", "vouchers.amount_units as amount"])
      .where("cancellations.upload", "is", null)
      .orderBy("late.received_at", "desc")
      .orderBy("late.id")
      .limit(LIMITS.listRows)
      .execute();
    return rows.map(({ id, payee, terminal_id, received_at, voucher, amount }) => ({
      id: toHex(id),
      payee: toHex(payee),
      terminalId: toHex(terminal_id),
      arrivedAt: received_at.toISOString(),
      voucherId: voucher === null ? null : toHex(voucher),
      amount: amount === null ? null : formatTotal(amount, this.asset),
      text: confirmationText(this.domain, id),
    }));
  }

  /**
   * Gives a reversal its effect by the payee's word; once it has it, nothing changes. Throws Problem
   * NOT_FOUND or PAYEE_SIGNATURE.
   */
  async confirm(id: Uint8Array, signature: Uint8Array): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      const late = await trx.selectFrom("late_reversals").selectAll().where("id", "=", id).executeTakeFirst();
      if (late === undefined)
        throw new Problem("NOT_FOUND", "No reversal with this id waits for its payee: it counts, or never came.");
      const text = confirmationText(this.domain, id);
      const signer = statementSigner(text, signature);
      if (signer === null || !equalBytes(signer, late.payee))
        throw new Problem("PAYEE_SIGNATURE", `Let the payee sign this text with its own key: ${text}`);
      await trx
        .insertInto("reversal_confirmations")
        .values({ reversal: id, signature, confirmed_at: new Date(this.clock.now()) })
        .onConflict((conflict) => conflict.column("reversal").doNothing())
        .execute();
      const { card_key, request, payee, terminal_id, upload, received_at } = late;
      await trx
        .insertInto("cancellations")
        .values({ card_key, request, payee, terminal_id, signature: late.signature, upload, received_at })
        .onConflict((conflict) => conflict.columns(["request", "card_key"]).doNothing())
        .execute();
      await reverseNamed(trx, this.postings, { request, cardKey: card_key });
    });
  }
}
