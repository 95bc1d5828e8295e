import { Inject, Injectable } from "@nestjs/common";
import { isRpcError, type ChainRpc } from "@tallystick/evm";
import { decodeReturnOrder } from "@tallystick/protocol";
import { sql } from "kysely";
import { publicActionState, type ActionView } from "../../chain/action-views.ts";
import { actionState, ChainActions, replanAction } from "../../chain/chain-actions.ts";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { DAY_MS } from "../../foundation/limits/limits.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { returnActionKey, returnCallOf, type ReturnCall } from "./return-call.ts";
import type { TrustedRequest } from "./trusted-request.ts";

/** An order with its chain action. */
interface KnownOrder extends ActionView {
  readonly totalUnits: bigint;
  readonly ended: boolean;
  /** It ended, and moved nothing. */
  readonly withoutEffect: boolean;
}

/** The contract's name for a release that other counters stand before (spec §7.7). */
const ADVANCE = "Advance";

/** Sends what terminals order as their payees' delegates, and pays the gas (spec §6.13, §7.11). */
@Injectable()
export class ReturnOrders {
  private readonly engine = createNativeEngine();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Answers the chain action of an order, planned now or before. Throws ProtocolError for a body
   * that is none, Problem REFUND_ORDER_REFUSED or REFUND_QUOTA, and RpcError.
   */
  async order(trusted: TrustedRequest): Promise<ActionView> {
    const order = decodeReturnOrder(trusted.body);
    const context = { engine: this.engine, now: Math.floor(this.clock.now() / 1_000) };
    const call = returnCallOf(order, trusted, context);
    // An order that was planned in time is answered after its deadline as well.
    const known = typeof call === "string" ? null : await this.knownOf(this.db, call);
    if (known !== null && !known.withoutEffect) return known;
    if (typeof call === "string") throw refusal(call);
    const covering = coveringOf(await this.openOf(this.db, call.voucherId), call);
    if (covering !== undefined) return covering;
    const needsAdvance = await this.simulate(call);
    return retryingTransaction(this.db, (trx) => this.plan(trx, call, { trusted, needsAdvance }));
  }

  /** Whether other counters must be recorded first. Throws Problem REFUND_ORDER_REFUSED. */
  private async simulate({ data, advance }: ReturnCall): Promise<boolean> {
    try {
      await this.rpc.call({ to: this.contract.vault, data }, "latest");
      return false;
    } catch (error) {
      if (!isRpcError(error, "REVERTED")) throw error;
      if (error.reason === ADVANCE && advance !== null) return true;
      throw refusal(error.reason ?? "unknown");
    }
  }

  private async plan(
    trx: DatabaseTransaction,
    call: ReturnCall,
    { trusted, needsAdvance }: { readonly trusted: TrustedRequest; readonly needsAdvance: boolean },
  ): Promise<ActionView> {
    // One order of a payee after the other: two must not both fit into the rest of its quota.
    const name = Buffer.from(trusted.request.payee).toString("hex");
    await sql`select pg_advisory_xact_lock(hashtextextended(${`return:${name}`}, 0))`.execute(trx);
    const known = await this.knownOf(trx, call);
    if (known !== null && !known.withoutEffect) return known;
    const open = await this.openOf(trx, call.voucherId);
    const covering = coveringOf(open, call);
    if (covering !== undefined) return covering;
    await this.assertQuota(trx, trusted.request.payee);
    const at = new Date(this.clock.now());
    const after = open.map(({ id }) => id);
    if (needsAdvance && call.advance !== null) after.push(await this.planAdvance(trx, call, call.advance));
    if (known !== null) return this.tryAgain(trx, call, at);
    const target = this.contract.vault;
    const id = await this.actions.plan(trx, {
      ...{ key: returnActionKey(call), kind: "return", target, data: call.data, after },
    });
    const { payee, terminalId } = trusted.request;
    await trx
      .insertInto("return_orders")
      .values({
        ...{ order_hash: call.hash, kind: call.kind, payee, terminal_id: terminalId, voucher_id: call.voucherId },
        ...{ total_units: call.total, action_id: id, ordered_at: at },
      })
      .execute();
    return this.viewOf(trx, call);
  }

  private planAdvance(trx: DatabaseTransaction, call: ReturnCall, data: Uint8Array): Promise<string> {
    const key = `advance:${returnActionKey(call)}`;
    return this.actions.plan(trx, { key, kind: "advance", target: this.contract.vault, data });
  }

  private async tryAgain(trx: DatabaseTransaction, call: ReturnCall, at: Date): Promise<ActionView> {
    const { action_id: id } = await trx
      .updateTable("return_orders")
      .set((update) => ({ attempts: update("attempts", "+", 1), ordered_at: at }))
      .where("order_hash", "=", call.hash)
      .returning("action_id")
      .executeTakeFirstOrThrow();
    await replanAction(trx, id, at);
    await enqueue(trx, "send", id, at);
    return this.viewOf(trx, call);
  }

  private async assertQuota(trx: DatabaseTransaction, payee: Uint8Array): Promise<void> {
    const now = this.clock.now();
    const { planned, oldest } = await trx
      .selectFrom("return_orders")
      .select((select) => [
        select.fn.sum<string | null>("attempts").as("planned"),
        select.fn.min("ordered_at").as("oldest"),
      ])
      .where("payee", "=", payee)
      .where("ordered_at", ">", new Date(now - DAY_MS))
      .executeTakeFirstOrThrow();
    if (Number(planned ?? 0) < this.config.refundOrdersPerDay) return;
    const freeAt = (oldest?.getTime() ?? now) + DAY_MS;
    throw new Problem("REFUND_QUOTA", "Order again later, or send the order to the vault with ether of your own.", {
      retryAfterSeconds: Math.max(1, Math.ceil((freeAt - now) / 1_000)),
    });
  }

  private async viewOf(trx: DatabaseTransaction, call: ReturnCall): Promise<ActionView> {
    const view = await this.knownOf(trx, call);
    if (view === null) throw new Error("The order was not stored.");
    return view;
  }

  private async knownOf(db: Database | DatabaseTransaction, { hash }: ReturnCall): Promise<KnownOrder | null> {
    const row = await orders(db).where("return_orders.order_hash", "=", hash).executeTakeFirst();
    return row === undefined ? null : knownOrder(row);
  }

  /** Orders of a voucher whose actions have not ended, oldest first. */
  private async openOf(db: Database | DatabaseTransaction, voucherId: Uint8Array): Promise<readonly KnownOrder[]> {
    const rows = await orders(db)
      .where("return_orders.voucher_id", "=", voucherId)
      .orderBy("return_orders.ordered_at")
      .execute();
    return rows.map(knownOrder).filter(({ ended }) => !ended);
  }
}

interface OrderRow {
  readonly id: string;
  readonly state: string;
  readonly mined_hash: Uint8Array | null;
  readonly total_units: bigint;
}

function orders(db: Database | DatabaseTransaction) {
  return db
    .selectFrom("return_orders")
    .innerJoin("chain_actions", "chain_actions.id", "return_orders.action_id")
    .select(["chain_actions.id", "chain_actions.state", "chain_actions.mined_hash", "return_orders.total_units"]);
}

function knownOrder(row: OrderRow): KnownOrder {
  const state = actionState(row);
  const withoutEffect = state === "refused" || state === "failed";
  return {
    ...{ id: row.id, state: publicActionState(state), tx: row.mined_hash, totalUnits: row.total_units },
    ...{ withoutEffect, ended: withoutEffect || state === "final" },
  };
}

/** An open order that gives back at least as much of the voucher. */
function coveringOf(open: readonly KnownOrder[], { total }: ReturnCall): KnownOrder | undefined {
  return open.find(({ totalUnits }) => totalUnits >= total);
}

/** Named by the vault's own name for it, which stands in the answer as `reason`. */
function refusal(reason: string): Problem {
  return new Problem("REFUND_ORDER_REFUSED", `The vault answers ${reason}; nothing was sent.`, {
    members: { reason },
  });
}
