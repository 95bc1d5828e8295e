import { createHash } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { sql, type Selectable } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { createPostgresLedger } from "../../books/ledger/postgres-ledger.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import type { BookPeriodsTable } from "../../foundation/database/tables/console-tables.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { PERIOD_SCHEMA, type PeriodStatement, type PeriodSums, periodSums, sumsOf } from "./period-statement.ts";

/** A closed period with its statement as it was signed. */
export interface ClosedPeriod {
  readonly id: string;
  readonly statement: string;
  readonly signature: string;
  readonly issuerKeyId: number;
}

/** Closes periods of the books: what every chart holds at a head of the log, signed by the issuer's key. */
@Injectable()
export class Periods {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The newest first. */
  async list(): Promise<readonly ClosedPeriod[]> {
    const rows = await this.db
      .selectFrom("book_periods")
      .selectAll()
      .orderBy("id", "desc")
      .limit(LIMITS.listRows)
      .execute();
    return rows.map(described);
  }

  /** Throws Problem NOT_FOUND. */
  async find(id: bigint): Promise<ClosedPeriod> {
    const row = await this.db.selectFrom("book_periods").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "No closed period has this number.");
    return described(row);
  }

  /**
   * Closes what was booked since the last time. Books and log are read in one snapshot, with nothing
   * waiting to be sealed in it; a second person who closes at once finds nothing new. Numbers have no
   * gap: each is the one after the newest. Throws Problem
   * PERIOD_CLOSED, LEDGER_CHANGED, NAME_NEEDED.
   */
  async close(reason: string, actor: Actor): Promise<ClosedPeriod> {
    personOf(actor);
    const { statement, before } = await this.draw();
    const text = JSON.stringify(statement);
    const signature = await this.issuer.sign(createHash("sha256").update(text).digest());
    const at = new Date(statement.to);
    return this.db.transaction().execute(async (trx) => {
      await takeLock(trx, "periods");
      const newest = await newestOf(trx);
      if ((newest?.statement ?? null) !== before)
        throw new Problem("PERIOD_CLOSED", "Somebody else closed the period just now.");
      // A sequence would leave a gap where a closing fails, and a gap reads as a statement that is missing.
      const id = (newest?.id ?? 0n) + 1n;
      await sql`
        insert into book_periods (id, statement, signature, issuer_key_id, log_size, closed_at)
        overriding system value
        values (${id}, ${text}, ${signature}, ${this.issuer.keyId}, ${statement.log.size}, ${at})`.execute(trx);
      const details = { root: statement.log.root, size: String(statement.log.size), reason };
      await recordAction(trx, { action: "period-closed", actor, subject: `period:${id}`, details, at });
      return {
        id: id.toString(),
        statement: text,
        signature: toHex(signature),
        issuerKeyId: this.issuer.keyId,
      };
    });
  }

  private async draw(): Promise<{ readonly statement: PeriodStatement; readonly before: string | null }> {
    return this.db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (trx) => {
        const before = (await newestOf(trx))?.statement ?? null;
        const ledger = createPostgresLedger(trx);
        const { rows } = await sql<{ waiting: boolean }>`
          select exists (select from ledger_unlogged) as waiting`.execute(trx);
        if (rows[0]?.waiting === true)
          throw new Problem(
            "PERIOD_CLOSED",
            "Something was booked just now; it is in the log within a second: ask again.",
          );
        const [head, totals] = [await ledger.log.head(), await ledger.chartTotals()];
        const last = before === null ? null : (JSON.parse(before) as PeriodStatement);
        if (head.size === (last?.log.size ?? 0)) throw new Problem("PERIOD_CLOSED", "Wait until something is booked.");
        const asset = this.config.asset.code;
        const to = new Date(this.clock.now());
        if (last !== null && to < new Date(last.to))
          throw new Problem(
            "PERIOD_CLOSED",
            `The last period ended at ${last.to}, and this process's clock is behind.`,
          );
        const sums = (of: string): PeriodSums => {
          const balances = Object.fromEntries(
            totals
              .filter((each) => each.asset === of)
              .map(({ chart, balance }) => [chart, balance.debitsPosted - balance.creditsPosted] as const),
          );
          const { moved, sum } = periodSums(balances, sumsOf(last, of).balances);
          if (sum !== 0n) throw new Problem("LEDGER_CHANGED", `The books' sum is ${sum} units of ${of} and not 0.`);
          const texts = Object.entries(balances).map(([name, units]) => [name, units.toString()] as const);
          return { balances: Object.fromEntries(texts), moved, sum: "0" };
        };
        const others = [...new Set(totals.map((each) => each.asset))].filter((each) => each !== asset).toSorted();
        const statement: PeriodStatement = {
          ...{ schema: PERIOD_SCHEMA, asset, from: last?.to ?? null, to: to.toISOString() },
          domain: { chainId: this.config.chainId.toString(), vault: toHex(this.config.vault) },
          previous: before === null ? null : toHex(createHash("sha256").update(before).digest()),
          log: { size: head.size, root: toHex(head.root) },
          ...sums(asset),
          others: Object.fromEntries(others.map((each) => [each, sums(each)])),
        };
        return { statement, before };
      });
  }
}

function described({
  id,
  statement,
  signature,
  issuer_key_id: issuerKeyId,
}: Selectable<BookPeriodsTable>): ClosedPeriod {
  return { id: id.toString(), statement, signature: toHex(signature), issuerKeyId };
}

/** The newest closed period; undefined before the first. */
async function newestOf(
  trx: DatabaseTransaction,
): Promise<{ readonly id: bigint; readonly statement: string } | undefined> {
  return trx.selectFrom("book_periods").select(["id", "statement"]).orderBy("id", "desc").limit(1).executeTakeFirst();
}
