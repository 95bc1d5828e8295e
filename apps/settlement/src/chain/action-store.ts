import {
  assertActionEdge,
  type ActionChange,
  type ActionState,
  type ChainAction,
  type ReasonToWait,
  type SenderStore,
  type Signed,
  type StoredTransaction,
} from "@tallystick/evm";
import { equalBytes, toAddress } from "@tallystick/protocol";
import { settleAccessList } from "@tallystick/vault";
import type { Selectable } from "kysely";
import { systemRandom, type Clock } from "../foundation/clock.ts";
import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";
import type { ChainActionsTable } from "../foundation/database/tables/chain-tables.ts";
import { count } from "../foundation/figures/figures.ts";
import { isUuid } from "../foundation/database/uuid.ts";
import { actionState } from "./chain-actions.ts";
import { reasonToWait } from "./reason-to-wait.ts";
import { failedSincePatch, retryAt } from "./refused/retries.ts";
import { lacksTokens } from "./token-needs.ts";
import { countMined, storedTransaction, storeTransaction } from "./transactions/stored-transactions.ts";

type ActionRow = Selectable<ChainActionsTable>;

/** A chain action as the sender has it, with what this service keeps beside it. */
export interface StoredAction extends ChainAction {
  readonly key: string;
  readonly kind: string;
  readonly account: Uint8Array;
  /** Actions that must be mined, or have ended otherwise, before this one has a nonce. */
  readonly after: readonly string[];
  /** Why it waits or has ended, for people. */
  readonly failure: string | null;
  /** Times that it was refused, one after the other. */
  readonly refusals: number;
}

/** What a change of state writes beside the state. */
type ActionPatch = Partial<Omit<ActionRow, "id" | "key" | "kind" | "state" | "changed_at" | "value_wei">>;

const UNMINED = { mined_hash: null, mined_block: null, mined_block_hash: null } as const;

/** Whose actions a store has, and how. */
export interface ActionStoreOptions {
  readonly clock: Clock;
  /** The account whose actions it has, with nonces of its own. */
  readonly account: Uint8Array;
  /** Whether an action of this kind that has no nonce yet is this account's to begin. */
  begins(kind: string, account: Uint8Array): boolean;
  /** From 0 to below 1: spreads when refused actions are tried again. */
  readonly random?: () => number;
  /** Batches name their cards' words (`chain.accessList` of the configuration). */
  readonly accessLists: boolean;
  /**
   * Base units of the token that the account holds now, where all of its actions are transfers of
   * it: then none begins that the account cannot pay.
   */
  tokens?(): Promise<bigint>;
}

/** Chain actions of one account and their signed bytes in PostgreSQL. */
export class ActionStore implements SenderStore<StoredAction> {
  private readonly db: Database;
  private readonly options: ActionStoreOptions;

  constructor(db: Database, options: ActionStoreOptions) {
    this.db = db;
    this.options = options;
  }

  /** Null also for an action of another account, or one that another account has to begin. */
  async load(id: string): Promise<StoredAction | null> {
    const action = isUuid(id) ? await this.read(this.db, id) : null;
    if (action === null || !equalBytes(action.account, this.options.account)) return null;
    return action.state === "planned" && !this.options.begins(action.kind, action.account) ? null : action;
  }

  async reasonToWait(action: StoredAction): Promise<ReasonToWait | null> {
    return await reasonToWait(this.db, action, this.options.tokens);
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

  async reserve(
    action: StoredAction,
    { gas, chainNonce }: { readonly gas: bigint; readonly chainNonce: bigint | null },
  ): Promise<StoredAction | null> {
    const { account } = action;
    const held = await this.options.tokens?.();
    return await this.db.transaction().execute(async (trx) => {
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
      // Asked again under the account's lock: two that begin at once must not both count on the
      // same tokens.
      if (await lacksTokens(trx, action, held)) return null;
      const granted = { nonce, gas, failure: null, refusals: 0 };
      const at = this.options.clock.now();
      if (!(await moveAction(trx, action, { to: "reserved", at, patch: granted }))) return null;
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
      count("tallystick_transactions_total", { kind: action.kind, attempt: "first" });
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
      count("tallystick_transactions_total", { kind: action.kind, attempt: "replacement" });
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
      const { random = systemRandom } = this.options;
      const again = change.to === "refused" ? retryAt(action, { at, random }) : null;
      const retried = again === null ? {} : { retry_at: again, refusals: action.refusals + 1 };
      const moved = await moveAction(trx, action, { to: change.to, at, patch: { ...patchOf(change), ...retried } });
      if (!moved) return null;
      if (change.to === "refused") count("tallystick_refused_actions_total", {});
      if (change.to === "mined" && action.kind === "settle") await countMined(trx, action.id);
      return this.read(trx, action.id);
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

  private async read(db: Database | DatabaseTransaction, id: string): Promise<StoredAction | null> {
    const row = await db.selectFrom("chain_actions").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return null;
    // Older ones belong to a nonce that was given up, or to the account that was to pay before.
    const attempts = await db
      .selectFrom("chain_transactions")
      .selectAll()
      .where("action_id", "=", id)
      .where("nonce", "is not distinct from", row.nonce)
      .where("account", "=", row.account)
      .orderBy("attempt")
      .execute();
    const { accessLists } = this.options;
    return {
      ...{ id, key: row.key, kind: row.kind, account: row.account, after: row.after_actions, failure: row.failure },
      refusals: row.refusals,
      ...{ state: actionState(row), nonce: row.nonce, gas: row.gas, nonceTaken: row.nonce_taken },
      call: {
        to: row.target,
        data: row.data,
        ...(row.value_wei === "0" ? {} : { value: BigInt(row.value_wei) }),
        // Worked out where it is needed: a batch names hundreds of words.
        get accessList() {
          return accessLists && row.kind === "settle" ? settleAccessList(toAddress(row.target), row.data) : [];
        },
      },
      transactions: attempts.map(storedTransaction),
    };
  }
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
  { id, state, account, nonce }: StoredAction,
  { to, at, patch }: { readonly to: ActionState; readonly at: number; readonly patch: ActionPatch },
): Promise<boolean> {
  assertActionEdge(state, to);
  const updated = await trx
    .updateTable("chain_actions")
    .set({ state: to, changed_at: new Date(at), ...failedSincePatch(to, new Date(at)), ...patch })
    .where("id", "=", id)
    .where("state", "=", state)
    // One that another account begins meanwhile must not get a nonce of this one.
    .where("account", "=", account)
    // Nor one that was given up meanwhile, and has another nonce by now in the same state.
    .where("nonce", "is not distinct from", nonce)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}
