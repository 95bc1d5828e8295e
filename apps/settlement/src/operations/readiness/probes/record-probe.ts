import { chainFaults, type ChainFaultCode } from "../../../chain/chain-faults.ts";
import { moneyFaults, type MoneyFaultCode } from "../../../chain/money/money-faults.ts";
import { sql } from "kysely";
import type { Database } from "../../../foundation/database/database.ts";
import { utcText } from "../../../foundation/utc-text.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { failedSince } from "../../../chain/refused/failed-actions.ts";
import { withheldSince } from "../../../vouchers/withheld/withheld-views.ts";
import { ALARMED_CASE_KINDS } from "../../cases/case-kinds.ts";
import { CASES_COUNTED, FAILED_ALARM_MS } from "./limits.ts";
import { type Finding, newestOf, type Probe, reason, warning } from "../findings.ts";

const nextOf: Readonly<Record<ChainFaultCode, string>> = {
  EVENTS_CONTRADICT: "It is asked again by itself; where it lasts, let another node answer.",
  FINALITY_BROKEN: "Find out whether the node is on another chain: tallystick-settlement finality --help.",
};

/** Findings in the order of their gravity; what the database has on record. */
export class RecordProbe implements Probe {
  readonly name = "records";
  readonly everyMs = LIMITS.probeMs;
  private readonly db: Database;
  private readonly now: () => number;

  constructor(db: Database, now: () => number) {
    this.db = db;
    this.now = now;
  }

  async look(): Promise<readonly Finding[]> {
    const found = await Promise.all([
      this.money(),
      this.chain(),
      this.paidTwice(),
      this.withheld(),
      this.failed(),
      this.cases(),
    ]);
    return found.flat();
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }

  /** What the watch of the money found; payees that the token refuses are one warning. */
  private async money(): Promise<readonly Finding[]> {
    const faults = await moneyFaults(this.db);
    const whole = faults.filter(({ subject }) => subject === "");
    const [first, ...others] = faults.filter(({ subject }) => subject !== "");
    const findings: Finding[] = [...whole]
      .sort((left, right) => graveness(left.code) - graveness(right.code))
      .map(({ code, message, next, since, renewed }) => ({
        ...{ ...reason(code, message, next), since },
        ...(renewed === null ? {} : { renewed }),
      }));
    if (first === undefined) return findings;
    const more = others.length === 0 ? "" : ` So it is with ${others.length} more.`;
    const { oldest, newest } = await this.db
      .selectFrom("money_faults")
      .select((select) => [select.fn.min("since").as("oldest"), select.fn.max("since").as("newest")])
      .where("subject", "<>", "")
      .executeTakeFirstOrThrow();
    const { code, message, next } = first;
    return [...findings, { ...warning(code, `${message}${more}`, next), since: oldest, ...newestOf([newest]) }];
  }

  /** What the watcher saw last: no node is asked here. */
  private async chain(): Promise<readonly Finding[]> {
    const faults = await chainFaults(this.db);
    return faults.map(({ code, detail, since }) => ({ ...reason(code, detail, nextOf[code]), since }));
  }

  /**
   * Named until a person has resolved its case, for a month at most; it stays among the anomalies and in
   * the reconciliation.
   */
  private async paidTwice(): Promise<readonly Finding[]> {
    const rows = await this.db
      .selectFrom("anomalies")
      .select(["detail", "found_at"])
      .where("kind", "=", "PAID_TWICE")
      .where("found_at", ">", new Date(this.now() - LIMITS.paidTwiceAlarmMs))
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("cases")
              .select("cases.id")
              .where("source", "=", "anomaly")
              .where("source_key", "=", sql<string>`anomalies.id::text`)
              .where("resolved_at", "is not", null),
          ),
        ),
      )
      .orderBy("id", "desc")
      .limit(LIMITS.listRows)
      .execute();
    const [newest, ...others] = rows;
    if (newest === undefined) return [];
    const more = others.length === 0 ? "" : ` So it is with ${others.length} more of the last 30 days.`;
    const next =
      "Find out which of the two payments should not have been, settle it with the payee, and resolve its case.";
    const times = { since: rows.at(-1)?.found_at ?? newest.found_at, renewed: newest.found_at };
    return [{ ...reason("PAID_TWICE", `${newest.detail}${more}`, next), ...times }];
  }

  /** What is owed must not wait without anybody noticing (spec §6.12). */
  private async withheld(): Promise<readonly Finding[]> {
    const { count, oldest, newest } = await this.db
      .selectFrom("vouchers")
      .select((select) => [
        select.fn.countAll<bigint>().as("count"),
        sql<Date | null>`min(${withheldSince})`.as("oldest"),
        sql<Date | null>`max(${withheldSince})`.as("newest"),
      ])
      .where("state", "=", "withheld")
      .where(withheldSince, "<", new Date(this.now() - LIMITS.withheldAlarmMs))
      .executeTakeFirstOrThrow();
    if (oldest === null || newest === null) return [];
    const message = `${count} vouchers have been withheld for more than 7 days.`;
    const overdue = (since: Date): Date => new Date(since.getTime() + LIMITS.withheldAlarmMs);
    const times = { since: overdue(oldest), renewed: overdue(newest) };
    return [{ ...warning("WITHHELD_OVERDUE", message, "Pay or refuse them."), ...times }];
  }

  /** A deposit, a payout or another action that is tried in vain must not wait without anybody noticing. */
  private async failed(): Promise<readonly Finding[]> {
    const at = new Date(this.now() - FAILED_ALARM_MS);
    const found = await failedSince(this.db, { at, most: CASES_COUNTED });
    if (found === null) return [];
    const { count, oldest, newest } = found;
    const are =
      count === 1 ? "1 transaction is" : `${count === CASES_COUNTED ? "At least " : ""}${count} transactions are`;
    const message = `${are} without effect for more than an hour, the oldest since ${utcText(oldest)}.`;
    const next =
      "The console's first screen says what each of them lacks and what to do; so does GET /v1/actions/failed.";
    const late = (since: Date): Date => new Date(since.getTime() + FAILED_ALARM_MS);
    return [{ ...warning("ACTIONS_FAILED", message, next), since: late(oldest), renewed: late(newest) }];
  }

  /** Cases that no other finding tells of: money moves, and a person has to look into them (spec §6.16). */
  private async cases(): Promise<readonly Finding[]> {
    const { rows } = await sql<{ count: number; since: Date | null; renewed: Date }>`
      select count(*)::int as count, min(opened_at) as since, max(opened_at) as renewed from (
        select opened_at from cases where resolved_at is null and kind = any (${[...ALARMED_CASE_KINDS]}::text[])
        order by id desc limit ${CASES_COUNTED}) c`.execute(this.db);
    const [found] = rows;
    if (found === undefined || found.since === null) return [];
    const { count, since, renewed } = found;
    const are = count === 1 ? "1 case is open" : `${count === CASES_COUNTED ? "At least " : ""}${count} cases are open`;
    const message = `${are}, the oldest since ${utcText(since)}.`;
    return [{ ...warning("CASES_OPEN", message, "Look into each, and resolve it with a reason."), since, renewed }];
  }
}

const byGravity: readonly MoneyFaultCode[] = ["INSOLVENT", "LEDGER_DIFFERENCE", "TOKEN_STOPPED", "VAULT_BLOCKED"];

function graveness(code: MoneyFaultCode): number {
  const at = byGravity.indexOf(code);
  return at === -1 ? byGravity.length : at;
}
