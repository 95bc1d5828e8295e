import { Inject, Injectable, Logger } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { TOO_DEAR } from "../states/voucher-states.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import type { VoucherRow } from "./batch-item.ts";
import { BatchStore } from "./batch-store.ts";

/**
 * Batches whose action ended without effect: it could not be simulated, or was mined with status 0.
 */
@Injectable()
export class FailedBatches {
  private readonly log = new Logger(FailedBatches.name);

  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Takes their vouchers back and puts them into two batches of half the size. */
  async takeBack(trx: DatabaseTransaction): Promise<void> {
    const ended = await trx
      .selectFrom("batches")
      .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
      .select(["batches.id", "chain_actions.state", "chain_actions.failure"])
      .where("batches.state", "=", "open")
      .where("chain_actions.state", "in", ["failed", "refused"])
      .forUpdate("batches")
      .execute();
    for (const { id, state, failure } of ended) {
      this.log.error(`Batch ${id} ended as ${state}: ${failure ?? "status 0"}`);
      await trx.updateTable("batches").set({ state: "failed" }).where("id", "=", id).execute();
      const tooDear = failure?.startsWith(TOO_DEAR) === true;
      const members = await takeOut(trx, id, tooDear);
      // A terminal may have reversed some of them while the batch was under way (spec §6.2).
      const reversed = new Set((await reverseNamed(trx, this.postings)).map((voucher) => toHex(voucher.id)));
      await this.halve(
        trx,
        members.filter((voucher) => !reversed.has(toHex(voucher.id))),
        tooDear,
      );
    }
  }

  private async halve(trx: DatabaseTransaction, members: readonly VoucherRow[], tooDear: boolean): Promise<void> {
    const [only] = members;
    if (members.length === 1 && only !== undefined && tooDear) {
      const pauseMs = LIMITS.tooDearResends * this.config.chain.resendMs;
      const waits = { state: "skipped", waits_for: TOO_DEAR, paused_until: new Date(this.clock.now() + pauseMs) };
      await trx.updateTable("vouchers").set(waits).where("id", "=", only.id).execute();
      return;
    }
    if (members.length === 1 && only !== undefined && only.attempts >= LIMITS.voucherAttempts) {
      await trx.updateTable("vouchers").set({ state: "skipped" }).where("id", "=", only.id).execute();
      return;
    }
    const middle = Math.ceil(members.length / 2);
    for (const vouchers of [members.slice(0, middle), members.slice(middle)]) {
      if (vouchers.length > 0) await this.batches.store(trx, { vouchers });
    }
  }
}

/**
 * The vouchers of a batch, which wait again. That together they need more gas than a block has is no
 * fault of any of them.
 */
function takeOut(trx: DatabaseTransaction, batch: string, tooDear: boolean): Promise<VoucherRow[]> {
  return trx
    .updateTable("vouchers")
    .set((update) => ({
      state: "received",
      attempts: update("attempts", "+", tooDear ? 0 : 1),
      batch_id: null,
      batch_position: null,
    }))
    .where("batch_id", "=", batch)
    .where("state", "=", "batched")
    .returningAll()
    .execute();
}
