import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { Period } from "../periods/period.ts";
import { COST_GROUNDS, type CostsAnswer } from "./cost-answers.ts";

interface CostRow {
  readonly at_ms: string;
  readonly way: "compensation" | "deposit";
  readonly ground: (typeof COST_GROUNDS)[number];
  readonly units: string;
  readonly voucher_id: Uint8Array;
  readonly payee: Uint8Array;
  readonly card: Uint8Array | null;
  readonly counter: bigint | null;
  readonly tx: Uint8Array | null;
  readonly gas_wei: string | null;
  readonly twice: boolean;
}

/**
 * What the issuer bore: transfers by the books (`compensated:…`), and deposits that a person decided
 * on for withheld vouchers, by the chain's event.
 */
@Injectable()
export class CostReport {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async period({ from, to, fromMs, endMs }: Period): Promise<CostsAnswer> {
    const costs = costsWithin(fromMs, endMs);
    const [{ rows }, sums, gas, { issuerOwes }] = await Promise.all([
      sql<CostRow>`${costs} select * from costs order by at_ms desc, voucher_id limit ${LIMITS.listRows + 1}::int`.execute(
        this.db,
      ),
      sql<{ ground: CostRow["ground"]; vouchers: string; units: string; twice: string }>`${costs}
        select ground, count(*)::text as vouchers, sum(units)::text as units,
          coalesce(sum(units) filter (where twice), 0)::text as twice from costs group by ground`.execute(this.db),
      sql<{ wei: string }>`select coalesce(sum(fee_wei), 0)::text as wei from chain_fees
        where kind in ('compensate', 'convict') and mined_at >= ${new Date(fromMs)} and mined_at < ${new Date(endMs)}`.execute(
        this.db,
      ),
      this.postings.totals(),
    ]);
    const amount = (units: bigint): string => formatTotal(units, this.asset);
    const of = (ground: CostRow["ground"]) => sums.rows.find((each) => each.ground === ground);
    const total = (field: "units" | "twice"): bigint => sums.rows.reduce((sum, each) => sum + BigInt(each[field]), 0n);
    return {
      ...{ from, to, amount: amount(total("units")), paidTwice: amount(total("twice")), owed: amount(issuerOwes) },
      sums: COST_GROUNDS.map((ground) => ({
        ...{ ground, vouchers: Number(of(ground)?.vouchers ?? 0), amount: amount(BigInt(of(ground)?.units ?? 0)) },
      })),
      gasWei: gas.rows[0]?.wei ?? "0",
      costs: rows.slice(0, LIMITS.listRows).map((row) => ({
        ...{ at: new Date(Number(row.at_ms)).toISOString(), ground: row.ground, amount: amount(BigInt(row.units)) },
        ...{ voucher: toHex(row.voucher_id), payee: toHex(row.payee), way: row.way, gasWei: row.gas_wei },
        ...{ card: row.card === null ? null : toHex(row.card), tx: row.tx === null ? null : toHex(row.tx) },
        ...{ counter: row.counter === null ? null : Number(row.counter), paidTwice: row.twice },
      })),
      more: rows.length > LIMITS.listRows,
    };
  }
}

/** A voucher's transfer is looked up by its operation's id; there are as many as there were losses. */
function costsWithin(fromMs: number, endMs: number) {
  return sql`with costs as (
    select t.at_ms::text as at_ms, 'compensation' as way, t.amount as units, c.voucher_id, c.payee, v.card, v.counter,
      a.mined_hash as tx, f.fee_wei::text as gas_wei, s.voucher_id is not null as twice,
      case when k.card is null then 'guarantee' else 'fork' end as ground
    from compensations c
    join ledger_transfers t on t.id = 'compensated:0x' || encode(c.voucher_id, 'hex')
    join chain_actions a on a.id = c.action_id
    left join vouchers v on v.id = c.voucher_id
    left join settled_items s on s.voucher_id = c.voucher_id
    left join forks k on k.card = v.card and k.counter = v.counter
    left join chain_fees f on f.transaction_hash = a.mined_hash
    where t.at_ms >= ${fromMs}::bigint and t.at_ms < ${endMs}::bigint
    union all
    select t.at_ms::text, 'deposit', t.amount, d.voucher_id, v.payee, v.card, v.counter, a.mined_hash, f.fee_wei::text,
      false, case when k.card is null then 'guarantee' else 'fork' end
    from withheld_decisions d
    join chain_actions a on a.id = d.action_id and a.state = 'final'
    join vouchers v on v.id = d.voucher_id
    join chain_events e on e.transaction_hash = a.mined_hash and e.final and e.kind = 'funded' and e.card = v.card
    join ledger_transfers t
      on t.id = 'funded:0x' || encode(e.transaction_hash, 'hex') || ':' || e.log_index::text || ':0'
    left join forks k on k.card = v.card and k.counter = v.counter
    left join chain_fees f on f.transaction_hash = a.mined_hash
    where d.way = 'deposit' and t.at_ms >= ${fromMs}::bigint and t.at_ms < ${endMs}::bigint)`;
}
