import type { Pool } from "pg";

const ADDRESS = "decode(repeat('77', 20), 'hex')";
const HASH = "decode(repeat('77', 32), 'hex')";
const SOON = "now() + interval '1 hour'";

/** A row for each table that names persons, with `$` where the name stands. */
const ROWS: readonly string[] = [
  `alarms values (gen_random_uuid(), 'PLANTED', 'warning', 'm', 'n', now(), now(), now(), $, now())`,
  `replacements (card, successor, reason, requested_by, role, advance_units, next_look_at, created_at, done_at,
      rest_asked_by, rest_role, rest_reason)
    values (${ADDRESS}, decode(repeat('78', 20), 'hex'), $, $, 'issuer', 0, now(), now(), now(), $, 'issuer', $)`,
  `reference_claims values ('planted', 's', $, now())`,
  `order_reports values (${HASH}, $, 'o', 's', $, ${ADDRESS}, decode(repeat('77', 8), 'hex'), now(), 1, 1, '1', 1, 1, now())`,
  `approvals (id, kind, name, subject, units, request, asked_by, asked_role, reason, asked_at, ends_at, state, decided_by, decided_reason, decided_at)
    values (gen_random_uuid(), 'payout', 'p', ${ADDRESS}, 1, '{}', $, 'issuer', $, now(), now(), 'approved', $, $, now())`,
  `movements_alone (person, units, at) values ($, 1, now())`,
  `withheld_decisions (voucher_id, kind, ground, who, reason, decided_at) values (${HASH}, 'refusal', 'g', $, $, now())`,
  `certificate_withdrawals (payee, terminal_id, withdrawn_from, reason, who, recorded_at)
    values (${ADDRESS}, decode(repeat('77', 8), 'hex'), 1, $, $, now())`,
  `certificate_requests (id, request, signature, source, time, received_at, state, decided_at, decided_by, reason)
    values (${HASH}, decode(repeat('00', 130), 'hex'), decode(repeat('00', 64), 'hex'), 's', 1, now(), 'refused', now(), $, $)`,
  `first_units (payee, action_id, sent_at, confirmed_at, confirmed_by, reason)
    select ${ADDRESS}, id, now(), now(), $, $ from chain_actions limit 1`,
  `cases (kind, source, source_key, detail, caused_at, opened_at, owner, resolved_at)
    values ('FORK', 'planted', 'p', 'd', now(), now(), $, now())`,
  `case_events (case_id, kind, who, role, reason, at) select max(id), 'taken', $, 'risk', $, now() from cases`,
  `people (name, id, role, invited_by, invited_at, removed_at) values
    ($, gen_random_uuid(), 'risk', 'ada', now(), now()), ('planted', gen_random_uuid(), 'risk', $, now(), now())`,
  `sign_in_links values (${HASH}, $, now(), now(), null)`,
  `sessions (id, hash, person, way, began_at, seen_at, ends_at) values (gen_random_uuid(), ${HASH}, $, 'link', now(), now(), ${SOON})`,
  `passkeys (id, person, public_key, counter, transports, made_at, name) values ('planted', $, '', 0, '{}', now(), $)`,
  `api_tokens (id, hash, name, role, made_by, made_at, ends_at) values (gen_random_uuid(), ${HASH}, 'planted', 'viewer', $, now(), ${SOON})`,
];

/** Columns of those names hold persons, but for those whose values are words of the program. */
const PERSONS = /^(who|owner|operator|person|contact|[a-z_]+_by)$/;
const WORDS: ReadonlySet<string> = new Set(["chain_messages.used_by"]);

/** Writes a person's name into every table that names persons. */
export async function plantName(pool: Pool, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    // What the rows are about is not there.
    await client.query("begin");
    await client.query("set local session_replication_role = replica");
    for (const row of ROWS) await client.query(`insert into ${row.replaceAll("$", `'${name}'`)}`);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** Columns that by their names hold persons, and all columns of texts that hold a name, as `table.column`. */
export async function namedColumns(
  pool: Pool,
  name: string,
): Promise<{ readonly persons: readonly string[]; readonly holding: readonly string[] }> {
  const { rows } = await pool.query<{ table: string; column: string }>(`
    select c.table_name as table, c.column_name as column from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
      and (c.data_type in ('text', 'character varying', 'json', 'jsonb') or c.udt_name = '_text')
    order by 1, 2`);
  const all = rows.map(({ table, column }) => ({ table, column, path: `${table}.${column}` }));
  const found = await pool.query<{ path: string }>(
    all
      .map(({ table, column, path }) => {
        const holds = `exists (select from "${table}" where strpos("${column}"::text, '${name}') > 0)`;
        return `select '${path}' as path where ${holds}`;
      })
      .join(" union all "),
  );
  const persons = all.filter(({ column, path }) => PERSONS.test(column) && !WORDS.has(path));
  return { persons: persons.map(({ path }) => path), holding: found.rows.map(({ path }) => path) };
}
