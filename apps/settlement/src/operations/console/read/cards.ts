import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { CARD_STATUS_NAMES } from "../../../issuing/allowances/card-answers.ts";
import { CardViews } from "../../../issuing/allowances/card-views.ts";
import { CardRegister } from "../../../issuing/cards/card-register.ts";
import { effectiveStatus, suspensionGrounds } from "../../../issuing/cards/card-statuses.ts";
import { CardStreams } from "../../../issuing/cards/card-streams.ts";
import { ReplacementViews, type StoredReplacement } from "../../../issuing/replacements/replacement-views.ts";
import { LONG_ROWS, SHORT_ROWS } from "../limits.ts";
import type { VoucherLine } from "./merchants.ts";

/** A card in the list of the register. */
export interface CardLine {
  readonly card: string;
  readonly index: number;
  readonly reference: string;
  readonly status: string;
  readonly registeredAt: string;
}

/** A card as the register and the books know it, without asking the chain. */
export interface CardPageView extends CardLine {
  readonly owner: string;
  readonly masterKey: string | null;
  readonly suspendedFor: readonly string[];
  readonly flagged: boolean;
  readonly opened: string | null;
  readonly balance: string;
  readonly onTheWay: string;
  readonly missing: { readonly count: number; readonly worth: string };
  readonly allowance: {
    readonly seq: number;
    readonly maxSpent: string;
    readonly perTap: string;
    readonly pinAbove: string;
    readonly notAfter: string;
    readonly shown: boolean;
  } | null;
  readonly fundings: readonly {
    readonly id: string;
    readonly amount: string;
    readonly key: string;
    readonly state: string;
    readonly at: string;
    readonly failure: string | null;
  }[];
  readonly vouchers: readonly VoucherLine[];
  readonly replacedBy: string | null;
  readonly replacement: StoredReplacement | null;
}

/** Cards for pages: the register and its allowances, money and vouchers. */
@Injectable()
export class CardReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CardRegister) private readonly register: CardRegister,
    @Inject(CardViews) private readonly views: CardViews,
    @Inject(CardStreams) private readonly streams: CardStreams,
    @Inject(ReplacementViews) private readonly replacements: ReplacementViews,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** The newest of the register; those before an index. */
  async list(before: number | null): Promise<{ readonly cards: readonly CardLine[]; readonly next: number | null }> {
    const rows = await this.db
      .selectFrom("cards")
      .selectAll()
      .$if(before !== null, (query) => query.where("card_index", "<", before ?? 0))
      .orderBy("card_index", "desc")
      .limit(LONG_ROWS + 1)
      .execute();
    const shown = rows.slice(0, LONG_ROWS);
    return {
      cards: shown.map((row) => ({
        ...{ card: toHex(row.card), index: row.card_index, reference: row.reference },
        ...{ status: CARD_STATUS_NAMES[effectiveStatus(row)], registeredAt: row.registered_at.toISOString() },
      })),
      next: rows.length > LONG_ROWS ? (shown.at(-1)?.card_index ?? null) : null,
    };
  }

  /** Throws Problem CARD_UNKNOWN. */
  async find(card: Uint8Array): Promise<CardPageView> {
    const row = await this.register.find(card);
    const [missing, allowance, fundings, vouchers, books, replacement] = await Promise.all([
      this.streams.missing(card),
      this.allowance(card, row.shown_seq),
      this.fundings(card),
      this.vouchers(card),
      this.books(toHex(card)),
      this.replacements.find(card),
    ]);
    return {
      ...{ card: toHex(card), index: row.card_index, reference: row.reference, owner: toHex(row.owner) },
      ...{ status: CARD_STATUS_NAMES[effectiveStatus(row)], registeredAt: row.registered_at.toISOString() },
      ...{ masterKey: row.master_key, suspendedFor: [...suspensionGrounds(row)], flagged: row.flagged },
      opened: row.opened_block === null ? null : row.opened_block.toString(),
      ...books,
      missing: { count: missing.count, worth: this.amount(missing.worth) },
      ...{ allowance, fundings, vouchers },
      ...{ replacedBy: replacement?.successor ?? null, replacement },
    };
  }

  private async allowance(card: Uint8Array, shownSeq: bigint): Promise<CardPageView["allowance"]> {
    const newest = await this.views.newestAllowance(card);
    if (newest === null) return null;
    const { seq, maxSpent, perTap, pinAbove, notAfter } = newest;
    return {
      ...{ seq, maxSpent: this.amount(maxSpent), perTap: this.amount(perTap), pinAbove: this.amount(pinAbove) },
      ...{ notAfter: new Date(notAfter * 1_000).toISOString(), shown: shownSeq >= BigInt(seq) },
    };
  }

  private async fundings(card: Uint8Array): Promise<CardPageView["fundings"]> {
    const rows = await this.db
      .selectFrom("fundings")
      .innerJoin("chain_actions", "chain_actions.id", "fundings.action_id")
      .select(["fundings.id", "fundings.amount_units", "fundings.key", "fundings.created_at"])
      .select(["chain_actions.state", "chain_actions.failure"])
      .where("fundings.card", "=", card)
      .orderBy("fundings.created_at", "desc")
      .limit(SHORT_ROWS)
      .execute();
    return rows.map(({ id, amount_units: units, key, created_at, state, failure }) => ({
      ...{ id, amount: this.amount(units), key, state, at: created_at.toISOString(), failure },
    }));
  }

  private async vouchers(card: Uint8Array): Promise<readonly VoucherLine[]> {
    const rows = await this.db
      .selectFrom("vouchers")
      .leftJoin("merchant_names", "merchant_names.payee", "vouchers.payee")
      .select(["id", "amount_units", "state", "received_at", "vouchers.payee", "merchant_names.name as merchant"])
      .where("card", "=", card)
      .orderBy("counter", "desc")
      .limit(LONG_ROWS)
      .execute();
    return rows.map(({ id, amount_units: units, state, received_at, payee, merchant }) => ({
      ...{ id: toHex(id), amount: this.amount(units), state, card: toHex(card), at: received_at.toISOString() },
      ...{ payee: toHex(payee), merchant },
    }));
  }

  private async books(card: string): Promise<Pick<CardPageView, "balance" | "onTheWay">> {
    const { rows } = await sql<{ posted: string; pending: string }>`
      select (debits_posted - credits_posted)::text as posted, credits_pending::text as pending
      from ledger_accounts where id = ${`card:${card}`}`.execute(this.db);
    const [row] = rows;
    return { balance: this.amount(BigInt(row?.posted ?? 0)), onTheWay: this.amount(BigInt(row?.pending ?? 0)) };
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}
