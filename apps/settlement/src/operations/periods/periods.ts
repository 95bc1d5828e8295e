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
import { PERIOD_SCHEMA, type PeriodStatement, periodSums } from "./period-statement.ts";

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
   * waiting to be sealed in it; a second person who closes at once finds nothing new. Throws Problem
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
      const inserted = await trx
        .insertInto("book_periods")
        .values({
          ...{ statement: text, signature, issuer_key_id: this.issuer.keyId },
          ...{ log_size: BigInt(statement.log.size), closed_at: at },
        })
        .onConflict((conflict) => conflict.column("log_size").doNothing())
        .returning("id")
        .executeTakeFirst();
      const newest = await newestStatement(trx, inserted?.id ?? null);
      if (inserted === undefined || newest !== before)
        throw new Problem("PERIOD_CLOSED", "Somebody else closed the period just now.");
      const details = { root: statement.log.root, size: String(statement.log.size), reason };
      await recordAction(trx, { action: "period-closed", actor, subject: `period:${inserted.id}`, details, at });
      return {
        id: inserted.id.toString(),
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
        const before = await newestStatement(trx, null);
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
        const balances = Object.fromEntries(
          totals
            .filter((each) => each.asset === asset)
            .map(({ chart, balance }) => [chart, balance.debitsPosted - balance.creditsPosted] as const),
        );
        const { moved, sum } = periodSums(balances, last?.balances ?? {});
        if (sum !== 0n) throw new Problem("LEDGER_CHANGED", `The books' sum is ${sum} units and not 0.`);
        const statement: PeriodStatement = {
          ...{ schema: PERIOD_SCHEMA, asset, from: last?.to ?? null, to: new Date(this.clock.now()).toISOString() },
          domain: { chainId: this.config.chainId.toString(), vault: toHex(this.config.vault) },
          previous: before === null ? null : toHex(createHash("sha256").update(before).digest()),
          log: { size: head.size, root: toHex(head.root) },
          balances: Object.fromEntries(Object.entries(balances).map(([name, units]) => [name, units.toString()])),
          ...{ moved, sum: "0" },
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

/** The text of the newest statement before one; of the newest of all without one. */
async function newestStatement(trx: DatabaseTransaction, before: bigint | null): Promise<string | null> {
  const row = await trx
    .selectFrom("book_periods")
    .select("statement")
    .$if(before !== null, (query) => query.where("id", "<", before ?? 0n))
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.statement ?? null;
}
