/**
 * The rules of the books in SQL. One call applies one group: every statement works on all of its
 * operations at once. A refusal writes nothing and leaves the caller's transaction usable.
 *
 * Order: resolve what operations name, lock the accounts by id, judge, write. Operations never
 * change once they are stored, so only what is judged after the lock (ids taken, holds ended,
 * balances) depends on it.
 *
 * What is stored is looked up row by row, in a lateral subquery that `offset 0` keeps the planner
 * from joining: a hash or merge join would read a table of the whole history for one group.
 */
export const LEDGER_STEP_SQL = `create type ledger_step as (
    place int, kind text, id text collate "C", debit text collate "C", credit text collate "C",
    amount bigint, target text collate "C", expires_at_ms bigint, fingerprint bytea,
    released bigint, target_kind text, target_amount bigint, target_expires_at_ms bigint,
    debit_asset text, credit_asset text, partial boolean, known boolean)`;

/** Replaces the functions that are there, so that every layout ends with these. */
export const APPLY_GROUP_SQL: readonly string[] = [
  // What an operation names may be stored already or stand before it in the same group.
  `create or replace function ledger_resolve(steps ledger_step[]) returns ledger_step[] language sql as $$
    select array_agg(row(
      s.place, s.kind, s.id,
      coalesce(s.debit, case s.kind when 'reverse' then coalesce(o.credit, g.credit) else coalesce(o.debit, g.debit) end),
      coalesce(s.credit, case s.kind when 'reverse' then coalesce(o.debit, g.debit) else coalesce(o.credit, g.credit) end),
      coalesce(s.amount, o.amount, g.amount), s.target, s.expires_at_ms, s.fingerprint,
      case when s.kind in ('post', 'void', 'expire') then coalesce(o.amount, g.amount) else 0 end,
      coalesce(o.kind, g.kind), coalesce(o.amount, g.amount), coalesce(o.expires_at_ms, g.expires_at_ms),
      null, null, s.partial, null)::ledger_step order by s.place)
    from unnest(steps) s
    left join lateral (select t.* from ledger_transfers t where t.id = s.target offset 0) o on true
    left join unnest(steps) g on g.id = s.target and g.place < s.place
  $$`,

  `create or replace function ledger_apply(operations jsonb, group_at_ms bigint)
returns table (place int, outcome text, account text) language plpgsql as $$
#variable_conflict use_column
declare
  steps ledger_step[];
  named text[];
  assets jsonb;
  limited boolean;
  highest bigint;
begin
  steps := array(select s from jsonb_populate_recordset(null::ledger_step, operations) s order by s.place);
  -- Twice, because a reversal may name a post that names a hold of this very group.
  if exists (select from unnest(steps) s where s.target is not null) then
    steps := ledger_resolve(ledger_resolve(steps));
  end if;
  -- By an array, so that whoever waited for a lock looks at the account again and at nothing else.
  named := array(select s.debit from unnest(steps) s union select s.credit from unnest(steps) s);
  select jsonb_object_agg(l.id, l.asset), bool_or(l.fall_limit <> 'none'),
      max(greatest(l.debits_posted, l.credits_posted, l.debits_pending, l.credits_pending))
    into assets, limited, highest
    from (select a.* from ledger_accounts a where a.id = any (named) order by a.id for no key update) l;
  -- What may have changed until the accounts were locked: an account that came later than the lock is
  -- not there yet. "known" is null for an id that is free, else whether its content is the same.
  steps := (select array_agg(row(
      s.place, s.kind, s.id, s.debit, s.credit, s.amount, s.target, s.expires_at_ms, s.fingerprint,
      coalesce(s.released, 0), s.target_kind, s.target_amount, s.target_expires_at_ms,
      assets ->> s.debit, assets ->> s.credit, s.partial, t.fingerprint = s.fingerprint)::ledger_step order by s.place)
    from unnest(steps) s
    left join lateral (select x.fingerprint from ledger_transfers x where x.id = s.id offset 0) t on true);

  return query select j.place, j.outcome, j.account from ledger_judge(steps, group_at_ms) j;
  if found then return; end if;
  -- Where no account has a limit, and not even all amounts together on the fullest account come to 64
  -- bits, no limit can be broken, and none is computed account by account.
  if limited or highest + (select coalesce(sum(s.amount), 0) from unnest(steps) s) > 9223372036854775807 then
    return query select null::int, l.outcome, l.account from ledger_broken_limit(steps) l;
    if found then return; end if;
  end if;

  if exists (select from unnest(steps) s where s.known is not true) then
    perform ledger_write(steps, group_at_ms, nextval('ledger_history'));
  end if;
  return query select s.place, case when s.known then 'exists' else 'created' end, null::text
    from unnest(steps) s order by s.place;
end $$`,

  // The first operation that cannot be taken, with its reason.
  `create or replace function ledger_judge(steps ledger_step[], group_at_ms bigint)
returns table (place int, outcome text, account text) language sql stable as $$
  select c.place, c.fault, case when c.fault = 'UNKNOWN_ACCOUNT' then c.missing end
  from (
    select s.place, case when s.debit_asset is null then s.debit else s.credit end as missing,
      case
        when s.known then null
        when s.known is not null then 'EXISTS_WITH_DIFFERENT'
        when s.kind in ('transfer', 'hold') then case
          when s.debit_asset is null or s.credit_asset is null then 'UNKNOWN_ACCOUNT'
          when s.debit_asset <> s.credit_asset then 'ASSET_MISMATCH'
          when s.expires_at_ms <= group_at_ms then 'HOLD_EXPIRED' end
        when s.kind = 'reverse' then case
          when s.target_kind is null then 'UNKNOWN_TRANSFER'
          when s.target_kind not in ('transfer', 'post') then 'NOT_REVERSIBLE'
          when e.target is not null then 'ALREADY_REVERSED' end
        else case
          when s.target_kind is null then 'UNKNOWN_HOLD'
          when s.target_kind <> 'hold' then 'NOT_A_HOLD'
          when e.target is not null then 'HOLD_RESOLVED'
          when s.kind = 'post' and s.target_expires_at_ms <= group_at_ms then 'HOLD_EXPIRED'
          when s.kind = 'expire' and coalesce(s.target_expires_at_ms > group_at_ms, true) then 'HOLD_NOT_EXPIRED'
          when s.amount > s.target_amount then 'ABOVE_HOLD' end
      end as fault
    from unnest(steps) s
    left join (
      select w.target, -1 as place from unnest(steps) w
        cross join lateral (select from ledger_transfers x where x.target = w.target offset 0) ended
        where w.target is not null
      union all select w.target, min(w.place) from unnest(steps) w where w.target is not null group by w.target) e
      on e.target = s.target and e.place < s.place) c
  where c.fault is not null order by c.place limit 1
$$`,

  // What each new operation adds to each of its two accounts.
  `create or replace function ledger_moves(steps ledger_step[])
returns table (place int, transfer text, account text, side text, posted bigint, pending bigint) language sql immutable as $$
  select s.place, s.id, v.account, v.side,
    case when s.kind in ('transfer', 'post', 'reverse') then s.amount else 0 end,
    case when s.kind = 'hold' then s.amount else 0 end - s.released
  from unnest(steps) s, lateral (values (s.debit, 'debit'), (s.credit, 'credit')) v(account, side)
  where s.known is not true
$$`,

  // The first account, by id, that the whole group would take over 63 bits or below its limit.
  `create or replace function ledger_broken_limit(steps ledger_step[])
returns table (outcome text, account text) language sql stable as $$
  with sums as (
    select a.id, a.normal_side, a.fall_limit,
      a.debits_posted + coalesce(sum(m.posted) filter (where m.side = 'debit'), 0) as debits_posted,
      a.credits_posted + coalesce(sum(m.posted) filter (where m.side = 'credit'), 0) as credits_posted,
      a.debits_pending + coalesce(sum(m.pending) filter (where m.side = 'debit'), 0) as debits_pending,
      a.credits_pending + coalesce(sum(m.pending) filter (where m.side = 'credit'), 0) as credits_pending
    from ledger_moves(steps) m join ledger_accounts a on a.id = m.account group by a.id),
  judged as (
    select id, case
      when greatest(debits_posted, credits_posted, debits_pending, credits_pending) > 9223372036854775807
        then 'BALANCE_OVERFLOW'
      when fall_limit <> 'none' and case normal_side
        when 'debit' then debits_posted - credits_posted - case fall_limit when 'available' then credits_pending else 0 end
        else credits_posted - debits_posted - case fall_limit when 'available' then debits_pending else 0 end end < 0
        then 'LIMIT_EXCEEDED' end as fault
    from sums)
  select fault, id from judged where fault is not null order by id collate "C" limit 1
$$`,

  `create or replace function ledger_write(steps ledger_step[], group_at_ms bigint, number bigint) returns void language plpgsql as $$
begin
  insert into ledger_transfers
    (id, kind, asset, debit, credit, amount, target, expires_at_ms, at_ms, partial, fingerprint, history, place)
  select s.id, s.kind, s.debit_asset, s.debit, s.credit, s.amount, s.target, s.expires_at_ms, group_at_ms,
    s.partial, s.fingerprint, number, s.place
  from unnest(steps) s where s.known is not true order by s.place;

  -- An account's totals repeat its newest entry.
  with written as (
    insert into ledger_entries
    select a.id, a.version + row_number() over history, m.transfer, m.side, greatest(a.booked_at_ms, group_at_ms),
      a.debits_posted + coalesce(sum(m.posted) filter (where m.side = 'debit') over history, 0),
      a.credits_posted + coalesce(sum(m.posted) filter (where m.side = 'credit') over history, 0),
      a.debits_pending + coalesce(sum(m.pending) filter (where m.side = 'debit') over history, 0),
      a.credits_pending + coalesce(sum(m.pending) filter (where m.side = 'credit') over history, 0)
    from ledger_moves(steps) m join ledger_accounts a on a.id = m.account
    window history as (partition by m.account order by m.place)
    returning account, version, booked_at_ms, debits_posted, credits_posted, debits_pending, credits_pending)
  update ledger_accounts a set version = w.version, booked_at_ms = w.booked_at_ms,
    debits_posted = w.debits_posted, credits_posted = w.credits_posted,
    debits_pending = w.debits_pending, credits_pending = w.credits_pending
  from (select distinct on (account) * from written order by account, version desc) w
  where a.id = w.account;
end $$`,
];
