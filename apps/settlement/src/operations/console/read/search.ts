import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql, type RawBuilder } from "kysely";
import { CONFIG, type Config } from "../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { SEARCH_HITS, SEARCH_ROWS } from "../limits.ts";
import { queryOf, type Query } from "./query-forms.ts";
import { RECORD_FINDERS, type RecordFinder } from "./search-records.ts";

/** One thing that a search found. */
export interface Hit {
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  /** When it came, ISO 8601; of kinds that are told apart by it. */
  readonly at?: string;
}

/** What was found of one kind; `more` where there are others that are not listed. */
export interface HitGroup {
  readonly kind: string;
  readonly hits: readonly Hit[];
  readonly more: boolean;
}

/** Looks for everything that a text may name, each by an index, and never for more than it lists. */
@Injectable()
export class Search {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CONFIG) private readonly config: Pick<Config, "vault" | "token">,
  ) {}

  async find(typed: string): Promise<readonly HitGroup[]> {
    const query = queryOf(typed);
    if (query.text === "") return [];
    const found = await Promise.all([
      this.vouchers(query),
      this.cards(query),
      this.merchants(query),
      this.terminals(query),
      this.batches(query),
      this.transactions(query),
      this.fundings(query),
      this.cases(query),
      ...RECORD_FINDERS.map((finder) => this.records(finder, query)),
    ]);
    return [this.contracts(query), ...found].flatMap((hits) => {
      const [first] = hits;
      if (first === undefined) return [];
      const more = hits.length > SEARCH_HITS;
      const fitting = hits.filter((hit) => fits(hit, query)).slice(0, SEARCH_HITS);
      return fitting.length > 0 || more ? [{ kind: first.kind, hits: fitting, more }] : [];
    });
  }

  /** The installation's own, which are looked up nowhere. */
  private contracts({ address }: Query): readonly Hit[] {
    const { vault, token } = this.config;
    const known = { "the vault": toHex(vault), "the token": toHex(token) };
    return Object.entries(known)
      .filter(([, title]) => address !== null && toHex(address.from) <= title && title <= toHex(address.to))
      .map(([detail, title]) => ({ kind: "Contract", title, detail, href: "/console/books" }));
  }

  private async vouchers(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ id: Uint8Array; state: string; units: string; at: Date }>(vouchersSql(query));
    return rows.map(({ id, state, units, at }) => ({
      ...{ kind: "Voucher", title: toHex(id), href: `/console/vouchers/${toHex(id)}` },
      detail: `${formatTotal(BigInt(units), this.asset)} ${this.asset.code}, ${state}`,
      at: at.toISOString(),
    }));
  }

  private async cards(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ card: Uint8Array; reference: string }>(cardsSql(query));
    return rows.map(({ card, reference }) => ({
      ...{ kind: "Card", title: toHex(card), detail: reference, href: `/console/cards/${toHex(card)}` },
    }));
  }

  private async merchants(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ payee: Uint8Array; name: string | null }>(merchantsSql(query));
    return rows.map(({ payee, name }) => ({
      ...{
        kind: "Merchant",
        title: toHex(payee),
        detail: name ?? "",
        href: `/console/merchants/${toHex(payee)}`,
      },
    }));
  }

  private async terminals(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ payee: Uint8Array; id: Uint8Array; name: string | null }>(terminalsSql(query));
    return rows.map(({ payee, id, name }) => ({
      ...{ kind: "Terminal", title: toHex(id), detail: `${name ?? ""} of ${toHex(payee)}`.trim() },
      href: `/console/merchants/${toHex(payee)}#t-${toHex(id)}`,
    }));
  }

  private async batches(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ id: string; state: string; count: number }>(batchesSql(query));
    return rows.map(({ id, state, count }) => ({
      ...{ kind: "Batch", title: id, detail: `${count} vouchers, ${state}`, href: `/console/batches/${id}` },
    }));
  }

  private async transactions(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ hash: Uint8Array }>(transactionsSql(query));
    return rows.map(({ hash }) => ({
      ...{ kind: "Transaction", title: toHex(hash), detail: "", href: `/console/transactions/${toHex(hash)}` },
    }));
  }

  private async fundings(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ id: string; key: string; card: Uint8Array }>(fundingsSql(query));
    return rows.map(({ id, key, card }) => ({
      ...{
        kind: "Funding",
        title: id,
        detail: `key ${key}, of card ${toHex(card)}`,
        href: `/console/cards/${toHex(card)}`,
      },
    }));
  }

  private async cases(query: Query): Promise<readonly Hit[]> {
    const rows = await this.rows<{ id: string; kind: string; detail: string }>(casesSql(query));
    return rows.map(({ id, kind, detail }) => ({
      ...{ kind: "Case", title: `Case ${id}`, detail: `${kind}: ${detail}`, href: `/console/cases/${id}` },
    }));
  }

  private async records({ kind, rows }: RecordFinder, query: Query): Promise<readonly Hit[]> {
    const found = await this.rows<Omit<Hit, "kind"> & { readonly value?: string }>(rows(query));
    return found.map(({ title, detail, href, value = "" }) => ({
      ...{ kind, title, detail, href: href + encodeURIComponent(value) },
    }));
  }

  private async rows<Row>(statement: RawBuilder<unknown> | null): Promise<readonly Row[]> {
    return statement === null ? [] : ((await statement.execute(this.db)).rows as Row[]);
  }
}

/** Of a shortened form only what ends like it. */
function fits({ title, detail }: Hit, { ending }: Query): boolean {
  return ending === null || [title, detail].some((text) => text.toLowerCase().endsWith(ending));
}

function vouchersSql({ hash }: Query): RawBuilder<unknown> | null {
  return hash === null
    ? null
    : sql`select id, state, amount_units::text as units, received_at as at from vouchers
        where id between ${hash.from} and ${hash.to} order by id limit ${SEARCH_ROWS}`;
}

function cardsSql({ address, prefix }: Query): RawBuilder<unknown> {
  const byReference = sql`(select card, reference from cards where reference like ${prefix} order by reference using ~<~ limit ${SEARCH_ROWS})`;
  return address === null
    ? byReference
    : sql`select * from (
        (select card, reference from cards where card between ${address.from} and ${address.to} order by card limit ${SEARCH_ROWS})
        union ${byReference}) c limit ${SEARCH_ROWS}`;
}

function merchantsSql({ address, words }: Query): RawBuilder<unknown> | null {
  const parts: RawBuilder<unknown>[] = [];
  if (address !== null)
    parts.push(sql`(select distinct t.payee, n.name from terminals t left join merchant_names n on n.payee = t.payee
      where t.payee between ${address.from} and ${address.to} order by t.payee limit ${SEARCH_ROWS})`);
  if (words !== null)
    parts.push(sql`(select payee, name from merchant_names
      where to_tsvector('simple', name) @@ to_tsquery('simple', ${words}) limit ${SEARCH_ROWS})`);
  return parts.length === 0 ? null : sql`select * from (${sql.join(parts, sql` union `)}) m limit ${SEARCH_ROWS}`;
}

function terminalsSql({ terminalId, words }: Query): RawBuilder<unknown> | null {
  const parts: RawBuilder<unknown>[] = [];
  if (terminalId !== null)
    parts.push(sql`(select distinct t.payee, t.terminal_id as id, n.name from terminals t
      left join terminal_names n on n.payee = t.payee and n.terminal_id = t.terminal_id
      where t.terminal_id between ${terminalId.from} and ${terminalId.to} order by t.terminal_id limit ${SEARCH_ROWS})`);
  if (words !== null)
    parts.push(sql`(select payee, terminal_id as id, name from terminal_names
      where to_tsvector('simple', name) @@ to_tsquery('simple', ${words}) limit ${SEARCH_ROWS})`);
  return parts.length === 0 ? null : sql`select * from (${sql.join(parts, sql` union `)}) t limit ${SEARCH_ROWS}`;
}

function batchesSql({ uuid }: Query): RawBuilder<unknown> | null {
  return uuid === null
    ? null
    : sql`select id, state, voucher_count as count from batches
        where id between ${uuid.from}::uuid and ${uuid.to}::uuid order by id limit ${SEARCH_ROWS}`;
}

function transactionsSql({ hash }: Query): RawBuilder<unknown> | null {
  if (hash === null) return null;
  const within = (table: string, column: string) =>
    sql`(select distinct ${sql.ref(column)} as hash from ${sql.table(table)}
      where ${sql.ref(column)} between ${hash.from} and ${hash.to} order by 1 limit ${SEARCH_ROWS})`;
  return sql`select hash from (${within("chain_transactions", "hash")}
    union ${within("chain_events", "transaction_hash")}
    union ${within("settled_items", "transaction_hash")}) t order by hash limit ${SEARCH_ROWS}`;
}

function fundingsSql({ prefix, uuid }: Query): RawBuilder<unknown> {
  const byKey = sql`(select id, key, card from fundings where key like ${prefix} order by key using ~<~ limit ${SEARCH_ROWS})`;
  return uuid === null
    ? byKey
    : sql`select * from ((select id, key, card from fundings
        where id between ${uuid.from}::uuid and ${uuid.to}::uuid order by id limit ${SEARCH_ROWS}) union ${byKey}) f limit ${SEARCH_ROWS}`;
}

function casesSql({ number }: Query): RawBuilder<unknown> | null {
  return number === null ? null : sql`select id::text, kind, detail from cases where id = ${number}::bigint`;
}
