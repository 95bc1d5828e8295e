import { Inject, Injectable } from "@nestjs/common";
import { decodeMerchantCertificate, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { publicActionState } from "../../chain/action-views.ts";
import { actionState } from "../../chain/chain-actions.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CARD_STATUS_NAMES } from "../allowances/card-answers.ts";
import { effectiveStatus, suspensionGrounds } from "../cards/card-statuses.ts";
import { hasPart, statusInList, type CardSearch } from "./card-search.ts";
import type { CardList, PayoutList, TerminalList } from "./list-answers.ts";
import { heardAt, isSilent } from "./silence.ts";

/** The rows of a page, and where the next one begins: one row more is read than is shown. */
function pageOf<Row>(
  rows: readonly Row[],
  placeOf: (row: Row) => string,
): { shown: readonly Row[]; next: string | null } {
  const shown = rows.slice(0, LIMITS.listRows);
  const last = shown.at(-1);
  return { shown, next: rows.length > LIMITS.listRows && last !== undefined ? placeOf(last) : null };
}

const PAGE_ROWS = LIMITS.listRows + 1;

/** Everything the issuer has made, in pages, from the database alone. */
@Injectable()
export class IssuerLists {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Cards by their index in the status list; those after one, and of them those that are looked for. */
  async cards(after: number | null, search: CardSearch): Promise<CardList> {
    const rows = await this.db
      .selectFrom("cards")
      .selectAll()
      .$if(after !== null, (query) => query.where("card_index", ">", after ?? 0))
      .$if(search.reference !== null, (query) => query.where("reference", "=", search.reference ?? ""))
      .$if(search.status !== null, (query) => query.where(statusInList, "=", search.status ?? 0))
      .$if(search.part !== null, (query) => query.where(hasPart(search.part ?? "")))
      .$if(search.masterKey !== null, (query) => query.where("master_key", "=", search.masterKey))
      .orderBy("card_index")
      .limit(PAGE_ROWS)
      .execute();
    const { shown, next } = pageOf(rows, ({ card_index }) => String(card_index));
    const cards = shown.map((row) => ({
      card: toHex(row.card),
      cardIndex: row.card_index,
      reference: row.reference,
      owner: toHex(row.owner),
      status: CARD_STATUS_NAMES[effectiveStatus(row)],
      suspendedFor: [...suspensionGrounds(row)],
      flagged: row.flagged,
      masterKey: row.master_key,
      registeredAt: row.registered_at.toISOString(),
    }));
    return { cards, next };
  }

  /**
   * Certified terminals by payee and id, each with its newest certificate; those after one, written
   * `payee-id`, and of them those that are silent. Throws Problem MALFORMED_BODY.
   */
  async terminals(after: string | null, onlySilent: boolean): Promise<TerminalList> {
    const place = after === null ? null : terminalPlace(after);
    const rows = await this.db
      .selectFrom("terminals")
      .distinctOn(["payee", "terminal_id"])
      .select(["payee", "terminal_id", "certificate", "issued_at"])
      .select((select) =>
        select
          .selectFrom("certificate_withdrawals")
          .select((one) => one.fn.min("withdrawn_from").as("from"))
          .whereRef("certificate_withdrawals.payee", "=", "terminals.payee")
          .whereRef("certificate_withdrawals.terminal_id", "=", "terminals.terminal_id")
          .as("withdrawn_from"),
      )
      .select(heardAt("terminals").as("heard"))
      .$if(onlySilent, (query) => query.where(isSilent("terminals", this.clock.now())))
      .$if(place !== null, (query) =>
        query.where(sql<boolean>`(payee, terminal_id) > (${place?.payee}, ${place?.terminalId})`),
      )
      .orderBy("payee")
      .orderBy("terminal_id")
      .orderBy("issued_at", "desc")
      .limit(PAGE_ROWS)
      .execute();
    const { shown, next } = pageOf(rows, ({ payee, terminal_id }) => `${toHex(payee)}-${toHex(terminal_id)}`);
    const terminals = shown.map(({ payee, terminal_id, certificate, issued_at, withdrawn_from, heard }) => {
      const { notBefore, notAfter } = decodeMerchantCertificate(certificate);
      return {
        payee: toHex(payee),
        terminalId: toHex(terminal_id),
        ...{ notBefore, notAfter },
        issuedAt: issued_at.toISOString(),
        withdrawnFrom: withdrawn_from === null ? null : Number(withdrawn_from),
        heardAt: heard?.toISOString() ?? null,
      };
    });
    return { terminals, next };
  }

  /** Payouts, the newest first; those before one. Throws Problem NOT_FOUND. */
  async payouts(before: string | null): Promise<PayoutList> {
    const place = before === null ? null : await this.payoutPlace(before);
    const rows = await this.db
      .selectFrom("payouts")
      .innerJoin("chain_actions", "chain_actions.id", "payouts.action_id")
      .select(["payouts.id", "payouts.payee", "payouts.created_at", "chain_actions.state", "chain_actions.mined_hash"])
      .$if(place !== null, (query) =>
        query.where(sql<boolean>`(payouts.created_at, payouts.id) < (${place?.created_at}, ${place?.id}::uuid)`),
      )
      .orderBy("payouts.created_at", "desc")
      .orderBy("payouts.id", "desc")
      .limit(PAGE_ROWS)
      .execute();
    const { shown, next } = pageOf(rows, ({ id }) => id);
    const payouts = shown.map((row) => ({
      id: row.id,
      payee: toHex(row.payee),
      state: publicActionState(actionState(row)),
      tx: row.mined_hash === null ? null : toHex(row.mined_hash),
      createdAt: row.created_at.toISOString(),
    }));
    return { payouts, next };
  }

  private async payoutPlace(id: string): Promise<{ readonly id: string; readonly created_at: Date }> {
    const row = await this.db
      .selectFrom("payouts")
      .select(["id", "created_at"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "There is no payout with this id.");
    return row;
  }
}

function terminalPlace(text: string): { readonly payee: Uint8Array; readonly terminalId: Uint8Array } {
  const parts = /^0x([0-9a-f]{40})-0x([0-9a-f]{16})$/.exec(text);
  if (parts === null) throw new Problem("MALFORMED_BODY", "after: write the `next` of the page before.");
  const [, payee = "", terminalId = ""] = parts;
  return { payee: Buffer.from(payee, "hex"), terminalId: Buffer.from(terminalId, "hex") };
}
