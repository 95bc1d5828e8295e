import { sql, type RawBuilder } from "kysely";
import { SEARCH_ROWS } from "../limits.ts";
import { prefixOf, type Query } from "./query-forms.ts";

/** A kind of record that is found by its id, hash or number, and shown on the page of what it belongs to. */
export interface RecordFinder {
  readonly kind: string;
  /** Rows of title, detail, href and, where the href ends in one, the value of a query; null where the text can be none of its names. */
  readonly rows: (query: Query) => RawBuilder<unknown> | null;
}

/** 0x and the digits of a column of bytes. */
const hex = (column: string): RawBuilder<string> => sql<string>`'0x' || encode(${sql.ref(column)}, 'hex')`;

const merchantPlace = sql`'/console/merchants/0x' || encode(payee, 'hex')`;
const terminalPlace = sql`${merchantPlace} || '#t-0x' || encode(terminal_id, 'hex')`;

/** Each by an index, and never more rows than are listed. */
export const RECORD_FINDERS: readonly RecordFinder[] = [
  {
    kind: "Payout",
    rows: ({ uuid }) =>
      uuid === null
        ? null
        : sql`select id::text as title, 'to 0x' || encode(payee, 'hex') as detail, ${merchantPlace} as href from payouts
            where id between ${uuid.from}::uuid and ${uuid.to}::uuid order by id limit ${SEARCH_ROWS}`,
  },
  {
    kind: "Approval",
    rows: ({ uuid }) =>
      uuid === null
        ? null
        : sql`select id::text as title, kind || ', ' || state as detail, '/console/approvals' as href from approvals
            where id between ${uuid.from}::uuid and ${uuid.to}::uuid order by id limit ${SEARCH_ROWS}`,
  },
  {
    kind: "Card of the owner",
    rows: ({ address }) =>
      address === null
        ? null
        : sql`select ${hex("card")} as title, 'owned by ' || ${hex("owner")} as detail, '/console/cards/' || ${hex("card")} as href
            from cards where owner between ${address.from} and ${address.to} order by owner limit ${SEARCH_ROWS}`,
  },
  { kind: "Chain action", rows: actions },
  {
    kind: "Certificate request",
    rows: ({ hash }) =>
      hash === null
        ? null
        : sql`select left(encode(id, 'hex'), 20) as title, state as detail,
            '/v1/certificate-requests?digits=' || left(encode(id, 'hex'), 20) as href from certificate_requests
            where id between ${hash.from} and ${hash.to} order by id limit ${SEARCH_ROWS}`,
  },
  { kind: "Upload", rows: uploads },
  { kind: "Batch root", rows: ({ hash }) => roots(hash, "batch_root") },
  { kind: "Ledger root", rows: ({ hash }) => roots(hash, "ledger_root") },
  { kind: "Order report", rows: orderReports },
  {
    kind: "Account",
    rows: ({ identifier }) =>
      identifier === null
        ? null
        : sql`select id as title, chart as detail, '/console/books?account=' as href, id as value from ledger_accounts
            where id like ${prefixOf(identifier)} order by id limit ${SEARCH_ROWS}`,
  },
  {
    kind: "Posting",
    rows: ({ identifier }) =>
      identifier === null
        ? null
        : sql`select id as title, kind as detail, '/console/books?before=' || history || '-' || (place + 1) as href from ledger_transfers
            where id like ${prefixOf(identifier)} order by id limit ${SEARCH_ROWS}`,
  },
];

/** Mined ones are shown with their transaction. */
function actions({ uuid, text }: Query): RawBuilder<unknown> {
  const place = sql`case when mined_hash is null then '/console/queues' else '/console/transactions/' || ${hex("mined_hash")} end`;
  const shown = sql`select id::text as title, key || ', ' || state as detail, ${place} as href from chain_actions`;
  const byKey = sql`(${shown} where key = ${text})`;
  return uuid === null
    ? byKey
    : sql`(${shown} where id between ${uuid.from}::uuid and ${uuid.to}::uuid order by id limit ${SEARCH_ROWS}) union ${byKey}`;
}

/** By its hash, also where only its receipt or a word about it is there, and by a terminal and its number. */
function uploads({ hash, upload }: Query): RawBuilder<unknown> | null {
  if (upload !== null)
    return sql`select ${hex("u.hash")} as title, 'upload ' || u.seq as detail, ${terminalPlace} as href
      from (select distinct payee as of from terminals where terminal_id = ${upload.terminalId} limit ${SEARCH_ROWS}) t
      join uploads u on u.payee = t.of and u.terminal_id = ${upload.terminalId} and u.seq = ${upload.seq}::bigint
      limit ${SEARCH_ROWS}`;
  if (hash === null) return null;
  const found = (table: string, key: string, detail: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(select ${hex(key)} as title, ${detail} as detail, ${terminalPlace} as href from ${sql.table(table)}
      where ${sql.ref(key)} between ${hash.from} and ${hash.to} order by ${sql.ref(key)} limit ${SEARCH_ROWS})`;
  return sql`select distinct on (title) * from (
    ${found("uploads", "hash", sql`'upload ' || seq`)}
    union all ${found("set_aside_uploads", "hash", sql`'upload ' || seq || ', set aside'`)}
    union all ${found("receipts", "upload", sql`'its receipt'`)}) u order by title, detail desc limit ${SEARCH_ROWS}`;
}

function roots(hash: Query["hash"], column: "batch_root" | "ledger_root"): RawBuilder<unknown> | null {
  return hash === null
    ? null
    : sql`select ${hex(column)} as title, 'of batch ' || id as detail, '/console/batches/' || id as href from batches
        where ${sql.ref(column)} between ${hash.from} and ${hash.to} order by ${sql.ref(column)} limit ${SEARCH_ROWS}`;
}

/** By the digest, and by the order's name. */
function orderReports({ hash, prefix }: Query): RawBuilder<unknown> {
  const shown = sql`select ${hex("digest")} as title, order_name as detail, '/v1/order-reports/' || ${hex("digest")} as href
    from order_reports`;
  const byName = sql`(${shown} where order_name like ${prefix} order by order_name using ~<~ limit ${SEARCH_ROWS})`;
  return hash === null
    ? byName
    : sql`(${shown} where digest between ${hash.from} and ${hash.to} order by digest limit ${SEARCH_ROWS}) union ${byName}`;
}
