import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { publicActionState } from "../../chain/action-views.ts";
import { actionState } from "../../chain/chain-actions.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

export interface BatchView {
  readonly id: string;
  /** planned, sent, mined, final or failed. */
  readonly state: string;
  readonly tx: string | null;
  readonly block: string | null;
  readonly vouchers: number;
  /** Known once the batch is final. */
  readonly paid: number | null;
  readonly skipped: number | null;
  readonly batchRoot: string;
  readonly ledgerRoot: string;
  /** Entries of the ledger's log under that root. */
  readonly ledgerSize: number | null;
  /** The most that settling it may use, as it was simulated; null where it was not. */
  readonly gasEstimate: string | null;
  readonly createdAt: string;
  /** Why it failed, or what it waits for. */
  readonly failure: string | null;
}

export interface BatchMember {
  readonly voucherId: string;
  readonly position: number;
  readonly state: string;
}

/** Batches as operators see them, the newest first. */
@Injectable()
export class BatchViews {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async list(): Promise<readonly BatchView[]> {
    const rows = await this.query().orderBy("batches.created_at", "desc").limit(LIMITS.listRows).execute();
    return rows.map(describe);
  }

  /** Throws Problem NOT_FOUND. */
  async find(id: string): Promise<BatchView & { readonly members: readonly BatchMember[] }> {
    const row = await this.query().where("batches.id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "There is no batch with this id.");
    const members = await this.db
      .selectFrom("vouchers")
      .select(["id", "state", "batch_position"])
      .where("batch_id", "=", id)
      .orderBy("batch_position")
      .execute();
    return {
      ...describe(row),
      members: members.map((member) => ({
        voucherId: toHex(member.id),
        position: member.batch_position ?? 0,
        state: member.state,
      })),
    };
  }

  /** Batches with the state of their chain action. */
  query() {
    return this.db
      .selectFrom("batches")
      .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
      .select([
        "batches.id",
        "batches.state",
        "batches.transaction_hash",
        "batches.block_number",
        "batches.voucher_count",
        "batches.paid",
        "batches.skipped",
        "batches.batch_root",
        "batches.ledger_root",
        "batches.ledger_size",
        "batches.gas_estimate",
        "batches.created_at",
        "chain_actions.id as action_id",
        "chain_actions.state as action_state",
        "chain_actions.mined_hash",
        "chain_actions.mined_block",
        "chain_actions.failure",
      ]);
  }
}

type BatchRow = Awaited<ReturnType<ReturnType<BatchViews["query"]>["executeTakeFirstOrThrow"]>>;

function describe(row: BatchRow): BatchView {
  const tx = row.transaction_hash ?? row.mined_hash;
  const block = row.block_number ?? row.mined_block;
  return {
    id: row.id,
    state: row.state === "open" ? openState(row) : row.state,
    tx: tx === null ? null : toHex(tx),
    block: block === null ? null : block.toString(),
    vouchers: row.voucher_count,
    paid: row.paid,
    skipped: row.skipped,
    batchRoot: toHex(row.batch_root),
    ledgerRoot: toHex(row.ledger_root),
    ledgerSize: row.ledger_size === null ? null : Number(row.ledger_size),
    gasEstimate: row.gas_estimate === null ? null : row.gas_estimate.toString(),
    createdAt: row.created_at.toISOString(),
    failure: row.failure,
  };
}

/**
 * A batch is final when its settlement is recorded, which follows its transaction's finality by one
 * pass of the watcher.
 */
function openState(row: BatchRow): string {
  const state = publicActionState(actionState({ id: row.action_id, state: row.action_state }));
  return state === "final" ? "mined" : state;
}
