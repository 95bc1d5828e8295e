import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql, type RawBuilder } from "kysely";
import { CHAIN_RPC } from "../../chain/chain-connections.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { Period } from "../periods/period.ts";
import type { FeeGroup, FeesAnswer, GasAccounts, VoucherFees } from "./fee-answers.ts";

interface GroupRow {
  readonly key: string;
  readonly transactions: string;
  readonly vouchers: string | null;
  readonly wei: string;
}

/** What transactions cost, by whom and for whom. */
@Injectable()
export class FeeReports {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: Pick<ChainRpc, "balance" | "transactionCount">,
  ) {}

  /** Sums of the transactions whose blocks are of the period. */
  async period({ from, to, fromMs, endMs }: Period, by: FeeGroup): Promise<FeesAnswer> {
    const within = sql`f.mined_at >= ${new Date(fromMs)} and f.mined_at < ${new Date(endMs)}`;
    const [total, groups] = await Promise.all([
      sql<{ transactions: string; wei: string }>`
        select count(*)::text as transactions, coalesce(sum(fee_wei), 0)::text as wei
        from chain_fees f where ${within}`.execute(this.db),
      sql<GroupRow>`${groupsBy(by, within)} order by sum(g.wei) desc, g.key limit ${LIMITS.listRows}::int`.execute(
        this.db,
      ),
    ]);
    const { transactions = "0", wei = "0" } = total.rows[0] ?? {};
    const rows = groups.rows.map((row) => ({
      ...{ key: row.key, transactions: Number(row.transactions), wei: row.wei },
      vouchers: row.vouchers === null ? null : Number(row.vouchers),
    }));
    const others = BigInt(wei) - rows.reduce((sum, row) => sum + BigInt(row.wei), 0n);
    return { from, to, by, transactions: Number(transactions), wei, rows, others: { wei: others.toString() } };
  }

  /** A voucher's parts of transactions, the oldest first. */
  async voucher(id: Uint8Array): Promise<VoucherFees> {
    const rows = await this.db
      .selectFrom("fee_shares")
      .innerJoin("chain_fees", "chain_fees.transaction_hash", "fee_shares.transaction_hash")
      .select(["chain_fees.transaction_hash", "kind", "succeeded", "mined_at", "wei"])
      .where("voucher_id", "=", id)
      .orderBy("block_number")
      .limit(LIMITS.listRows)
      .execute();
    const shares = rows.map((row) => ({
      ...{ tx: toHex(row.transaction_hash), kind: row.kind, succeeded: row.succeeded },
      ...{ at: row.mined_at.toISOString(), wei: row.wei },
    }));
    return { voucher: toHex(id), wei: shares.reduce((sum, { wei }) => sum + BigInt(wei), 0n).toString(), shares };
  }

  /** Compares what is booked with what accounts have on the chain. Throws Problem CHAIN_UNREACHABLE. */
  async accounts(): Promise<GasAccounts> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined) throw new Problem("CHAIN_UNREACHABLE", "No final block was read yet.");
    const block = cursor.block_number;
    const { rows } = await sql<{
      readonly account: Uint8Array;
      readonly opened_block: bigint;
      readonly opened_nonce: bigint;
      readonly opened_wei: string;
      readonly booked: string;
      readonly spent: string;
    }>`
      select a.account, a.opened_block, a.opened_nonce, a.opened_wei::text, count(f.fee_wei)::text as booked,
        coalesce(sum(f.fee_wei), 0)::text as spent
      from gas_accounts a
      left join chain_fees f on f.account = a.account and f.block_number > a.opened_block and f.block_number <= ${block}
      group by a.account order by a.opened_block, a.account limit ${LIMITS.listRows}::int`.execute(this.db);
    const accounts = await Promise.all(
      rows.map(async (row) => {
        const [balance, used] = await Promise.all([
          this.rpc.balance(row.account, block),
          this.rpc.transactionCount(row.account, block),
        ]);
        const expected = BigInt(row.opened_wei) - BigInt(row.spent);
        return {
          ...{ account: toHex(row.account), openedBlock: row.opened_block.toString(), openedWei: row.opened_wei },
          ...{ spentWei: row.spent, expectedWei: expected.toString(), balanceWei: balance.toString() },
          ...{ otherWei: (balance - expected).toString(), transactions: Number(row.booked) },
          otherTransactions: Number(used - row.opened_nonce) - Number(row.booked),
        };
      }),
    );
    return { block: block.toString(), accounts };
  }
}

function groupsBy(by: FeeGroup, within: RawBuilder<unknown>): RawBuilder<GroupRow> {
  const select = sql<GroupRow>`select g.key, count(distinct g.tx)::text as transactions, sum(g.wei)::text as wei`;
  switch (by) {
    case "kind":
      return sql`${select}, null::text as vouchers from (
        select f.kind as key, f.transaction_hash as tx, f.fee_wei as wei from chain_fees f where ${within}) g
        group by g.key`;
    case "account":
      return sql`${select}, null::text as vouchers from (
        select '0x' || encode(f.account, 'hex') as key, f.transaction_hash as tx, f.fee_wei as wei
        from chain_fees f where ${within}) g group by g.key`;
    case "batch":
      return sql`${select}, max(b.voucher_count)::text as vouchers from (
        select split_part(a.key, ':', 2) as key, f.transaction_hash as tx, f.fee_wei as wei
        from chain_fees f join chain_actions a on a.id = f.action_id
        where ${within} and f.kind in ('settle', 'advance') and a.key not like 'advance:return:%') g
        left join batches b on b.id::text = g.key group by g.key`;
    case "merchant":
      return sql`${select}, count(distinct g.voucher)::text as vouchers from (
        select '0x' || encode(s.payee, 'hex') as key, f.transaction_hash as tx, s.wei, s.voucher_id as voucher
        from chain_fees f join fee_shares s on s.transaction_hash = f.transaction_hash
        where ${within} and s.payee is not null) g group by g.key`;
  }
}
