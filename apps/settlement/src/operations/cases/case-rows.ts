import { sql, type RawBuilder } from "kysely";
import type { CaseKind } from "./case-kinds.ts";
import { CASES_AT_ONCE } from "./limits.ts";

/** The kind of case that an anomaly opens. */
const kindsOfAnomalies: Readonly<Record<string, CaseKind>> = {
  UPLOAD_FORK: "UPLOAD_GAP",
  UPLOAD_GAP: "UPLOAD_GAP",
  UPLOAD_HEAD: "UPLOAD_GAP",
  CARD_CONTRADICTION: "CONTRADICTION",
  CARD_OVERSPENT: "EXCESS",
  FORK_UNPROVED: "CONTRADICTION",
  PAID_TWICE: "RECONCILIATION",
  FINALITY_BROKEN: "RECONCILIATION",
  EVENTS_MISSED: "RECONCILIATION",
};

/** Names a rest (`r`) as often as it was asked for. */
const restKey = sql<string>`encode(r.card, 'hex') || ':' || r.rest_requests`;

/** Faults of the money that are a break between chain and books. */
const BREAKS = ["LEDGER_DIFFERENCE", "INSOLVENT"];

/**
 * Opens what has no case yet, by one statement: whoever comes second, in whatever process, finds
 * the names taken. A fault of the money that ends and comes again is another cause.
 */
export function openCases(at: Date): RawBuilder<{ id: string; kind: CaseKind; detail: string }> {
  const names = Object.keys(kindsOfAnomalies);
  const kinds = Object.values(kindsOfAnomalies);
  return sql`
    with mapped (anomaly, kind) as (select * from unnest(${names}::text[], ${kinds}::text[])),
    causes as (
      select 'FORK' as kind, 'fork' as source, encode(f.card, 'hex') || ':' || f.counter as source_key,
        'Counter ' || f.counter || ' stands on two messages of the card.' as detail,
        f.card, f.counter, null::bytea as payee, null::bytea as terminal_id, null::bytea as voucher_id,
        null::bytea as upload, null::bigint as missing_seq, null::text as fault, f.found_at as caused_at
      from forks f
      where not exists (select from cases c where c.source = 'fork' and c.source_key = encode(f.card, 'hex') || ':' || f.counter)
      union all
      select m.kind, 'anomaly', a.id::text, a.detail, a.card, null, a.payee, a.terminal_id, null, a.upload,
        case a.kind when 'UPLOAD_GAP' then (select u.seq - 1 from uploads u where u.hash = a.upload) end, null, a.found_at
      from anomalies a join mapped m on m.anomaly = a.kind
      where not exists (select from cases c where c.source = 'anomaly' and c.source_key = a.id::text)
      union all
      select 'WITHHELD', 'withheld', encode(v.id, 'hex'), coalesce(v.withheld_ground, ''), v.card, v.counter, v.payee,
        v.terminal_id, v.id, null, null, null, coalesce(v.withheld_at, v.received_at)
      from vouchers v
      where v.state = 'withheld'
        and not exists (select from cases c where c.source = 'withheld' and c.source_key = encode(v.id, 'hex'))
      union all
      select 'RECONCILIATION', 'fault', m.code || ':' || extract(epoch from m.since), m.message, null, null, null, null,
        null, null, null, m.code, m.since
      from money_faults m
      where m.subject = '' and m.code = any (${BREAKS}::text[])
        and not exists (select from cases c where c.source = 'fault' and c.source_key = m.code || ':' || extract(epoch from m.since))
      union all
      select 'POISONED_UPLOAD', 'set-aside', encode(s.hash, 'hex'), 'Upload ' || s.seq || ' was set aside.', null, null,
        s.payee, s.terminal_id, null, s.hash, null, null, s.told_at
      from set_aside_uploads s
      where not exists (select from cases c where c.source = 'set-aside' and c.source_key = encode(s.hash, 'hex'))
      union all
      select 'REST_HELD', 'replacement', ${restKey}, 'The rest of this replaced card is held: ' || r.rest_held || '.',
        r.card, null, null, null, null, null, null, null, r.rest_held_at
      from replacements r
      where r.rest_held is not null
        and not exists (select from cases c where c.source = 'replacement' and c.source_key = ${restKey})
      limit ${CASES_AT_ONCE}),
    opened as (
      insert into cases (kind, source, source_key, detail, card, counter, payee, terminal_id, voucher_id, upload,
        missing_seq, fault, caused_at, opened_at)
      select causes.*, ${at}::timestamptz from causes order by caused_at
      on conflict (source, source_key) do nothing returning id, kind, detail),
    noted as (
      insert into case_events (case_id, kind, reason, at) select id, 'opened', '', ${at}::timestamptz from opened)
    select id::text, kind, detail from opened order by id`;
}

/**
 * Whether what opened a case (`c`) still stands: a voucher that is still withheld, a fork whose
 * money is not decided, a difference that is still there, an upload that is still missing. What has
 * happened once and for all, such as a contradiction, stands no longer than it takes to say why.
 */
export const standsSql = sql<boolean>`case
  when c.source = 'withheld' then exists (
    select from vouchers v where v.id = c.voucher_id and v.state in ('withheld', 'compensating'))
  when c.source = 'fork' then exists (
    select from vouchers v where v.card = c.card and v.counter = c.counter
      and v.state in ('received', 'batched', 'skipped', 'forked', 'withheld', 'compensating'))
  when c.source = 'fault' then exists (
    select from money_faults m where m.subject = '' and m.code = c.fault and m.since = c.caused_at)
  when c.missing_seq is not null then not exists (
    select from uploads u where u.payee = c.payee and u.terminal_id = c.terminal_id and u.seq = c.missing_seq)
    and not exists (
    select from set_aside_uploads s where s.payee = c.payee and s.terminal_id = c.terminal_id and s.seq = c.missing_seq)
  else false end`;

/**
 * Whether the rest is asked for again that opened a case (`c`). Nobody has to: a person may resolve the case and leave the
 * rest held, so that it does not stand.
 */
const askedAgainSql = sql<boolean>`(c.source = 'replacement' and not exists (
  select from replacements r where r.card = c.card and r.rest_held is not null and c.source_key = ${restKey}))`;

/** Sources whose case the engine resolves when its cause is over: a decision, or an upload, says why. */
const ENDS_BY_ITSELF = ["withheld", "anomaly", "replacement"];

/** Notes which causes are over, and that those that stand again, where they did, do. */
export function followCases(at: Date): RawBuilder<{ id: string; kind: CaseKind }> {
  return sql`
    with looked as materialized (
      select c.id, c.source, c.ended_at, ${standsSql} as stands,
        (c.source in ('withheld', 'fork', 'fault') or c.missing_seq is not null or ${askedAgainSql}) as can_end
      from cases c where c.resolved_at is null),
    ended as (
      update cases c set ended_at = ${at}::timestamptz,
        resolved_at = case when c.source = any (${ENDS_BY_ITSELF}::text[]) then ${at}::timestamptz end
      from (select id from looked where can_end and not stands and ended_at is null order by id limit ${CASES_AT_ONCE}) l
      where c.id = l.id and c.resolved_at is null and c.ended_at is null returning c.id, c.kind, c.resolved_at),
    again as (
      update cases c set ended_at = null
      from (select id from looked where stands and ended_at is not null order by id limit ${CASES_AT_ONCE}) l
      where c.id = l.id and c.resolved_at is null returning c.id),
    noted as (
      insert into case_events (case_id, kind, reason, at)
      select id, case when resolved_at is null then 'ended' else 'resolved' end, 'What opened it is over.', ${at}::timestamptz
      from ended
      union all select id, 'reopened', 'What opened it stands again.', ${at}::timestamptz from again)
    select id::text, kind from ended order by id`;
}
