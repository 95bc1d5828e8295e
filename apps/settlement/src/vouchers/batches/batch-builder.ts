import { randomUUID } from "node:crypto";
import { Inject, Injectable, Logger } from "@nestjs/common";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { leafHash, treeHead } from "@tallystick/ledger-core";
import { type Domain, toHex } from "@tallystick/protocol";
import { advanceCall, buildBatchPayload, settleCall, type BatchVoucher, type SkipReason } from "@tallystick/vault";
import { sql, type Selectable } from "kysely";
import { createPostgresLedger } from "../../books/ledger/postgres-ledger.ts";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { type VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import { cardRecovery } from "../simulation/card-recovery.ts";
import { planBatch, type BatchPlan, type PlannedAdvance } from "../simulation/plan-batch.ts";
import { readVaultStates } from "../simulation/vault-states.ts";

type VoucherRow = Selectable<VouchersTable>;

/** Advisory lock of the batch builder: one at a time keeps batches full. */
const BUILDER_LOCK = 0x7a11_0001;

/** A batch to be stored. */
interface WantedBatch {
  readonly id?: string;
  readonly vouchers: readonly VoucherRow[];
  /** Actions that it waits for. */
  readonly after?: readonly string[];
  readonly gasEstimate?: bigint | null;
}

/**
 * Puts waiting vouchers into batches, and takes them back from a batch that ended without effect. A
 * batch, its vouchers' states and its chain action are stored in one transaction.
 */
@Injectable()
export class BatchBuilder {
  private readonly log = new Logger(BatchBuilder.name);
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** One pass: first what ended, then what waits. Running it twice, or at once, has one effect. */
  async pass(): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(${BUILDER_LOCK})`.execute(trx);
      await reverseNamed(trx, this.postings);
      await this.takeBackFailed(trx);
      while (await this.buildOne(trx));
    });
  }

  private async buildOne(trx: DatabaseTransaction): Promise<boolean> {
    const waiting = await trx
      .selectFrom("vouchers")
      .selectAll()
      .where("state", "=", "received")
      .orderBy("received_at")
      // Within one upload counters order a card's life: where its balance runs out, the later
      // payment waits.
      .orderBy("card")
      .orderBy("counter")
      .orderBy("id")
      .limit(this.config.batch.maxVouchers)
      .forUpdate()
      .skipLocked()
      .execute();
    const [oldest] = waiting;
    if (oldest === undefined) return false;
    const full = waiting.length >= this.config.batch.maxVouchers;
    const old = this.clock.now() - oldest.received_at.getTime() >= this.config.batch.maxAgeMs;
    if (!full && !old) return false;
    const { chosen, leftOut, advances, gasEstimate } = await this.plan(trx, waiting);
    await leaveOut(
      trx,
      leftOut.map(({ candidate, reason }) => ({ id: at(waiting, candidate).id, reason })),
    );
    if (chosen.length > 0) {
      const id = randomUUID();
      const after = await this.advance(trx, { batch: id, advances, waiting });
      await this.store(trx, { id, vouchers: chosen.map((candidate) => at(waiting, candidate)), after, gasEstimate });
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
      candidates: waiting.map((row) => ({ ...toItem(row), insisted: row.insisted })),
      maxGas: BigInt(this.config.batch.maxGas),
      recover: cardRecovery(this.engine, waiting),
    });
  }

  /**
   * Plans the calls that record unpaid counters, so that the vault does not skip a voucher far
   * ahead of them (spec §7.7).
   */
  private async advance(
    trx: DatabaseTransaction,
    {
      batch,
      advances,
      waiting,
    }: { batch: string; advances: readonly PlannedAdvance[]; waiting: readonly VoucherRow[] },
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const { candidate, words, after } of advances) {
      const { id, message, signature, parity } = at(waiting, candidate);
      const before = after === null ? undefined : ids[after];
      const action = {
        key: `advance:${batch}:${toHex(id)}`,
        kind: "advance" as const,
        target: this.contract.vault,
        data: advanceCall({ message, signature, parity: parity === 1 ? 1 : 0 }, words),
      };
      ids.push(await this.actions.plan(trx, before === undefined ? action : { ...action, after: [before] }));
    }
    return ids;
  }

  private async store(trx: DatabaseTransaction, wanted: WantedBatch): Promise<void> {
    const { id = randomUUID(), vouchers, after = [], gasEstimate = null } = wanted;
    const books = await createPostgresLedger(trx).log.seal();
    const ledgerRoot = books.root;
    const first = buildBatchPayload({
      batchRoot: new Uint8Array(32),
      ledgerRoot,
      vouchers: vouchers.map(toItem),
    });
    const ordered = first.order.map((index) => at(vouchers, index));
    const batchRoot = treeHead(ordered.map((voucher) => leafHash(voucher.id)));
    const { payload } = buildBatchPayload({ batchRoot, ledgerRoot, vouchers: ordered.map(toItem) });
    const actionId = await this.actions.plan(trx, {
      key: `settle:${id}`,
      kind: "settle",
      target: this.contract.vault,
      data: settleCall(payload),
      after,
    });
    await trx
      .insertInto("batches")
      .values({
        id,
        state: "open",
        action_id: actionId,
        payload,
        payload_hash: keccak_256(payload),
        batch_root: batchRoot,
        ledger_root: ledgerRoot,
        ledger_size: books.size === 0 ? null : BigInt(books.size),
        voucher_count: ordered.length,
        gas_estimate: gasEstimate,
        result: null,
        paid: null,
        skipped: null,
        transaction_hash: null,
        block_number: null,
        created_at: new Date(this.clock.now()),
      })
      .execute();
    const positions = ordered.map((voucher, position) => ({ id: voucher.id, position }));
    await sql`
      update vouchers
      set state = 'batched', batch_id = ${id}, batch_position = placed.position, waits_for = null, insisted = false
      from unnest(${positions.map((row) => row.id)}::bytea[], ${positions.map((row) => row.position)}::int[])
        as placed (id, position)
      where vouchers.id = placed.id and vouchers.state = 'received'`.execute(trx);
  }

  /**
   * A batch whose action ended without effect gives its vouchers back; one that could not be
   * simulated is halved.
   */
  private async takeBackFailed(trx: DatabaseTransaction): Promise<void> {
    const ended = await trx
      .selectFrom("batches")
      .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
      .select(["batches.id", "chain_actions.state", "chain_actions.failure"])
      .where("batches.state", "=", "open")
      .where("chain_actions.state", "in", ["failed", "refused"])
      .forUpdate("batches")
      .execute();
    for (const batch of ended) {
      this.log.error(`Batch ${batch.id} ended as ${batch.state}: ${batch.failure ?? "status 0"}`);
      await trx.updateTable("batches").set({ state: "failed" }).where("id", "=", batch.id).execute();
      const returned = await trx
        .updateTable("vouchers")
        .set((update) => ({
          state: "received",
          attempts: update("attempts", "+", 1),
          batch_id: null,
          batch_position: null,
        }))
        .where("batch_id", "=", batch.id)
        .where("state", "=", "batched")
        .returningAll()
        .execute();
      // A terminal may have reversed some of them while the batch was under way (spec §6.2).
      const reversed = new Set((await reverseNamed(trx, this.postings)).map(({ id }) => toHex(id)));
      await this.halve(
        trx,
        returned.filter(({ id }) => !reversed.has(toHex(id))),
      );
    }
  }

  private async halve(trx: DatabaseTransaction, members: readonly VoucherRow[]): Promise<void> {
    const [only] = members;
    if (members.length === 1 && only !== undefined) {
      if (only.attempts >= LIMITS.voucherAttempts) {
        await trx.updateTable("vouchers").set({ state: "skipped" }).where("id", "=", only.id).execute();
        return;
      }
      await this.store(trx, { vouchers: members });
      return;
    }
    const middle = Math.ceil(members.length / 2);
    for (const half of [members.slice(0, middle), members.slice(middle)]) {
      if (half.length > 0) await this.store(trx, { vouchers: half });
    }
  }
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

function toItem(row: VoucherRow): BatchVoucher {
  return {
    card: row.card,
    payee: row.payee,
    counter: Number(row.counter),
    amount: row.amount_units,
    context: row.message.subarray(62),
    signature: row.signature,
    parity: row.parity === 1 ? 1 : 0,
  };
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`The payload names item ${index}, which was not given.`);
  return value;
}
