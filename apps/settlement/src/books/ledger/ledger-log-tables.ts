/**
 * Adds entries to a log of `expected` entries; answers false, and does nothing, where somebody else
 * has added some. Whoever seals holds the lock until its transaction ends, and who comes second then
 * sees a longer log. What is taken is looked up row by row (see `APPLY_GROUP_SQL`), and no row of it
 * moves meanwhile: only whoever holds the lock takes rows away.
 */
export const LOG_APPEND_SQL = `
create or replace function ledger_log_append(expected bigint, entries jsonb, nodes jsonb, new_root bytea) returns boolean
language plpgsql as $$
declare
  added bigint := jsonb_array_length(entries);
  taken tid[];
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger_log:' || current_schema(), 0));
  if expected <> coalesce((select max(size) from ledger_log_heads), 0) then return false; end if;
  taken := array(select u.ctid from jsonb_array_elements_text(entries) e(id)
    cross join lateral (select x.history, x.place from ledger_transfers x where x.id = e.id offset 0) t
    cross join lateral (
      select n.ctid from ledger_unlogged n where n.history = t.history and n.place = t.place offset 0) u);
  if added <> cardinality(taken) then return false; end if;
  delete from ledger_unlogged where ctid = any (taken);
  insert into ledger_log_entries (position, transfer)
    select expected + e.place - 1, e.id from jsonb_array_elements_text(entries) with ordinality e(id, place);
  insert into ledger_log_nodes (tile_level, position, hash)
    select n.tile_level, n.position, decode(n.hash, 'hex')
    from jsonb_to_recordset(nodes) n(tile_level smallint, position bigint, hash text);
  insert into ledger_log_heads (size, root) values (expected + added, new_root);
  return true;
end $$`;

/**
 * The log of the books (RFC 6962). Booking an operation records it in `ledger_unlogged`, whatever
 * transaction it comes from; sealing moves those records into the log. Places have no gaps; rows of
 * the log are never changed.
 */
export const LEDGER_LOG_SQL: readonly string[] = [
  `create table ledger_unlogged (
    history bigint not null, place int not null, transfer text collate "C" not null unique,
    primary key (history, place))`,
  `create table ledger_log_nodes (
    tile_level smallint not null check (tile_level >= 0),
    position bigint not null check (position >= 0),
    hash bytea not null check (length(hash) = 32),
    primary key (tile_level, position))`,
  `create table ledger_log_entries (
    position bigint primary key check (position >= 0),
    transfer text collate "C" not null unique references ledger_transfers (id))`,
  `create table ledger_log_heads (
    size bigint primary key check (size > 0),
    root bytea not null check (length(root) = 32))`,

  ...["ledger_log_nodes", "ledger_log_entries", "ledger_log_heads"].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function ledger_refuse_change()`,
  ),

  `create function ledger_note_unlogged() returns trigger language plpgsql as $$
   begin
     insert into ledger_unlogged (history, place, transfer) select history, place, id from added;
     return null;
   end $$`,
  `create trigger ledger_transfers_unlogged after insert on ledger_transfers
    referencing new table as added for each statement execute function ledger_note_unlogged()`,
  // What was booked before there was a log.
  `insert into ledger_unlogged (history, place, transfer) select history, place, id from ledger_transfers`,

  LOG_APPEND_SQL,
];
