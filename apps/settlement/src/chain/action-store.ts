import {
  assertActionEdge,
  type ActionChange,
  type ActionState,
  type ChainAction,
  type SenderStore,
  type Signed,
  type StoredTransaction,
} from "@tallystick/evm";
import { toAddress } from "@tallystick/protocol";
import { settleAccessList } from "@tallystick/vault";
import type { Selectable } from "kysely";
import type { Clock } from "../foundation/clock.ts";
import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";
import type { ChainActionsTable, ChainTransactionsTable } from "../foundation/database/tables/chain-tables.ts";
import { isUuid } from "../foundation/database/uuid.ts";
import { actionState } from "./chain-actions.ts";

type ActionRow = Selectable<ChainActionsTable>;

/** A chain action as the sender has it, with what this service keeps beside it. */
export interface StoredAction extends ChainAction {
  readonly key: string;
  readonly account: Uint8Array;
  /** Actions that must be mined, or have ended otherwise, before this one has a nonce. */
  readonly after: readonly string[];
  /** Why it waits or has ended, for people. */
  readonly failure: string | null;
}

/** What a change of state writes beside the state. */
type ActionPatch = Partial<
  Pick<ActionRow, "nonce" | "gas" | "nonce_taken" | "failure" | "mined_hash" | "mined_block" | "mined_block_hash">
>;

const UNMINED = { mined_hash: null, mined_block: null, mined_block_hash: null } as const;

/** Chain actions and their signed bytes in PostgreSQL. */
export class ActionStore implements SenderStore<StoredAction> {
  private readonly db: Database;
  private readonly clock: Clock;
  private readonly accessLists: boolean;

  /** `accessLists`: batches name their cards' words (`chain.accessList` of the configuration). */
  constructor(db: Database, { clock, accessLists }: { readonly clock: Clock; readonly accessLists: boolean }) {
    this.db = db;
    this.clock = clock;
    this.accessLists = accessLists;
  }

  async load(id: string): Promise<StoredAction | null> {
    return isUuid(id) ? await this.read(this.db, id) : null;
  }

  async reasonToWait({ after }: StoredAction): Promise<"WAITING_FOR_ACTIONS" | null> {
    if (after.length === 0) return null;
    const open = await this.db
      .selectFrom("chain_actions")
      .select("id")
      .where("id", "in", after)
      .where("state", "in", ["planned", "reserved", "signed", "broadcast"])
      .limit(1)
      .executeTakeFirst();
    return open === undefined ? null : "WAITING_FOR_ACTIONS";
  }

  /** The account's first nonce is the chain's; afterwards the store alone knows the next one. */
  async nonceSource({ account }: StoredAction): Promise<"latest" | null> {
    const known = await this.db
      .selectFrom("chain_accounts")
      .select("next_nonce")
      .where("address", "=", account)
      .executeTakeFirst();
    return known === undefined ? "latest" : null;
  }

  reserve(
    action: StoredAction,
    { gas, chainNonce }: { readonly gas: bigint; readonly chainNonce: bigint | null },
  ): Promise<StoredAction | null> {
    const { account } = action;
    return this.db.transaction().execute(async (trx) => {
      if (chainNonce !== null) {
        await trx
          .insertInto("chain_accounts")
          .values({ address: account, next_nonce: chainNonce })
          .onConflict((conflict) => conflict.column("address").doNothing())
          .execute();
      }
      const { next_nonce: nonce } = await trx
        .selectFrom("chain_accounts")
        .select("next_nonce")
        .where("address", "=", account)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const granted = { nonce, gas, failure: null };
      if (!(await moveAction(trx, action, { to: "reserved", at: this.clock.now(), patch: granted }))) return null;
      await trx
        .updateTable("chain_accounts")
        .set({ next_nonce: nonce + 1n })
        .where("address", "=", account)
        .execute();
      return this.read(trx, action.id);
    });
  }

  keepFirst(action: StoredAction, signed: Signed, at: number): Promise<StoredAction | null> {
    return this.db.transaction().execute(async (trx) => {
      if (!(await moveAction(trx, action, { to: "signed", at, patch: {} }))) return null;
      await storeTransaction(trx, action, { ...signed, at });
      return this.read(trx, action.id);
    });
  }

  keepReplacement(action: StoredAction, signed: Signed, at: number): Promise<StoredAction | null> {
    return this.db.transaction().execute(async (trx) => {
      await trx.selectFrom("chain_actions").select("id").where("id", "=", action.id).forUpdate().execute();
      const present = await this.read(trx, action.id);
      const same =
        present?.state === action.state &&
        present.nonce === action.nonce &&
        present.transactions.length === action.transactions.length;
      if (!same) return null;
      await storeTransaction(trx, action, { ...signed, at });
      return this.read(trx, action.id);
    });
  }

  async markSent(action: StoredAction, hash: Uint8Array, at: number): Promise<StoredAction> {
    await this.db
      .updateTable("chain_transactions")
      .set({ sent_at: new Date(at) })
      .where("hash", "=", hash)
      .execute();
    const mark = (stored: StoredTransaction): StoredTransaction =>
      Buffer.from(stored.hash).equals(hash) ? { ...stored, sentAt: at } : stored;
    return { ...action, transactions: action.transactions.map(mark) };
  }

  move(action: StoredAction, change: ActionChange, at: number): Promise<StoredAction | null> {
    return this.db.transaction().execute(async (trx) => {
      const moved = await moveAction(trx, action, { to: change.to, at, patch: patchOf(change) });
      return moved ? this.read(trx, action.id) : null;
    });
  }

  async suspectNonce(action: StoredAction, taken: boolean, at: number): Promise<StoredAction | null> {
    const updated = await this.db
      .updateTable("chain_actions")
      .set({ nonce_taken: taken, changed_at: new Date(at) })
      .where("id", "=", action.id)
      .where("state", "=", action.state)
      .where("nonce", "is not distinct from", action.nonce)
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n ? { ...action, nonceTaken: taken } : null;
  }

  giveUpNonce(action: StoredAction, chainNonce: bigint, at: number): Promise<StoredAction | null> {
    return this.db.transaction().execute(async (trx) => {
      const patch = { nonce: null, gas: null, nonce_taken: false, failure: "NONCE_TAKEN" };
      if (!(await moveAction(trx, action, { to: "planned", at, patch }))) return null;
      await trx
        .updateTable("chain_accounts")
        .set((update) => ({ next_nonce: update.fn("greatest", ["next_nonce", update.val(chainNonce)]) }))
        .where("address", "=", action.account)
        .execute();
      return this.read(trx, action.id);
    });
  }

  /** Keeps why an action waits. */
  async recordFailure({ id }: Pick<StoredAction, "id">, failure: string): Promise<void> {
    await this.db.updateTable("chain_actions").set({ failure }).where("id", "=", id).execute();
  }

  private async read(db: Database | DatabaseTransaction, id: string): Promise<StoredAction | null> {
    const row = await db.selectFrom("chain_actions").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return null;
    // Older ones belong to a nonce that was given up.
    const attempts = await db
      .selectFrom("chain_transactions")
      .selectAll()
      .where("action_id", "=", id)
      .where("nonce", "is not distinct from", row.nonce)
      .orderBy("attempt")
      .execute();
    const { accessLists } = this;
    return {
      ...{ id, key: row.key, account: row.account, after: row.after_actions, failure: row.failure },
      ...{ state: actionState(row), nonce: row.nonce, gas: row.gas, nonceTaken: row.nonce_taken },
      call: {
        to: row.target,
        data: row.data,
        // Worked out where it is needed: a batch names hundreds of words.
        get accessList() {
          return accessLists && row.kind === "settle" ? settleAccessList(toAddress(row.target), row.data) : [];
        },
      },
      transactions: attempts.map(storedTransaction),
    };
  }
}

function storedTransaction(row: Selectable<ChainTransactionsTable>): StoredTransaction {
  return {
    ...{ raw: row.raw, hash: row.hash },
    ...{ maxFee: BigInt(row.max_fee), priorityFee: BigInt(row.priority_fee) },
    ...{ storedAt: row.stored_at.getTime(), sentAt: row.sent_at?.getTime() ?? null },
  };
}

function patchOf(change: ActionChange): ActionPatch {
  switch (change.to) {
    case "refused":
      return { failure: `${change.code}: ${change.detail}` };
    case "broadcast":
      return change.dropped ? { ...UNMINED, failure: "DROPPED" } : { failure: null };
    case "mined":
    case "final":
    case "failed": {
      const { transactionHash, blockNumber, blockHash } = change.receipt;
      const mined = { mined_hash: transactionHash, mined_block: blockNumber, mined_block_hash: blockHash };
      return { ...mined, nonce_taken: false, failure: null };
    }
  }
}

/** Moves an action along one edge by compare and set; false when another process moved it first. */
async function moveAction(
  trx: DatabaseTransaction,
  { id, state }: StoredAction,
  { to, at, patch }: { readonly to: ActionState; readonly at: number; readonly patch: ActionPatch },
): Promise<boolean> {
  assertActionEdge(state, to);
  const updated = await trx
    .updateTable("chain_actions")
    .set({ state: to, changed_at: new Date(at), ...patch })
    .where("id", "=", id)
    .where("state", "=", state)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** Stores one more attempt of an action. */
async function storeTransaction(
  trx: DatabaseTransaction,
  { id, nonce, gas }: StoredAction,
  { hash, raw, maxFee, priorityFee, at }: Signed & { readonly at: number },
): Promise<void> {
  if (nonce === null || gas === null) throw new Error(`The action ${id} has no nonce.`);
  const last = await trx
    .selectFrom("chain_transactions")
    .select((select) => select.fn.max("attempt").as("attempt"))
    .where("action_id", "=", id)
    .executeTakeFirst();
  await trx
    .insertInto("chain_transactions")
    .values({
      ...{ hash, action_id: id, attempt: (last?.attempt ?? 0) + 1, nonce, raw, gas },
      ...{ max_fee: maxFee, priority_fee: priorityFee, stored_at: new Date(at), sent_at: null },
    })
    .execute();
}
