import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The cards and deposits that a report names stand beside it, so that they are compared with the
 * register again until all of them are known. The version before writes none; of its reports stays
 * what was known when they came.
 */
export const reportCards: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table order_reports add column named_cards bytea[], add column named_fundings uuid[],
      add column compared_at timestamptz, add column complete boolean not null default false`.execute(db);
    // The text is as its signer wrote it, in one order of members; a label cannot hold these bytes unescaped.
    await sql`update order_reports set named_cards = named.cards, named_fundings = named.fundings from (
      select digest, array_agg(decode(substring(line from ',"card":"0x([0-9a-f]{40})","owner":'), 'hex') order by place) as cards,
        array_agg(substring(line from
          ',"funding":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})","tx":')::uuid order by place) as fundings
      from order_reports, regexp_split_to_table(report, E'\n') with ordinality as lines (line, place)
      where line like '{"line":"card",%' group by digest) named where named.digest = order_reports.digest`.execute(db);
  },
};
