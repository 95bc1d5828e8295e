import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { isActionState, SETTLED_ACTION_STATES, type ActionState } from "@tallystick/evm";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { enqueue } from "../foundation/outbox/outbox.ts";
import { ISSUER_SIGNERS } from "./chain-connections.ts";
import { signerOf, type IssuerSigners } from "./issuer-signers.ts";

/** Every kind of action that goes to the chain. */
export type ActionKind =
  | "approve"
  | "open"
  | "fund"
  | "settle"
  | "advance"
  | "withdraw"
  | "compensate"
  | "convict"
  | "return"
  | "request-withdrawal"
  | "withdraw-card"
  | "first-unit"
  | "sweep-tokens"
  | "sweep-coin";

export interface PlannedAction {
  /**
   * From the domain ("fund:…", "settle:…"): the same key is the same action, however often it is
   * planned.
   */
  readonly key: string;
  readonly kind: ActionKind;
  readonly target: Uint8Array;
  readonly data: Uint8Array;
  /** Wei that go along. */
  readonly value?: bigint;
  /** Whose it is, where no other account can do it. */
  readonly account?: Uint8Array;
  /** Wait until each of these actions is mined or has ended otherwise. */
  readonly after?: readonly string[];
}

/** A key was planned before with other bytes: a fault of the caller. */
export class ActionKeyReused extends Error {
  readonly code = "ACTION_KEY_REUSED";
}

/**
 * Plans transactions in the caller's database transaction, so that the reason and its action are
 * stored together.
 */
@Injectable()
export class ChainActions {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
  ) {}

  /** The treasury's address. */
  get treasury(): Uint8Array {
    return this.signers.treasury.address;
  }

  /**
   * Stores the action and its wake-up call; returns its id, or that of the same action planned
   * before.
   */
  async plan(trx: DatabaseTransaction, action: PlannedAction): Promise<string> {
    const id = randomUUID();
    const now = new Date(this.clock.now());
    const signer = signerOf(action.kind, this.signers, action.account);
    if (signer === null) throw new Error(`The account that pays the action ${action.key} has no key.`);
    const inserted = await trx
      .insertInto("chain_actions")
      .values({
        id,
        key: action.key,
        kind: action.kind,
        account: signer.address,
        target: action.target,
        data: action.data,
        value_wei: (action.value ?? 0n).toString(),
        after_actions: [...(action.after ?? [])],
        state: "planned",
        nonce: null,
        gas: null,
        failure: null,
        mined_hash: null,
        mined_block: null,
        mined_block_hash: null,
        created_at: now,
        changed_at: now,
      })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (inserted !== undefined) {
      await enqueue(trx, "send", inserted.id, now);
      return inserted.id;
    }
    const existing = await trx
      .selectFrom("chain_actions")
      .select(["id", "target", "data"])
      .where("key", "=", action.key)
      .executeTakeFirstOrThrow();
    if (!Buffer.from(existing.target).equals(action.target) || !Buffer.from(existing.data).equals(action.data)) {
      throw new ActionKeyReused(`The action ${action.key} is planned already with other bytes.`);
    }
    return existing.id;
  }
}

/**
 * Ids of the actions that have not ended, the oldest first: some of each account, so that many that
 * wait at one do not hide those of the other.
 */
export async function openActions(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from (
      select id, created_at, row_number() over (partition by account order by created_at, id) as place
      from chain_actions where state <> all (${[...SETTLED_ACTION_STATES]}::text[])) as open
    where place <= ${LIMITS.senderActions} order by created_at, id`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Plans an action again that ended without effect: it was refused before it had a nonce, or its
 * transaction is final with status 0. It cannot have two effects, because its old bytes can never
 * be mined again.
 */
export async function replanAction(trx: DatabaseTransaction, id: string, at: Date): Promise<void> {
  await trx
    .updateTable("chain_actions")
    .set({
      state: "planned",
      nonce: null,
      gas: null,
      nonce_taken: false,
      mined_hash: null,
      mined_block: null,
      mined_block_hash: null,
      // Whoever plans it again wants it: where it fails once more, that is shown.
      ...{ abandoned_at: null, retry_at: null },
      changed_at: at,
    })
    .where("id", "=", id)
    .where("state", "in", ["refused", "failed"])
    .execute();
}

/** Ends an action that has no nonce yet, as refused: nothing of it was ever signed. */
export async function dropPlannedAction(
  trx: DatabaseTransaction,
  id: string,
  { at, failure }: { readonly at: Date; readonly failure: string },
): Promise<void> {
  await trx
    .updateTable("chain_actions")
    .set({ state: "refused", failure, changed_at: at })
    .where("id", "=", id)
    .where("state", "=", "planned")
    .execute();
}

/** The state of a row, checked: a value outside the table means a newer program wrote it. */
export function actionState(action: { readonly id: string; readonly state: string }): ActionState {
  if (!isActionState(action.state)) throw new Error(`The action ${action.id} has the unknown state ${action.state}.`);
  return action.state;
}
