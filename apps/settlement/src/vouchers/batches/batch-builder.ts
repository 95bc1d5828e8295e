import { Inject, Injectable } from "@nestjs/common";
import type { Domain } from "@tallystick/protocol";
import type { SkipReason } from "@tallystick/vault";
import { sql } from "kysely";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { count } from "../../foundation/figures/figures.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import { cardRecovery } from "../simulation/card-recovery.ts";
import { planBatch, type BatchPlan } from "../simulation/plan-batch.ts";
import { readVaultStates } from "../simulation/vault-states.ts";
import { batchItem, itemAt, type VoucherRow } from "./batch-item.ts";
import { BatchStore } from "./batch-store.ts";
import { FailedBatches } from "./failed-batches.ts";

interface BuiltBatch {
  readonly id: string;
  readonly vouchers: number;
}

/** Puts waiting vouchers into batches, and takes them back from one that ended without effect. */
@Injectable()
export class BatchBuilder {
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(FailedBatches) private readonly failed: FailedBatches,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** One pass: first what ended, then what waits. Running it twice, or at once, has one effect. */
  async pass(): Promise<void> {
    const built: BuiltBatch[] = [];
    await this.db.transaction().execute(async (trx) => {
      await takeLock(trx, "batches");
      await reverseNamed(trx, this.postings);
      await this.failed.takeBack(trx);
      while (await this.buildOne(trx, built));
    });
    for (const { id, vouchers } of built) {
      count("tallystick_stage_vouchers_total", { stage: "batched" }, vouchers);
      tellEvent("batch", `${id} of ${vouchers} vouchers`);
    }
  }

  private async buildOne(trx: DatabaseTransaction, built: BuiltBatch[]): Promise<boolean> {
    const { maxVouchers, maxAgeMs } = this.config.batch;
    const waiting = await waitingVouchers(trx, maxVouchers);
    const [oldest] = waiting;
    if (oldest === undefined) return false;
    const full = waiting.length >= maxVouchers;
    const old = this.clock.now() - oldest.received_at.getTime() >= maxAgeMs;
    if (!full && !old) return false;
    const { chosen, leftOut, advances, gasEstimate } = await this.plan(trx, waiting);
    await leaveOut(
      trx,
      leftOut.map(({ candidate, reason }) => ({ id: itemAt(waiting, candidate).id, reason })),
    );
    if (chosen.length > 0) {
      const id = await this.batches.store(trx, {
        vouchers: chosen.map((candidate) => itemAt(waiting, candidate)),
        advances: advances.map(({ candidate, ...rest }) => ({ voucher: itemAt(waiting, candidate), ...rest })),
        gasEstimate,
      });
      built.push({ id, vouchers: chosen.length });
    }
    // Those that did not fit are as old as the others: they fill the next batch at once.
    return full || chosen.length + leftOut.length < waiting.length;
  }

  private async plan(trx: DatabaseTransaction, waiting: readonly VoucherRow[]): Promise<BatchPlan> {
    const { expected } = await readVaultStates(trx, {
      cards: waiting.map(({ card }) => card),
      merchants: waiting.map(({ payee }) => payee),
    });
    return planBatch({
      state: expected,
      domain: this.domain,
      candidates: waiting.map((row) => ({ ...batchItem(row), insisted: row.insisted })),
      maxGas: BigInt(this.config.batch.maxGas),
      recover: cardRecovery(this.engine, waiting),
    });
  }
}

function waitingVouchers(trx: DatabaseTransaction, most: number): Promise<VoucherRow[]> {
  return (
    trx
      .selectFrom("vouchers")
      .selectAll()
      .where("state", "=", "received")
      .orderBy("received_at")
      // Within one upload counters order a card's life: where its balance runs out, the later
      // payment waits.
      .orderBy("card")
      .orderBy("counter")
      .orderBy("id")
      .limit(most)
      .forUpdate()
      .skipLocked()
      .execute()
  );
}

/**
 * Vouchers that the vault would skip wait, with the reason; the compensator checks them again and
 * again (spec §6.1).
 */
async function leaveOut(
  trx: DatabaseTransaction,
  vouchers: readonly { readonly id: Uint8Array; readonly reason: SkipReason }[],
): Promise<void> {
  if (vouchers.length === 0) return;
  await sql`
    update vouchers set state = 'skipped', waits_for = left_out.reason, insisted = false
    from unnest(${vouchers.map(({ id }) => id)}::bytea[], ${vouchers.map(({ reason }) => reason)}::text[])
      as left_out (id, reason)
    where vouchers.id = left_out.id and vouchers.state = 'received'`.execute(trx);
}
