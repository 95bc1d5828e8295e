import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc, TransactionCost } from "@tallystick/evm";
import type { Domain } from "@tallystick/protocol";
import { sql } from "kysely";
import { postGas, postGasMoved, postGasOpening } from "../../books/gas/gas-postings.ts";
import { CHAIN_RPC } from "../../chain/chain-connections.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { feeShares } from "./fee-shares.ts";
import { FEE_ACCOUNTS, FEE_AGAIN_MS, FEE_NONCES } from "./limits.ts";

/** What the fees ask of a node. */
export type FeeRpc = Pick<ChainRpc, "balance" | "block" | "transactionCost" | "transactionCount">;

interface OpenedAccount {
  readonly account: Uint8Array;
  readonly openedBlock: bigint;
}

interface Attempts {
  readonly nonce: bigint;
  /** The newest first: the dearest one is the likeliest to stand in a block. */
  readonly hashes: readonly Uint8Array[];
}

/**
 * Books what transactions cost, each once: also those that a block undid, and of several attempts
 * with one nonce the one that stands in a block. It goes by nonces that a final block has used, so
 * that an action which was tried again has the costs of every try. Who paid is what the receipt
 * says.
 */
@Injectable()
export class GasFees {
  /** Where the next pass goes on, for nonces whose receipt the node does not show. */
  readonly #after = new Map<string, bigint>();
  /** Accounts of which everything that is left is unknown: how many nonces were used, and when they are asked for again. */
  readonly #unknown = new Map<string, { readonly used: bigint; readonly untilMs: number }>();

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: FeeRpc,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Books some; answers how many. Rejects with RpcError while the node does not answer. */
  async pass(): Promise<number> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined) return 0;
    const { rows } = await sql<{ account: Uint8Array }>`
      select distinct account from chain_transactions where not fee_booked limit ${FEE_ACCOUNTS}::int`.execute(this.db);
    let booked = 0;
    for (const { account } of rows) booked += await this.bookAccount(account, cursor.block_number);
    return booked;
  }

  private async bookAccount(account: Uint8Array, block: bigint): Promise<number> {
    const opened = await this.open(account, block);
    const used = await this.rpc.transactionCount(account, block);
    const name = Buffer.from(account).toString("hex");
    const unknown = this.#unknown.get(name);
    if (unknown?.used === used && this.clock.now() < unknown.untilMs) return 0;
    const after = this.#after.get(name) ?? -1n;
    const { rows } = await sql<Attempts>`
      select nonce, array_agg(hash order by attempt desc) as hashes from chain_transactions
      where not fee_booked and account = ${account} and nonce < ${used} and nonce > ${after}
      group by nonce order by nonce limit ${FEE_NONCES}::int`.execute(this.db);
    let booked = 0;
    for (const attempts of rows) {
      const cost = await this.costOf(attempts, block);
      if (cost !== null && (await this.book(opened, attempts.nonce, cost))) booked += 1;
    }
    const last = rows.at(-1)?.nonce;
    if (last !== undefined && rows.length === FEE_NONCES) {
      this.#after.set(name, last);
      return booked;
    }
    this.#after.delete(name);
    if (booked === 0) this.#unknown.set(name, { used, untilMs: this.clock.now() + FEE_AGAIN_MS });
    return booked;
  }

  /** Null where none of them stands in a final block: a transaction from elsewhere used the nonce. */
  private async costOf({ hashes }: Attempts, block: bigint): Promise<TransactionCost | null> {
    for (const hash of hashes) {
      const cost = await this.rpc.transactionCost(hash);
      if (cost !== null && cost.blockNumber <= block) return cost;
    }
    return null;
  }

  /** What an account has, and how many nonces it has used, when its costs are first booked. */
  private async open(account: Uint8Array, block: bigint): Promise<OpenedAccount> {
    const known = await openedAccount(this.db, account);
    if (known !== null) return known;
    const [wei, nonce] = await Promise.all([
      this.rpc.balance(account, block),
      this.rpc.transactionCount(account, block),
    ]);
    await retryingTransaction(this.db, async (trx) => {
      const inserted = await trx
        .insertInto("gas_accounts")
        .values({ account, opened_block: block, opened_nonce: nonce, opened_wei: wei.toString() })
        .onConflict((conflict) => conflict.column("account").doNothing())
        .returning("account")
        .executeTakeFirst();
      if (inserted !== undefined) await postGasOpening(trx, { account, wei, atMs: this.clock.now() });
    });
    const opened = await openedAccount(this.db, account);
    if (opened === null) throw new Error("A gas account was opened and is not there.");
    return opened;
  }

  private async book(opened: OpenedAccount, nonce: bigint, cost: TransactionCost): Promise<boolean> {
    const block = await this.rpc.block(cost.blockNumber);
    if (block === null || !Buffer.from(block.hash).equals(cost.blockHash)) return false;
    const minedAt = new Date(Number(block.timestamp) * 1_000);
    return await retryingTransaction(this.db, async (trx) => await this.store(trx, { opened, nonce, cost, minedAt }));
  }

  private async store(
    trx: DatabaseTransaction,
    fee: {
      readonly opened: OpenedAccount;
      readonly nonce: bigint;
      readonly cost: TransactionCost;
      readonly minedAt: Date;
    },
  ): Promise<boolean> {
    const { opened, nonce, cost, minedAt } = fee;
    const { transactionHash: tx, from, gasUsed, gasPriceWei, otherWei, blockNumber, succeeded } = cost;
    const action = await trx
      .selectFrom("chain_transactions")
      .innerJoin("chain_actions", "chain_actions.id", "chain_transactions.action_id")
      .select(["chain_actions.id", "chain_actions.key", "chain_actions.kind"])
      .select(["chain_actions.target", "chain_actions.value_wei"])
      .where("chain_transactions.hash", "=", tx)
      .executeTakeFirstOrThrow();
    const wei = gasUsed * gasPriceWei + otherWei;
    const atMs = this.clock.now();
    const inserted = await trx
      .insertInto("chain_fees")
      .values({
        ...{ transaction_hash: tx, action_id: action.id, kind: action.kind, account: from, nonce, succeeded },
        ...{ block_number: blockNumber, mined_at: minedAt, gas_used: gasUsed, gas_price_wei: gasPriceWei.toString() },
        ...{ other_wei: otherWei.toString(), fee_wei: wei.toString(), booked_at: new Date(atMs) },
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("transaction_hash")
      .executeTakeFirst();
    await trx
      .updateTable("chain_transactions")
      .set({ fee_booked: true })
      .where("account", "=", opened.account)
      .where("nonce", "=", nonce)
      .execute();
    if (inserted === undefined) return false;
    const shares = await feeShares(trx, action.key, { wei, domain: this.domain });
    const owned = shares.filter(({ voucher, payee }) => voucher !== null || payee !== null);
    if (owned.length > 0) {
      const rows = owned.map((share, place) => ({
        ...{ transaction_hash: tx, place, voucher_id: share.voucher, payee: share.payee, wei: share.wei.toString() },
      }));
      await trx.insertInto("fee_shares").values(rows).execute();
    }
    const beforeOpening = blockNumber <= opened.openedBlock;
    await postGas(trx, { tx, account: from, kind: action.kind, wei, beforeOpening, atMs });
    const value = succeeded ? BigInt(action.value_wei) : 0n;
    const receiver = await openedAccount(trx, action.target);
    // An opening after the block holds what came by it.
    const to = receiver !== null && receiver.openedBlock < blockNumber ? receiver.account : null;
    await postGasMoved(trx, { tx, from: beforeOpening ? null : from, to, wei: value, atMs });
    return true;
  }
}

async function openedAccount(db: Database | DatabaseTransaction, account: Uint8Array): Promise<OpenedAccount | null> {
  const row = await db
    .selectFrom("gas_accounts")
    .select("opened_block")
    .where("account", "=", account)
    .executeTakeFirst();
  return row === undefined ? null : { account, openedBlock: row.opened_block };
}
