import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { sql } from "kysely";
import { createPostgresLedger } from "../../../books/ledger/postgres-ledger.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { LONG_ROWS } from "../limits.ts";

/** One posting of the journal. */
export interface JournalLine {
  readonly id: string;
  readonly kind: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly at: string;
}

/**
 * A time as people type it, in UTC: of a day alone its end, or now where it is today, and now where none was typed.
 * @returns milliseconds, or why it is none
 */
export function typedTime(text: string, now: number): number | "no time" | "in the future" {
  if (text === "") return now;
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z?)?$/.exec(text) ?? [];
  const [begin, end] = [time ?? "00:00:00", time ?? "23:59:59"].map((each) => Date.parse(`${day ?? ""}T${each}Z`));
  if (begin === undefined || end === undefined || Number.isNaN(begin)) return "no time";
  return begin > now ? "in the future" : Math.min(end, now);
}

/** An account at a time: totals on both sides, posted and pending. */
export interface AccountView {
  readonly id: string;
  readonly at: string;
  readonly balance: string;
  readonly pending: string;
  /** The last ones until that time, the newest first. */
  readonly entries: readonly {
    readonly transfer: string;
    readonly side: string;
    readonly at: string;
    readonly balance: string;
  }[];
}

@Injectable()
export class BookReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /**
   * The journal, the newest first; what is before a posting of it, by its step of the history and its
   * place there, such as `17-3`.
   */
  async journal(
    before: string | null,
  ): Promise<{ readonly lines: readonly JournalLine[]; readonly next: string | null }> {
    const [, step, place] = /^([1-9][0-9]{0,17})-([0-9]{1,9})$/.exec(before ?? "") ?? [];
    const { rows } = await sql<JournalLine & { readonly asset: string; readonly step: string }>`
      select id, kind, debit, credit, asset, amount::text, at_ms::text as at, history || '-' || place as step
      from ledger_transfers
      where ${step === undefined ? sql`true` : sql`(history, place) < (${step}::bigint, ${place}::integer)`}
      order by ledger_transfers.history desc, place desc limit ${LONG_ROWS}`.execute(this.db);
    const lines = rows.map(({ step: _, asset, amount, at, ...row }) => ({
      ...{ ...row, amount: this.amount(BigInt(amount), asset), at: new Date(Number(at)).toISOString() },
    }));
    return { lines, next: rows.length === LONG_ROWS ? (rows.at(-1)?.step ?? null) : null };
  }

  /** Null where there is no such account. */
  async account(id: string, at: number): Promise<AccountView | null> {
    if (!/^[!-~]{1,160}$/.test(id)) return null;
    const ledger = createPostgresLedger(this.db);
    const [account, balance] = await Promise.all([ledger.account(id), ledger.balanceAt(id, at)]);
    if (account === null || balance === null) return null;
    const side = account.normalSide === "debit" ? 1n : -1n;
    const posted = (of: typeof balance): string =>
      this.amount(side * (of.debitsPosted - of.creditsPosted), account.asset);
    const last = await this.versionAt(id, at);
    const before = Math.max(0, last - LONG_ROWS);
    const entries = last === 0 ? [] : await ledger.entries(id, { afterVersion: before, limit: last - before });
    return {
      ...{ id, at: new Date(at).toISOString(), balance: posted(balance) },
      pending: this.amount(side * (balance.debitsPending - balance.creditsPending), account.asset),
      entries: entries.toReversed().map(({ transfer, side: on, bookedAtMs, balance: after }) => ({
        ...{ transfer, side: on, at: new Date(bookedAtMs).toISOString(), balance: posted(after) },
      })),
    };
  }

  /** The number of an account's last entry at a time; 0 where it had none. */
  private async versionAt(id: string, at: number): Promise<number> {
    const { rows } = await sql<{ version: string }>`select version::text from ledger_entries
      where account = ${id} and booked_at_ms <= ${at}::bigint order by ledger_entries.version desc limit 1`.execute(
      this.db,
    );
    return Number(rows[0]?.version ?? 0);
  }

  /** In the unit of its account: not all of the books are tokens (`GWEI`, `WEI` of gas, `HEADS` of the audit log). */
  private amount(units: bigint, unit: string): string {
    return unit === this.asset.code ? `${formatTotal(units, this.asset)} ${unit}` : `${units} ${unit.toLowerCase()}`;
  }
}
