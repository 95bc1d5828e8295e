/**
 * Tables of the books. An operation is one row with one amount and two accounts of one asset, so
 * debits equal credits by construction; its two entries carry the running balances. Only the
 * accounts' totals change, and they only repeat the newest entry; everything else is added and
 * never touched again.
 */
export const LEDGER_TABLES: readonly string[] = [
  `create sequence ledger_history`,

  `create table ledger_accounts (
    id text collate "C" primary key check (id ~ '^[!-~]{1,160}$'),
    chart text collate "C" not null check (chart ~ '^[!-~]{1,160}$'),
    asset text collate "C" not null check (asset ~ '^[A-Za-z0-9]{1,12}$'),
    normal_side text not null check (normal_side in ('debit', 'credit')),
    fall_limit text not null check (fall_limit in ('none', 'posted', 'available')),
    history bigint not null unique default nextval('ledger_history'),
    version bigint not null default 0 check (version >= 0),
    booked_at_ms bigint not null default 0,
    debits_posted bigint not null default 0 check (debits_posted >= 0),
    credits_posted bigint not null default 0 check (credits_posted >= 0),
    debits_pending bigint not null default 0 check (debits_pending >= 0),
    credits_pending bigint not null default 0 check (credits_pending >= 0),
    unique (id, asset),
    constraint ledger_account_keeps_limit check (
      fall_limit = 'none'
      or (normal_side = 'debit'
        and debits_posted >= credits_posted + case fall_limit when 'available' then credits_pending else 0 end)
      or (normal_side = 'credit'
        and credits_posted >= debits_posted + case fall_limit when 'available' then debits_pending else 0 end)))`,
  `create index ledger_accounts_by_chart on ledger_accounts (chart, asset)`,

  `create table ledger_transfers (
    id text collate "C" primary key check (id ~ '^[!-~]{1,160}$'),
    kind text not null check (kind in ('transfer', 'hold', 'post', 'void', 'expire', 'reverse')),
    asset text collate "C" not null,
    debit text collate "C" not null,
    credit text collate "C" not null,
    amount bigint not null check (amount > 0),
    target text collate "C" references ledger_transfers (id),
    expires_at_ms bigint,
    at_ms bigint not null check (at_ms >= 0),
    -- A post that named its amount; the journal repeats what the caller gave.
    partial boolean not null,
    fingerprint bytea not null check (length(fingerprint) = 32),
    history bigint not null,
    place int not null,
    unique (history, place),
    foreign key (debit, asset) references ledger_accounts (id, asset),
    foreign key (credit, asset) references ledger_accounts (id, asset),
    check (debit <> credit),
    check ((kind in ('transfer', 'hold')) = (target is null)),
    check (expires_at_ms is null or kind = 'hold'))`,
  // A hold ends once and a transfer is reversed once: the same index serves both, because no hold
  // can be reversed.
  `create unique index ledger_transfers_target on ledger_transfers (target) where target is not null`,
  `create index ledger_holds_with_expiry on ledger_transfers (expires_at_ms, id) where expires_at_ms is not null`,

  `create table ledger_entries (
    account text collate "C" not null,
    version bigint not null check (version > 0),
    transfer text collate "C" not null,
    side text not null check (side in ('debit', 'credit')),
    booked_at_ms bigint not null,
    debits_posted bigint not null, credits_posted bigint not null,
    debits_pending bigint not null, credits_pending bigint not null,
    primary key (account, version),
    unique (transfer, side))`,
];

/**
 * What an operation names is there: its accounts, with its asset, and its target. As accounts and
 * operations are never removed and accounts never change, one check of all new rows at once says what
 * a foreign key for each would (and says it by the same code), at a small part of its cost.
 */
export const GUARD_TRANSFERS_SQL = `
create or replace function ledger_guard_transfers() returns trigger language plpgsql as $$
declare faulty text;
begin
  select a.id into faulty from added a
   where a.target is not null and (select true from ledger_transfers t where t.id = a.target limit 1) is null limit 1;
  if not found then
    -- Each account once, however many operations name it.
    select a.id into faulty
      from (select debit as id, asset from added union select credit, asset from added) a
     where (select true from ledger_accounts d where d.id = a.id and d.asset = a.asset limit 1) is null limit 1;
  end if;
  if found then
    raise exception '% is not there, or is named by an operation that names what is not there', faulty using errcode = '23503';
  end if;
  return null;
end $$`;

/**
 * Both sides of an operation are written by one statement, each on the account that the operation
 * names; anything else is refused. One check of all rows at once costs less than a foreign key for
 * each.
 */
export const GUARD_ENTRIES_SQL = `
create or replace function ledger_guard_entries() returns trigger language plpgsql as $$
declare faulty text;
begin
  select a.transfer into faulty
    from (
      select transfer, count(*) as sides, max(account) filter (where side = 'debit') as debit,
        max(account) filter (where side = 'credit') as credit
      from added group by transfer) a
    left join lateral (select x.debit, x.credit from ledger_transfers x where x.id = a.transfer offset 0) t on true
   where a.sides <> 2 or t.debit is null or a.debit is distinct from t.debit or a.credit is distinct from t.credit
   limit 1;
  if found then
    raise exception 'operation % has not exactly its one debit and one credit', faulty using errcode = 'TL002';
  end if;
  return null;
end $$`;

/** What the database itself refuses, whoever asks. */
export const LEDGER_GUARDS: readonly string[] = [
  `create function ledger_refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception 'rows of % are never changed or removed; reverse the operation', tg_table_name using errcode = 'TL001';
   end $$`,
  ...["ledger_transfers", "ledger_entries"].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function ledger_refuse_change()`,
  ),
  `create trigger ledger_accounts_stay before delete or truncate on ledger_accounts
    for each statement execute function ledger_refuse_change()`,

  `create function ledger_guard_account() returns trigger language plpgsql as $$
   begin
     if (new.id, new.chart, new.asset, new.normal_side, new.fall_limit, new.history)
        is distinct from (old.id, old.chart, old.asset, old.normal_side, old.fall_limit, old.history)
        or new.version <= old.version
        or new.debits_posted < old.debits_posted or new.credits_posted < old.credits_posted then
       raise exception 'account % can only take further entries', old.id using errcode = 'TL001';
     end if;
     return new;
   end $$`,
  `create trigger ledger_accounts_grow before update on ledger_accounts
    for each row execute function ledger_guard_account()`,

  GUARD_ENTRIES_SQL,
  `create trigger ledger_entries_balance after insert on ledger_entries
    referencing new table as added for each statement execute function ledger_guard_entries()`,
];
