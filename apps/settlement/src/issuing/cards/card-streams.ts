import { Inject, Injectable } from "@nestjs/common";
import { reconcileCardStream } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** Payments of a card that nobody has uploaded yet, by what its other vouchers prove. */
export interface MissingPayments {
  readonly count: number;
  /** Units, where their neighbours prove it. */
  readonly worth: bigint;
}

/**
 * Knows from any voucher of a card how many older ones are still missing, and what they are worth
 * (spec §3.2).
 */
@Injectable()
export class CardStreams {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async missing(card: Uint8Array): Promise<MissingPayments> {
    const [vouchers, proofs] = await Promise.all([
      this.db
        .selectFrom("vouchers")
        .select(["id", "counter", "amount_units", "spent_units"])
        .where("card", "=", card)
        .orderBy("counter")
        .limit(LIMITS.streamVouchers)
        .execute(),
      this.db.selectFrom("state_proofs").select(["counter", "spent_units"]).where("card", "=", card).execute(),
    ]);
    const report = reconcileCardStream(
      vouchers.map((row) => ({
        identity: toHex(row.id),
        counter: Number(row.counter),
        amount: row.amount_units,
        spent: row.spent_units,
      })),
      proofs.map((row) => ({ counter: Number(row.counter), spent: row.spent_units })),
    );
    return { count: report.missingCount, worth: report.missingWorth };
  }
}
