import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { readForkMessages } from "./fork-messages.ts";

export interface ForkView {
  readonly card: string;
  readonly counter: number;
  readonly foundAt: string;
  /** Ids, the first to arrive first; then the one that only the chain showed. */
  readonly vouchers: readonly string[];
  /** The one that the vault paid, once that is final. */
  readonly paid: string | null;
  /** Who bears what the vault cannot pay. */
  readonly bearer: "issuer";
  /**
   * Both messages with their signatures: proof against the card that anyone can check, also on the
   * chain.
   */
  readonly evidence: readonly ForkEvidence[];
}

export interface ForkEvidence {
  readonly voucherId: string;
  readonly payee: string;
  readonly amount: string;
  /** The voucher's; `final` or `released` of a message that no upload brought. */
  readonly state: string;
  /** Where it was found: in an upload, or in the call that used its counter. */
  readonly source: "upload" | "chain";
  /** The transaction of that call; null of an upload's. */
  readonly tx: string | null;
  readonly message: string;
  readonly signature: string;
  readonly parity: number;
}

/** Forks with their evidence, the newest first. */
@Injectable()
export class ForkViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async list(): Promise<readonly ForkView[]> {
    const forks = await this.db
      .selectFrom("forks")
      .selectAll()
      .orderBy("found_at", "desc")
      .limit(LIMITS.listRows)
      .execute();
    const views: ForkView[] = [];
    for (const { card, counter, found_at } of forks) {
      const messages = await readForkMessages(this.db, card, counter);
      const paid = await this.db
        .selectFrom("settled_items")
        .select("voucher_id")
        .where("card", "=", card)
        .where("counter", "=", counter)
        .executeTakeFirst();
      views.push({
        card: toHex(card),
        counter: Number(counter),
        foundAt: found_at.toISOString(),
        vouchers: messages.map(({ id }) => toHex(id)),
        paid: paid === undefined ? null : toHex(paid.voucher_id),
        bearer: "issuer",
        evidence: messages.map(({ id, payee, amount, state, transaction, signed }) => ({
          voucherId: toHex(id),
          payee: toHex(payee),
          amount: formatTotal(amount, this.asset),
          state,
          source: transaction === null ? "upload" : "chain",
          tx: transaction === null ? null : toHex(transaction),
          message: toHex(signed.message),
          signature: toHex(signed.signature),
          parity: signed.parity,
        })),
      });
    }
    return views;
  }
}
