import { decodeAllowanceBody } from "@tallystick/protocol";
import { sql, type RawBuilder } from "kysely";
import type { Config } from "../../foundation/config/config.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { counterBound } from "../allowances/funding-rule.ts";
import { lastResetOfCards } from "../allowances/no-pin-resets.ts";
import { suspensionGrounds, type CardGrounds } from "../cards/card-statuses.ts";
import { POLICY_GROUNDS, type PolicyView } from "./decide-policy.ts";

/** A card with its newest allowance, as the policy reads it. */
export interface PolicyRow extends CardGrounds {
  readonly card: Uint8Array;
  readonly shown_seq: bigint;
  readonly highest_counter: bigint;
  readonly renewal_due: boolean;
  /** Its owner asked money back once: the bound moves with time too. */
  readonly withdrawal_seen: boolean;
  readonly renew_after: Date | null;
  /** PostgreSQL's own mark of a row that was not touched since. */
  readonly version: string;
  /** Null where the card has no allowance yet; so are those below. */
  readonly seq: bigint | null;
  readonly body: Uint8Array | null;
  readonly signature: Uint8Array | null;
  readonly bound_units: bigint | null;
  readonly first_at: Date | null;
  readonly last_at: Date | null;
  readonly reset_seq: bigint | null;
  readonly reset_at: Date | null;
}

/** A row whose card holds an allowance. */
export type HeldRow = PolicyRow & { readonly seq: bigint; readonly body: Uint8Array; readonly first_at: Date };

/** Whether the card of a row holds an allowance. */
export function isHeld(row: PolicyRow): row is HeldRow {
  return row.seq !== null && row.body !== null && row.first_at !== null;
}

/** Cards that a condition names, by their address. */
export async function policyRows(
  db: Database | DatabaseTransaction,
  condition: RawBuilder<unknown>,
  most: number,
): Promise<readonly PolicyRow[]> {
  const { rows } = await sql<PolicyRow>`
    select cards.card, status, rule_suspended, void_suspended, flagged, shown_seq, highest_counter, renewal_due,
      withdrawal_seen,
      renew_after, cards.xmin::text as version, newest.seq, newest.body, newest.signature, newest.bound_units,
      (select min(stored_at) from allowances a where a.card = cards.card) as first_at,
      (select max(stored_at) from allowances a where a.card = cards.card
        and a.ground = any (${[...POLICY_GROUNDS]}::text[])) as last_at,
      reset.seq as reset_seq, reset.stored_at as reset_at
    from cards
    left join lateral (
      select seq, body, signature, bound_units from allowances a
      where a.card = cards.card order by a.seq desc limit 1) newest on true
    left join lateral (${lastResetOfCards}) reset on true
    where ${condition} order by cards.card limit ${most}`.execute(db);
  return rows;
}

/** Valid, or suspended by the funding rule alone: who else waits for a person (spec §6.10). */
export function mayBeRenewed(row: CardGrounds): boolean {
  if (row.flagged || row.status > 1) return false;
  return suspensionGrounds(row).every((ground) => ground === "FUNDING_RULE");
}

/** A row as the policy judges it. */
export function policyView(
  row: HeldRow,
  {
    bound,
    nowMs,
    config,
  }: {
    readonly bound: bigint;
    readonly nowMs: number;
    readonly config: Pick<Config, "counterLead" | "restoreGeneration">;
  },
): PolicyView {
  return {
    newest: decodeAllowanceBody(row.body),
    boundAtIssue: row.bound_units,
    bound,
    ruleSuspended: row.rule_suspended,
    highestCounter: row.highest_counter,
    counterBound: counterBound(row.highest_counter, config.counterLead),
    firstStoredAt: secondsOf(row.first_at),
    lastByPolicyAt: row.last_at === null ? null : secondsOf(row.last_at),
    lastReset:
      row.reset_seq === null || row.reset_at === null
        ? null
        : { seq: row.reset_seq, storedAt: secondsOf(row.reset_at) },
    shownSeq: row.shown_seq,
    restoreJump: BigInt(config.restoreGeneration) * BigInt(LIMITS.restoreJump),
    now: Math.floor(nowMs / 1_000),
  };
}

const secondsOf = (time: Date): number => Math.floor(time.getTime() / 1_000);
