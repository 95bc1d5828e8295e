import { type RawBuilder, sql } from "kysely";
import type { Right } from "../../foundation/rights.ts";
import type { ActionKind } from "../chain-actions.ts";
import { WITHHELD_DEPOSIT } from "./retries.ts";

/** A kind of action; the deposit for a withheld voucher is decided by that voucher, unlike other deposits. */
export type FailedKindName = ActionKind | "deposit";

/** What becomes of an action of a kind that ended without effect. `a` is the action's row in each expression. */
export interface FailedKind {
  /** Who acts, as the beginning of a sentence. */
  readonly who: string;
  /** What they can do, as its end. */
  readonly next: string;
  /** Who may have it tried again; null where what it is for decides that. */
  readonly retry: Right | null;
  /** Who may set it aside; null where it could not stay so. */
  readonly setAside: Right | null;
  /** Whether settlement tries it, or what stands in its place, by itself. */
  readonly byItself: boolean;
  /** Whether what it was for has happened, or is not wanted any more: then nothing is left to do. */
  readonly over: RawBuilder<unknown>;
  /** Units that it was to move; null where it moves none. */
  readonly units: RawBuilder<unknown>;
}

const never = sql`false`;
const none = sql`null::numeric`;

/** The card that an action's key names; null where it names none. */
const card = sql`case when split_part(a.key, ':', 2) ~ '^0x[0-9a-f]{40}$'
  then decode(substr(split_part(a.key, ':', 2), 3), 'hex') end`;

const replacementDone = sql`not exists (select from replacements r where r.card = ${card} and r.done_at is null)`;

const onCard = sql`(select (saved->>'balance')::numeric from vault_cards v where v.card = ${card})`;

/** A later one of the same account is under way or done, or the account's rotation has ended. */
const sweptAnew = sql`(exists (select from chain_actions b
    where b.kind = a.kind and b.account = a.account and b.created_at > a.created_at)
  or exists (select from key_rotations k where k.former = a.account and k.ended_at is not null))`;

const decidedByBatch = {
  ...{ who: "Nobody", next: "do anything: its batch is taken back, and its vouchers wait again", byItself: true },
  ...{ retry: null, setAside: null, units: none },
} as const;

const sweep = {
  who: "Whoever rotates the keys",
  next: "run `tallystick-settlement keys rotate` once more: it sends what the account has then",
  ...{ retry: null, setAside: null, byItself: false, over: sweptAnew, units: none },
} as const;

/** Every kind: one that is not here does not compile, and `failed-kinds.test.ts` asks the database for each. */
export const FAILED_KINDS: Readonly<Record<FailedKindName, FailedKind>> = {
  approve: {
    ...{
      who: "The issuer",
      next: "try it again: without it no deposit can be made",
      retry: "cards",
      setAside: "cards",
    },
    ...{ byItself: false, over: never, units: none },
  },
  open: {
    ...{ who: "The issuer", next: "try it again or set it aside", retry: "cards", setAside: "cards", byItself: false },
    over: sql`exists (select from cards c where c.card = ${card} and c.opened_block is not null)`,
    units: none,
  },
  fund: {
    ...{ who: "The issuer", next: "try it again or set it aside", retry: "cards", setAside: "cards", byItself: false },
    ...{ over: never, units: sql`(select f.amount_units from fundings f where f.action_id = a.id limit 1)` },
  },
  deposit: {
    who: "Risk or finance",
    next: "end what the reason names, or decide the voucher anew in its case",
    ...{ retry: null, setAside: null, byItself: true },
    over: sql`not exists (select from withheld_decisions d join vouchers v on v.id = d.voucher_id
      where d.action_id = a.id and v.state = 'withheld')`,
    units: sql`(select v.amount_units from withheld_decisions d join vouchers v on v.id = d.voucher_id
      where d.action_id = a.id limit 1)`,
  },
  settle: {
    ...decidedByBatch,
    over: sql`not exists (select from batches b where b.action_id = a.id and b.state = 'open')`,
  },
  advance: { ...decidedByBatch, over: sql`true` },
  withdraw: {
    ...{ who: "Finance", next: "try it again or set it aside", retry: "payouts", setAside: "payouts", byItself: false },
    // A payout is of all that is owed: a later one has paid what this one did not.
    over: sql`exists (select from payouts p join payouts q on q.payee = p.payee and q.created_at > p.created_at
      join chain_actions b on b.id = q.action_id
      where p.action_id = a.id and b.state in ('mined', 'final'))`,
    // It pays what is owed when it is mined; the vault's state of here may be older than the last payout.
    units: none,
  },
  compensate: {
    ...{ who: "Finance", next: "end what the reason names", retry: null, setAside: null, byItself: true },
    over: sql`not exists (select from compensations c join vouchers v on v.id = c.voucher_id
      where c.action_id = a.id and v.state = 'compensating')`,
    units: sql`(select c.amount_units from compensations c where c.action_id = a.id limit 1)`,
  },
  convict: {
    who: "Risk",
    next: "try it again or set it aside: until then the vault does not flag the card",
    ...{ retry: "cardStatus", setAside: "cardStatus", byItself: false, units: none },
    over: sql`exists (select from chain_events e
      where e.kind = 'equivocationProved' and e.card = ${card} and e.final)`,
  },
  return: {
    who: "Finance",
    next: "try it again or set it aside; the terminal too may order it again before its deadline",
    ...{ retry: "payouts", setAside: "payouts", byItself: false },
    over: sql`exists (select from return_orders o join return_orders p on p.voucher_id = o.voucher_id
      join chain_actions b on b.id = p.action_id
      where o.action_id = a.id and p.total_units >= o.total_units and b.state in ('mined', 'final'))`,
    units: sql`(select o.total_units from return_orders o where o.action_id = a.id limit 1)`,
  },
  "request-withdrawal": {
    ...{ who: "The issuer", next: "end what the reason names", retry: null, setAside: null, byItself: true },
    over: sql`(${replacementDone} or exists (select from chain_actions b where b.kind = a.kind
      and split_part(b.key, ':', 2) = split_part(a.key, ':', 2) and b.created_at > a.created_at))`,
    units: onCard,
  },
  "withdraw-card": {
    who: "The issuer",
    next: "try it again; the withdrawal is asked for anew by itself once it has expired",
    ...{ retry: "cards", setAside: null, byItself: false },
    over: sql`(${replacementDone} or exists (select from chain_actions b
      where b.kind in ('withdraw-card', 'request-withdrawal')
        and split_part(b.key, ':', 2) = split_part(a.key, ':', 2) and b.created_at > a.created_at))`,
    units: onCard,
  },
  "first-unit": {
    who: "The issuer",
    next: "try it again or set it aside: the payee gets no payout until its unit came, or somebody confirms it",
    ...{ retry: "certificates", setAside: "certificates", byItself: false, units: sql`1::numeric` },
    over: sql`exists (select from first_units f where f.action_id = a.id and f.confirmed_at is not null)`,
  },
  "sweep-tokens": sweep,
  "sweep-coin": sweep,
};

/** The kind of an action's row `a`. */
export const failedKindSql = sql<FailedKindName>`case when a.kind = 'fund' and a.key like ${sql.lit(`${WITHHELD_DEPOSIT}%`)}
  then 'deposit' else a.kind end`;

/** An expression of the table for the row `a`, by its kind. */
export function byKind(part: "over" | "units"): RawBuilder<unknown> {
  const cases = Object.entries(FAILED_KINDS).map(([name, kind]) => sql`when ${sql.lit(name)} then ${kind[part]}`);
  return sql`case ${failedKindSql} ${sql.join(cases, sql` `)} end`;
}
