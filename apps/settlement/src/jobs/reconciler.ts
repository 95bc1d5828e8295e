import { Inject, Injectable } from "@nestjs/common";
import { LedgerError } from "@tallystick/ledger-core";
import { sql } from "kysely";
import { createPostgresLedger } from "../books/ledger/postgres-ledger.ts";
import { openActions } from "../chain/chain-actions.ts";
import { replanDue } from "../chain/refused/retries.ts";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { subjectOf } from "../foundation/outbox/outbox.ts";
import { AllowancePolicy } from "../issuing/policy/allowance-policy.ts";
import { ReplacementRuns } from "../issuing/replacements/replacement-runs.ts";
import { Queues } from "./queues.ts";

/**
 * Derives every job again that is due by PostgreSQL. Jobs of one subject have one id, so this wakes
 * workers at most once for a thing that already waits; and it is what makes the loss of all of
 * Redis harmless.
 */
@Injectable()
export class Reconciler {
  private lastChecked: Uint8Array | null = null;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(AllowancePolicy) private readonly policy: AllowancePolicy,
    @Inject(ReplacementRuns) private readonly replacements: ReplacementRuns,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async pass(): Promise<void> {
    await this.openActions();
    await this.waitingVouchers();
    await this.unpayableVouchers();
    await this.policy.sweep();
    await this.dueRenewals();
    await this.replacements.sweep();
    await this.unconvictedForks();
    await this.sealLedger();
  }

  /** Adds new bookings to the ledger's log, also where no batch is planned. */
  private async sealLedger(): Promise<void> {
    try {
      await createPostgresLedger(this.db).log.seal();
    } catch (error) {
      // Another process seals it at this moment, with the same effect.
      if (!(error instanceof LedgerError) || error.code !== "CONCURRENT_CHANGE") throw error;
    }
  }

  private async unconvictedForks(): Promise<void> {
    const rows = await this.db
      .selectFrom("forks")
      .select("card")
      .distinct()
      // Those that were found to be unproved are tried again when another message comes.
      .where(
        sql<boolean>`(not exists (select from anomalies where kind = 'FORK_UNPROVED' and card = forks.card)
          or (select count(*) from vouchers v where v.card = forks.card and v.counter = forks.counter) > 1)`,
      )
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom("chain_actions")
              .select("id")
              .where("key", "=", sql<string>`'convict:0x' || encode(forks.card, 'hex')`),
          ),
        ),
      )
      .limit(LIMITS.listRows)
      .execute();
    for (const { card } of rows) await this.queues.add("convict", subjectOf(card));
  }

  private async dueRenewals(): Promise<void> {
    const rows = await this.db
      .selectFrom("cards")
      .select("card")
      .where("renewal_due", "=", true)
      .where((where) =>
        where.or([where("renew_after", "is", null), where("renew_after", "<=", new Date(this.clock.now()))]),
      )
      .limit(LIMITS.listRows)
      .execute();
    for (const { card } of rows) await this.queues.add("allowance", subjectOf(card));
  }

  private async openActions(): Promise<void> {
    await replanDue(this.db, new Date(this.clock.now()));
    for (const id of await openActions(this.db)) await this.queues.add("send", id);
  }

  /**
   * A batch is due when the oldest waiting voucher is old enough, or enough wait; also when one has
   * just ended.
   */
  private async waitingVouchers(): Promise<void> {
    const waiting = await this.db
      .selectFrom("vouchers")
      .select((select) => [select.fn.countAll<bigint>().as("count"), select.fn.min("received_at").as("oldest")])
      .where("state", "=", "received")
      .executeTakeFirstOrThrow();
    const due =
      waiting.count >= BigInt(this.config.batch.maxVouchers) ||
      (waiting.oldest !== null && this.clock.now() - waiting.oldest.getTime() >= this.config.batch.maxAgeMs);
    const unfinished = await this.db
      .selectFrom("batches")
      .select("id")
      .where("state", "not in", ["final", "failed"])
      .limit(1)
      .executeTakeFirst();
    if ((waiting.count > 0n && due) || unfinished !== undefined) await this.queues.add("batch", "due");
  }

  /** Some in each pass, in turn: many that keep waiting must not hide one that can go on. */
  private async unpayableVouchers(): Promise<void> {
    const after = this.lastChecked;
    const rows = await this.db
      .selectFrom("vouchers")
      .select("id")
      .where("state", "in", ["forked", "skipped", "withheld", "compensating"])
      .$if(after !== null, (query) => query.where("id", ">", after))
      .orderBy("id")
      .limit(LIMITS.listRows)
      .execute();
    this.lastChecked = rows.length < LIMITS.listRows ? null : (rows.at(-1)?.id ?? null);
    for (const { id } of rows) await this.queues.add("compensate", subjectOf(id));
  }
}
