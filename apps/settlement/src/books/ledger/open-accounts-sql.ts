/** Opens accounts, all or none; answers one row an account, or one row `differs`. */
export const OPEN_ACCOUNTS_SQL = `
create or replace function ledger_open_accounts(specs jsonb)
returns table (account text, outcome text) language plpgsql as $$
#variable_conflict use_column
declare
  wanted ledger_accounts[];
  opened text[];
  differing text;
begin
  wanted := array(select s from jsonb_populate_recordset(null::ledger_accounts, specs) s order by s.id);

  select w.id into differing from unnest(wanted) w
    cross join lateral (select x.* from ledger_accounts x where x.id = w.id offset 0) a
   where (a.chart, a.asset, a.normal_side, a.fall_limit) is distinct from (w.chart, w.asset, w.normal_side, w.fall_limit)
   order by w.id limit 1;
  if found then
    return query select differing, 'differs';
    return;
  end if;

  with added as (
    insert into ledger_accounts (id, chart, asset, normal_side, fall_limit)
    select w.id, w.chart, w.asset, w.normal_side, w.fall_limit from unnest(wanted) w order by w.id
    on conflict (id) do nothing returning id)
  select array_agg(id) into opened from added;

  -- Another caller may have opened one of them with other properties since the first check.
  perform 1 from unnest(wanted) w
    cross join lateral (select x.* from ledger_accounts x where x.id = w.id offset 0) a
   where (a.chart, a.asset, a.normal_side, a.fall_limit) is distinct from (w.chart, w.asset, w.normal_side, w.fall_limit);
  if found then
    raise exception 'an account was opened with other properties at the same moment' using errcode = 'TL003';
  end if;
  return query select w.id, case when w.id = any (opened) then 'created' else 'exists' end from unnest(wanted) w;
end $$`;

/**
 * Opens the accounts and applies the group in one call; answers what `ledger_apply` answers, or the
 * row `ACCOUNT_DIFFERS`, where nothing was written.
 */
export const OPEN_AND_APPLY_SQL = `
create or replace function ledger_open_and_apply(specs jsonb, operations jsonb, group_at_ms bigint)
returns table (place int, outcome text, account text) language plpgsql as $$
#variable_conflict use_column
declare
  differing text;
begin
  select o.account into differing from ledger_open_accounts(specs) o where o.outcome = 'differs';
  if found then
    return query select null::int, 'ACCOUNT_DIFFERS', differing;
    return;
  end if;
  return query select a.place, a.outcome, a.account from ledger_apply(operations, group_at_ms) a;
end $$`;
