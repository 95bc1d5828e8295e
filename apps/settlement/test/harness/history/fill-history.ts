import type { VoucherBundle } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../../src/foundation/database/database.ts";
import type { QuietHarness } from "../quiet/quiet-harness.ts";
import type { TestCard } from "../test-card.ts";
import type { TestTerminal } from "../test-terminal.ts";

/** What the history is spread over: some cards and payees of a programme. */
const CARDS = 200;
const PAYEES = 20;

/** Vouchers that are added by one statement: more take longer than a statement may. */
const AT_ONCE = 100_000;

/** Cards with a history, and how much of it is there. */
export interface History {
  readonly cards: readonly TestCard[];
  /** Vouchers that are stored. */
  vouchers: number;
}

/** Registers the cards of a history, of which `real` ones can sign; nothing is paid yet. */
export async function beginHistory(harness: QuietHarness, real: number): Promise<History> {
  const cards: TestCard[] = [];
  for (let count = 0; count < real; count += 1)
    cards.push(await harness.card({}, { maxSpent: 100_000_000n, maxCounter: 1_000_000 }));
  await sql`
    create table history_cards as
      select (row_number() over (order by card))::int - 1 as place, card from (
        select card from cards
        union all select substring(sha256(('card ' || i)::bytea) for 20) from generate_series(1, ${CARDS - real}::int) i) as each`.execute(
    harness.db,
  );
  await sql`
    insert into cards (card, card_key, card_index, owner, opening_signature, reference, registered_at)
    select card, '\\x02' || sha256(card), 1000 + place, card, sha512(card), encode(card, 'hex'), now()
    from history_cards on conflict (card) do nothing`.execute(harness.db);
  return { cards, vouchers: 0 };
}

/**
 * Adds vouchers until so many are stored, with everything that follows from them: claims, payments
 * by the vault, holds and their ends in the books, chain events, reversals. Nine of
 * ten were paid by the vault. Nothing is verified and no trigger runs.
 */
export async function growHistory({ db }: QuietHarness, history: History, vouchers: number): Promise<void> {
  while (history.vouchers < vouchers) {
    const next = Math.min(vouchers, history.vouchers + AT_ONCE);
    await addVouchers(db, history.vouchers, next - 1);
    history.vouchers = next;
  }
  // What the server does by itself after a while: it tells the planner, and marks pages that an index may speak for.
  await sql`vacuum analyze`.execute(db);
  await continueCards(db, history.cards);
}

/** Registers so many cards of one owner, with a request and a withdrawal of each. */
export async function growCards({ db }: QuietHarness, owner: Uint8Array, count: number): Promise<void> {
  await sql`
    insert into cards (card, card_key, card_index, owner, opening_signature, reference, registered_at)
    select card, '\\x02' || sha256(card), 1000000 + i, ${owner}, sha512(card), encode(card, 'hex'), now() from (
      select i, substring(sha256(('owned ' || i)::bytea) for 20) as card from generate_series(1, ${count}::int) i) c`.execute(
    db,
  );
  await sql`
    insert into chain_actions (id, key, kind, account, target, data, state, created_at, changed_at)
    select gen_random_uuid(), kind || ':0x' || encode(card, 'hex') || ':1', kind, owner, card, '', 'refused', now(), now()
    from cards, unnest(array['request-withdrawal', 'withdraw-card']) kind where owner = ${owner}`.execute(db);
  await sql`vacuum analyze cards, chain_actions`.execute(db);
}

async function addVouchers(db: Database, from: number, to: number): Promise<void> {
  await db.connection().execute(async (session) => {
    await sql`set session_replication_role = replica`.execute(session);
    await sql`set jit = off`.execute(session);
    for (const statement of statements(from, to)) await statement.execute(session);
    await sql`set session_replication_role = origin`.execute(session);
    // What filling has read is counted now, and not while a test counts (see rowsRead).
    await sql`select pg_stat_force_next_flush()`.execute(session);
  });
}

const account = (kind: string, column: string) => sql.raw(`'${kind}:0x' || encode(${column}, 'hex')`);

function statements(from: number, to: number) {
  const paid = sql.raw("number % 10 <> 0");
  return [
    sql`create temporary table grown as
      select i as number, sha256(('voucher ' || i)::bytea) as id, c.card, 1 + i / ${CARDS}::int + case when ${from}::int = 0 then 0 else 100 end as counter,
        substring(sha256(('payee ' || i % ${PAYEES}::int)::bytea) for 20) as payee,
        substring(sha256(('payee ' || i % ${PAYEES}::int)::bytea) for 8) as terminal_id,
        sha256(('upload ' || i / 100)::bytea) as upload, timestamptz '2026-01-01' + i * interval '1 second' as at
      from generate_series(${from}::int, ${to}::int) i join history_cards c on c.place = i % ${CARDS}::int`,
    sql`analyze grown`,
    sql`create temporary table posted as
      select 'hold:0x' || encode(id, 'hex') as id, 'hold' as kind, ${account("owed", "payee")} as debit,
        ${account("card", "card")} as credit, null as target, 2000000 + number as history, 0 as place, at from grown
      union all
      select 'paid:0x' || encode(id, 'hex'), 'post', ${account("owed", "payee")}, ${account("card", "card")},
        'hold:0x' || encode(id, 'hex'), 2000000 + number, 1, at from grown where ${paid}`,
    sql`analyze posted`,
    sql`select setval('ledger_history', (select max(history) from posted) + 1000000)`,
    sql`insert into uploads select distinct on (upload) upload, payee, terminal_id, 1 + number / 100, sha256(upload),
        sha512(upload) || sha512(upload), sha512(upload), sha512(upload), sha512(upload), sha512(upload), at
      from grown order by upload, number on conflict do nothing`,
    sql`insert into receipts select distinct on (upload) upload, payee, terminal_id, at, 1,
        substring(sha512(upload) || sha512(upload) for 101), sha512(upload) from grown on conflict do nothing`,
    sql`insert into vouchers (id, card, counter, payee, amount_units, message, context, signature, parity, allowance_body,
        allowance_signature, terminal_id, paid_at, card_key, request, spent_units, allowance_seq, link, upload, received_at,
        state, promised)
      select id, card, counter, payee, 1, substring(sha512(id) || sha256(id) for 82),
        substring(sha512(id) || sha256(id) for 77), sha512(id), 0, substring(sha512(card) for 62), sha512(card), terminal_id,
        1, '\\x02' || sha256(card), substring(sha512(upload) || id for 67), counter, 1, sha256(id), upload, at,
        case when ${paid} then 'final' else 'received' end, true
      from grown`,
    sql`insert into counter_claims select card, counter, id from grown`,
    sql`insert into settled_items select id, card, counter, payee, 1, sha256(upload), 1 from grown where ${paid}`,
    sql`insert into chain_events select number, 0, id, id, true, case number % 200 when 0 then 'released' else 'refunded' end,
        card, payee, 7, jsonb_build_object('counter', (4000000 + counter)::text)
      from grown where number % 20 = 0`,
    sql`insert into cancellations select '\\x02' || sha256(card), substring(sha512(id) || sha256(id) for 67), payee, terminal_id,
        sha512(id), upload, at from grown where number % 50 = 0`,
    sql`insert into ledger_accounts (id, chart, asset, normal_side, fall_limit)
      select distinct id, split_part(id, ':', 1), 'TUSD', 'debit', 'none'
      from (select debit as id from posted union select credit from posted) as each on conflict do nothing`,
    sql`insert into ledger_transfers (id, kind, asset, debit, credit, amount, target, at_ms, partial, fingerprint, history, place)
      select id, kind, 'TUSD', debit, credit, 1, target, 1, false, sha256(id::bytea), history, place from posted`,
    sql`insert into ledger_entries select account, coalesce(version, 0) + row_number() over (partition by account order by sides.history, sides.place),
        transfer, side, 1, 1, 1, 1, 1
      from (
        select debit as account, id as transfer, 'debit' as side, history, place from posted
        union all select credit, id, 'credit', history, place from posted) as sides
      join ledger_accounts a on a.id = account`,
    sql`update ledger_accounts set version = newest.version
      from (select account, max(version) as version from ledger_entries group by account) newest where newest.account = id`,
    sql`drop table grown, posted`,
  ];
}

/** The cards that can sign go on where their history ends. */
async function continueCards(db: Database, cards: readonly TestCard[]): Promise<void> {
  for (const card of cards) {
    const { rows } = await sql<{ counter: string; spent: string; head: Buffer }>`
      select counter::text, spent_units::text as spent, sha256(message) as head from vouchers
      where card = ${card.address} order by vouchers.counter desc limit 1`.execute(db);
    const [last] = rows;
    if (last === undefined) continue;
    Object.assign(card, { counter: Number(last.counter), spent: BigInt(last.spent), head: last.head });
  }
}

/** Vouchers of an upload: each card pays so many times. */
export async function payFrom(
  harness: QuietHarness,
  history: History,
  { terminal, each }: { readonly terminal: TestTerminal; readonly each: number },
): Promise<VoucherBundle[]> {
  const bundles: VoucherBundle[] = [];
  for (const card of history.cards)
    for (let count = 0; count < each; count += 1) bundles.push(await harness.pay(card, terminal, 1n));
  return bundles;
}
