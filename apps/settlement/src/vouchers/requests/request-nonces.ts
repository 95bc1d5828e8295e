import { Inject, Injectable } from "@nestjs/common";
import { CLOCK_SKEW_SECONDS, type TerminalRequest } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/**
 * Takes each nonce of a terminal once, whichever replica is asked, and counts how often a terminal
 * asks (spec §6.13).
 */
@Injectable()
export class RequestNonces {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Throws Problem REQUEST_REPEATED or REQUEST_QUOTA; then the nonce was not used up. */
  async take({ payee, terminalId, nonce, time }: TerminalRequest): Promise<void> {
    const now = this.clock.now();
    await retryingTransaction(this.db, async (trx) => {
      const taken = await trx
        .insertInto("request_nonces")
        .values({
          ...{ payee, terminal_id: terminalId, nonce, accepted_at: new Date(now) },
          expires_at: BigInt(time + CLOCK_SKEW_SECONDS),
        })
        .onConflict((conflict) => conflict.columns(["payee", "terminal_id", "nonce"]).doNothing())
        .returning("expires_at")
        .executeTakeFirst();
      if (taken === undefined)
        throw new Problem("REQUEST_REPEATED", "Ask again with a new nonce; this request was taken before.");
      await this.assertQuota(trx, { payee, terminalId }, now);
      await forgetOld(trx, now);
    });
  }

  private async assertQuota(
    trx: DatabaseTransaction,
    { payee, terminalId }: Pick<TerminalRequest, "payee" | "terminalId">,
    now: number,
  ): Promise<void> {
    const windowMs = LIMITS.requestQuotaSeconds * 1_000;
    const { asked, oldest } = await trx
      .selectFrom("request_nonces")
      .select((select) => [select.fn.countAll<string>().as("asked"), select.fn.min("accepted_at").as("oldest")])
      .where("payee", "=", payee)
      .where("terminal_id", "=", terminalId)
      .where("accepted_at", ">", new Date(now - windowMs))
      .executeTakeFirstOrThrow();
    if (Number(asked) <= this.config.requestsPerFiveMinutes) return;
    const freeAt = (oldest?.getTime() ?? now) + windowMs;
    throw new Problem("REQUEST_QUOTA", "Ask again later, and for more vouchers at once.", {
      retryAfterSeconds: Math.max(1, Math.ceil((freeAt - now) / 1_000)),
    });
  }
}

/** Forgets some nonces that no replica takes any more, without waiting for another that does so. */
async function forgetOld(trx: DatabaseTransaction, now: number): Promise<void> {
  const before = Math.floor(now / 1_000) - LIMITS.nonceMarginSeconds;
  await sql`
    delete from request_nonces where (payee, terminal_id, nonce) in (
      select payee, terminal_id, nonce from request_nonces where expires_at < ${before}
      order by expires_at limit ${LIMITS.noncesForgotten} for update skip locked)`.execute(trx);
}
