import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql, type RawBuilder } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { CaseDetail, CaseMessage, CaseView } from "./case-answers.ts";
import type { CaseKind } from "./case-kinds.ts";
import { EVIDENCE_MESSAGES } from "./limits.ts";

/** Which cases are asked for. */
export interface CaseSearch {
  /** Open ones where it is false: those whose cause is over and that nobody has resolved are open. */
  readonly resolved: boolean;
  readonly kind: CaseKind | null;
  /** Those before this id. */
  readonly before: bigint | null;
  readonly about?: { readonly card?: Uint8Array; readonly payee?: Uint8Array; readonly voucher?: Uint8Array };
}

interface CaseRow {
  readonly id: string;
  readonly kind: CaseKind;
  readonly detail: string;
  readonly caused_at: Date;
  readonly opened_at: Date;
  readonly ended_at: Date | null;
  readonly resolved_at: Date | null;
  readonly owner: string | null;
  readonly card: Uint8Array | null;
  readonly counter: string | null;
  readonly payee: Uint8Array | null;
  readonly terminal_id: Uint8Array | null;
  readonly voucher_id: Uint8Array | null;
  readonly cost: string | null;
  /** Ids of the messages that the case was opened by; null where none are on record. */
  readonly decisive: readonly Uint8Array[] | null;
}

/** The messages that opened a case (`c`) of a card; null of any other, and of one that names none. */
const decisiveSql = sql<readonly Uint8Array[] | null>`case when c.source = 'anomaly' and c.card is not null then (
  select a.messages from anomalies a where a.id = c.source_key::bigint) end`;

/**
 * What the issuer has paid, or still owes, because of a case (`c`); null where it is no sum. A card's
 * forks are cases of their own: what they cost is not counted a second time.
 */
const costSql = sql<string | null>`case
  when c.voucher_id is not null then (select v.amount_units::text from vouchers v where v.id = c.voucher_id)
  when c.counter is not null then (
    select coalesce(sum(v.amount_units), 0)::text from vouchers v where v.card = c.card and v.counter = c.counter
      and v.state in ('compensated', 'compensating', 'withheld'))
  when c.kind in ('EXCESS', 'CONTRADICTION') and c.card is not null then (
    select coalesce(sum(v.amount_units), 0)::text from vouchers v where v.card = c.card
      and v.state in ('compensated', 'compensating', 'withheld')
      and not exists (select from forks f where f.card = v.card and f.counter = v.counter)) end`;

/** Whether a case (`c`) is about a payee: it names it, or one of its messages pays it. */
function aboutPayee(payee: Uint8Array): RawBuilder<unknown> {
  return sql`(c.payee = ${payee}
    or exists (select from vouchers v where v.card = c.card and v.counter = c.counter and v.payee = ${payee})
    or exists (select from chain_messages m where m.card = c.card and m.counter = c.counter and m.payee = ${payee})
    or exists (select from vouchers v where v.id = any (${decisiveSql}) and v.payee = ${payee}))`;
}

/** Cases as people see them. */
@Injectable()
export class CaseViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** The newest first. */
  async list(search: CaseSearch): Promise<{ readonly cases: readonly CaseView[]; readonly next: string | null }> {
    const { kind, before, resolved, about = {} } = search;
    const { card = null, payee = null, voucher = null } = about;
    const conditions = [
      resolved ? sql`c.resolved_at is not null` : sql`c.resolved_at is null`,
      ...(kind === null ? [] : [sql`c.kind = ${kind}`]),
      ...(before === null ? [] : [sql`c.id < ${before}::bigint`]),
      ...(card === null ? [] : [sql`c.card = ${card}`]),
      ...(payee === null ? [] : [aboutPayee(payee)]),
      ...(voucher === null ? [] : [sql`c.voucher_id = ${voucher}`]),
    ];
    const rows = await this.rows(sql.join(conditions, sql` and `), LIMITS.listRows + 1);
    const shown = rows.slice(0, LIMITS.listRows);
    const last = shown.at(-1);
    const next = rows.length > LIMITS.listRows && last !== undefined ? last.id : null;
    return { cases: shown.map((row) => this.describe(row)), next };
  }

  /** How many are open, and since when the oldest is. */
  async open(): Promise<{ readonly count: number; readonly since: Date | null }> {
    const { rows } = await sql<{ count: number; since: Date | null }>`
      select count(*)::int as count, min(opened_at) as since from (
        select opened_at from cases where resolved_at is null order by id limit ${LIMITS.listRows}) c`.execute(this.db);
    return rows[0] ?? { count: 0, since: null };
  }

  /** Throws Problem NOT_FOUND. */
  async find(id: bigint): Promise<CaseDetail> {
    const [row] = await this.rows(sql`c.id = ${id}::bigint`, 1);
    if (row === undefined) throw new Problem("NOT_FOUND", "There is no case with this number.");
    const [messages, history] = await Promise.all([this.messages(row), this.history(id)]);
    return { ...this.describe(row), messages: [...messages], history: [...history] };
  }

  private async rows(condition: RawBuilder<unknown>, limit: number): Promise<readonly CaseRow[]> {
    const { rows } = await sql<CaseRow>`
      select c.id::text, c.kind, c.detail, c.caused_at, c.opened_at, c.ended_at, c.resolved_at, c.owner, c.card,
        c.counter::text, c.payee, c.terminal_id, c.voucher_id, ${costSql} as cost,
        ${decisiveSql} as decisive
      from cases c where ${condition} order by c.id desc limit ${limit}`.execute(this.db);
    return rows;
  }

  private describe(row: CaseRow): CaseView {
    const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));
    return {
      ...{ id: row.id, kind: row.kind, detail: row.detail, owner: row.owner },
      state: row.resolved_at !== null ? "resolved" : row.ended_at !== null ? "over" : "open",
      causedAt: row.caused_at.toISOString(),
      openedAt: row.opened_at.toISOString(),
      resolvedAt: row.resolved_at?.toISOString() ?? null,
      ...{ card: hex(row.card), payee: hex(row.payee), terminalId: hex(row.terminal_id) },
      voucherId: hex(row.voucher_id),
      counter: row.counter === null ? null : Number(row.counter),
      cost: row.cost === null ? null : formatTotal(BigInt(row.cost), this.asset),
    };
  }

  /**
   * The messages that opened the case; of a fork those of its counter, wherever they were found, of a
   * withheld voucher this one, and where nothing is on record the card's newest.
   */
  private async messages({ card, counter, voucher_id: voucher, decisive }: CaseRow): Promise<readonly CaseMessage[]> {
    if (card === null && voucher === null) return [];
    const ofCounter = sql`card = ${card} and counter = ${counter ?? "0"}::bigint`;
    const [about, shown] =
      decisive !== null
        ? [sql`id = any (${decisive}::bytea[])`, sql`voucher_id = any (${decisive}::bytea[])`]
        : counter !== null
          ? [ofCounter, ofCounter]
          : [voucher !== null ? sql`id = ${voucher}` : sql`card = ${card}`, ofCounter];
    const limit = decisive?.length ?? EVIDENCE_MESSAGES;
    const { rows } = await sql<MessageRow>`
      (select id, payee, amount_units::text as amount, counter::text, state, message, signature, parity,
        null::bytea as tx, received_at as found from vouchers where ${about} order by received_at desc limit ${limit})
      union all
      (select voucher_id, payee, amount_units::text, counter::text,
        case used_by when 'settled' then 'final' else 'released' end, message, signature, parity,
        transaction_hash, 'infinity'::timestamptz from chain_messages m
        where ${shown} and not exists (select from vouchers v where v.id = m.voucher_id) limit ${limit})
      order by found, id`.execute(this.db);
    return rows.map(({ id, payee, amount, counter: at, state, message, signature, parity, tx }) => ({
      ...{ voucherId: toHex(id), payee: toHex(payee), amount: formatTotal(BigInt(amount), this.asset) },
      ...{ counter: Number(at), state, message: toHex(message), signature: toHex(signature), parity },
      source: tx === null ? ("upload" as const) : ("chain" as const),
      tx: tx === null ? null : toHex(tx),
    }));
  }

  private async history(id: bigint): Promise<CaseDetail["history"]> {
    const rows = await this.db
      .selectFrom("case_events")
      .selectAll()
      .where("case_id", "=", id)
      .orderBy("id")
      .limit(LIMITS.listRows)
      .execute();
    return rows.map(({ kind, who, role, reason, at }) => ({ kind, who, role, reason, at: at.toISOString() }));
  }
}

interface MessageRow {
  readonly id: Uint8Array;
  readonly payee: Uint8Array;
  readonly amount: string;
  readonly counter: string;
  readonly state: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly parity: number;
  readonly tx: Uint8Array | null;
}
