import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { sql } from "kysely";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { AGES, type FloatAnswer } from "./float-answers.ts";

/** An allowance's notAfter, four bytes of its body (spec §3.3). */
const NOT_AFTER = sql`((get_byte(a.body, 44)::bigint << 24) + (get_byte(a.body, 45) << 16)
  + (get_byte(a.body, 46) << 8) + get_byte(a.body, 47))`;

/** Cards of one age whose allowances end alike. */
interface Group {
  readonly days: (typeof AGES)[number];
  readonly ends: "expired" | "expiring" | "later";
  readonly cards: bigint;
  readonly units: bigint;
}

/** What is on cards: how it came to be, how old it is, when it ends, and what is on its way. All of one moment of the ledger. */
@Injectable()
export class FloatReport {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async read(): Promise<FloatAnswer> {
    return await this.db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (trx) => {
        const [totals, { deposits, spent }, groups] = [
          await this.postings.totals(trx),
          await this.turnover(trx),
          await this.groups(trx),
        ];
        const share = (of: (group: Group) => boolean): { cards: number; amount: string } => {
          const some = groups.filter(of);
          const cards = some.reduce((sum, group) => sum + Number(group.cards), 0);
          return { cards, amount: this.text(some.reduce((sum, { units }) => sum + units, 0n)) };
        };
        return {
          ...{ deposits: this.text(deposits), spent: this.text(spent), liability: this.text(deposits - spent) },
          unspent: AGES.map((days) => ({ days, ...share((group) => group.days === days) })),
          expiring: { days: LIMITS.expiringDays, ...share(({ ends }) => ends === "expiring") },
          expired: share(({ ends }) => ends === "expired"),
          waiting: {
            deposits: this.text(await this.waitingDeposits(trx)),
            vouchers: this.text(totals.acceptedUnpaid - totals.issuerOwes),
            ...{ owed: this.text(totals.owed), advances: this.text(totals.advances) },
            replacements: await this.openReplacements(trx),
          },
        };
      });
  }

  private text(units: bigint): string {
    return formatTotal(units, this.asset);
  }

  /** The cards' accounts, each side by itself. */
  private async turnover(trx: DatabaseTransaction): Promise<{ readonly deposits: bigint; readonly spent: bigint }> {
    const { rows } = await sql<{ deposits: bigint; spent: bigint }>`
      select coalesce(sum(debits_posted), 0)::bigint as deposits, coalesce(sum(credits_posted), 0)::bigint as spent
      from ledger_accounts where chart = 'card' and asset = ${this.asset.code}`.execute(trx);
    const [row] = rows;
    return { deposits: row?.deposits ?? 0n, spent: row?.spent ?? 0n };
  }

  private async groups(trx: DatabaseTransaction): Promise<readonly Group[]> {
    const now = new Date(this.clock.now());
    const seconds = Math.floor(now.getTime() / 1_000);
    const soon = seconds + LIMITS.expiringDays * LIMITS.daySeconds;
    const { rows } = await sql<Group>`
      with held as (
        select decode(substr(id, 8), 'hex') as card, debits_posted - credits_posted as units
        from ledger_accounts
        where chart = 'card' and asset = ${this.asset.code} and debits_posted <> credits_posted),
      known as (
        select held.units, cards.card is not null as ours, ${NOT_AFTER} as not_after,
          extract(epoch from ${now}::timestamptz - coalesce(v.received_at, cards.registered_at)) / ${LIMITS.daySeconds}
            as age
        from held
        left join cards on cards.card = held.card
        left join lateral (
          select received_at from vouchers where vouchers.card = held.card order by counter desc limit 1) v on true
        left join lateral (
          select body from allowances where allowances.card = held.card order by seq desc limit 1) a on true)
      select case when not ours then 'others' when age <= 30 then '0-30' when age <= 90 then '31-90'
          when age <= 365 then '91-365' else 'over-365' end as days,
        case when not_after < ${seconds} then 'expired' when not_after <= ${soon} then 'expiring' else 'later' end as ends,
        count(*)::bigint as cards, sum(units)::bigint as units
      from known group by 1, 2`.execute(trx);
    return rows;
  }

  private async waitingDeposits(trx: DatabaseTransaction): Promise<bigint> {
    const { rows } = await sql<{ units: bigint }>`
      select coalesce(sum(fundings.amount_units), 0)::bigint as units
      from fundings join chain_actions on chain_actions.id = fundings.action_id
      where chain_actions.state not in ('final', 'failed', 'refused') or chain_actions.retry_at is not null`.execute(
      trx,
    );
    return rows[0]?.units ?? 0n;
  }

  private async openReplacements(trx: DatabaseTransaction): Promise<number> {
    const row = await trx
      .selectFrom("replacements")
      .select((select) => select.fn.countAll<bigint>().as("count"))
      .where("done_at", "is", null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }
}
