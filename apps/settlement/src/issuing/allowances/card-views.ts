import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { type AllowanceBody, decodeAllowanceBody, toHex } from "@tallystick/protocol";
import type { z } from "zod";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { CardRegister } from "../cards/card-register.ts";
import { effectiveStatus, suspensionGrounds } from "../cards/card-statuses.ts";
import { Fundings } from "../cards/fundings.ts";
import { CardStreams } from "../cards/card-streams.ts";
import { Allowances } from "./allowances.ts";
import { CARD_STATUS_NAMES, type cardAnswerSchema } from "./card-answers.ts";

export type CardView = z.infer<typeof cardAnswerSchema>;

/** A card with what it holds on the chain and what it may spend. */
@Injectable()
export class CardViews {
  constructor(
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(CardStreams) private readonly streams: CardStreams,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Throws Problem CARD_UNKNOWN, and CHAIN_UNREACHABLE while the node has no final block. */
  async find(card: Uint8Array): Promise<CardView> {
    const row = await this.cards.find(card);
    const [state, finalized, latest, bound, missing, newest, replacement, waiting, shown] = await Promise.all([
      this.cards.stateOf(row),
      this.contract.card(card, "finalized"),
      this.contract.card(card, "latest"),
      this.allowances.boundOf(card),
      this.streams.missing(card),
      this.newestAllowance(card),
      this.replacementOf(card),
      this.fundings.waitingFor(card),
      row.shown_seq === 0n ? null : this.allowanceOf(card, row.shown_seq),
    ]);
    const text = (units: bigint): string => formatTotal(units, this.asset);
    return {
      card: toHex(row.card),
      cardIndex: row.card_index,
      reference: row.reference,
      owner: toHex(row.owner),
      state,
      balanceFinal: text(finalized.balance),
      balanceLatest: text(latest.balance),
      paidFinal: text(finalized.paid),
      pendingWithdrawal: text(latest.pending),
      status: CARD_STATUS_NAMES[effectiveStatus(row)],
      suspendedFor: [...suspensionGrounds(row)],
      flagged: row.flagged,
      allowanceSeq: newest?.seq ?? 0,
      allowanceShown:
        row.shown_seq === 0n
          ? null
          : { seq: Number(row.shown_seq), maxSpent: shown === null ? null : text(shown.maxSpent) },
      masterKey: row.master_key,
      issuerKeyId: newest?.issuerKeyId ?? null,
      bound: text(bound),
      boundUnits: bound.toString(),
      ...replacement,
      missing: { count: missing.count, worth: text(missing.worth) },
      depositsWaiting: { count: waiting.count, amount: text(waiting.units) },
    };
  }

  private async replacementOf(card: Uint8Array): Promise<Pick<CardView, "replacedBy" | "replaces">> {
    const rows = await this.db
      .selectFrom("replacements")
      .select(["card", "successor"])
      .where((where) => where.or([where("card", "=", card), where("successor", "=", card)]))
      .execute();
    const found = (of: "card" | "successor"): string | null => {
      const row = rows.find((each) => toHex(each[of]) !== toHex(card));
      return row === undefined ? null : toHex(row[of]);
    };
    return { replacedBy: found("successor"), replaces: found("card") };
  }

  /** The stored allowance of this number; null where there is none. */
  private async allowanceOf(card: Uint8Array, seq: bigint): Promise<AllowanceBody | null> {
    const row = await this.db
      .selectFrom("allowances")
      .select("body")
      .where("card", "=", card)
      .where("seq", "=", seq)
      .executeTakeFirst();
    return row === undefined ? null : decodeAllowanceBody(row.body);
  }

  /** Null before the first allowance. */
  async newestAllowance(card: Uint8Array): Promise<AllowanceBody | null> {
    const row = await this.db
      .selectFrom("allowances")
      .select("body")
      .where("card", "=", card)
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? null : decodeAllowanceBody(row.body);
  }
}
