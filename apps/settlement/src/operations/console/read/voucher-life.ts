import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { decodeVoucherContext, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { VoucherViews, type VoucherView } from "../../../vouchers/states/voucher-views.ts";
import { CaseViews } from "../../cases/case-views.ts";
import type { CaseView } from "../../cases/case-answers.ts";

/** One thing that happened to a voucher. */
export interface LifeStep {
  /** ISO 8601; null where no time is on record. */
  readonly at: string | null;
  readonly text: string;
  /** The transaction that did it, or the batch. */
  readonly tx: string | null;
  readonly batch: string | null;
  readonly block: string | null;
}

/** A voucher from the tap to the final block. */
export interface VoucherLife {
  readonly id: string;
  readonly view: VoucherView;
  /** Null of one that was refused, or that only the chain showed. */
  readonly payment: {
    readonly amount: string;
    readonly card: string;
    readonly counter: number;
    readonly payee: string;
    readonly merchant: string | null;
    readonly terminalId: string;
    readonly terminal: string | null;
    readonly spent: string;
    readonly pin: boolean;
    readonly promised: boolean;
    readonly message: string;
    readonly signature: string;
  } | null;
  readonly steps: readonly LifeStep[];
  readonly postings: readonly {
    readonly id: string;
    readonly kind: string;
    readonly at: string;
    readonly amount: string;
  }[];
  readonly cases: readonly CaseView[];
}

/** Names of a voucher's postings, before its id. */
const POSTINGS = ["hold", "free", "paid", "owes", "owes-ended", "compensated"];

type Step = Partial<LifeStep> & Pick<LifeStep, "text">;

/** Puts together what is stored of one voucher. */
@Injectable()
export class VoucherLives {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(VoucherViews) private readonly views: VoucherViews,
    @Inject(CaseViews) private readonly cases: CaseViews,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async find(id: Uint8Array): Promise<VoucherLife> {
    const [view, row] = await Promise.all([this.views.find(id), this.row(id)]);
    if (row === undefined) return { id: toHex(id), view, payment: null, steps: [], postings: [], cases: [] };
    const [steps, postings, cases] = await Promise.all([
      this.steps(id, row),
      this.postings(id),
      this.casesOf(id, row.card),
    ]);
    const context = decodeVoucherContext(row.context);
    return {
      id: toHex(id),
      view,
      payment: {
        ...{ amount: this.amount(row.amount_units), card: toHex(row.card), counter: Number(row.counter) },
        ...{ payee: toHex(row.payee), merchant: row.merchant, terminalId: toHex(row.terminal_id) },
        ...{ terminal: row.terminal, spent: this.amount(row.spent_units), pin: context.cvm !== 0 },
        ...{ promised: row.promised, message: toHex(row.message), signature: toHex(row.signature) },
      },
      ...{ steps, postings, cases },
    };
  }

  private row(id: Uint8Array) {
    return this.db
      .selectFrom("vouchers")
      .leftJoin("merchant_names", "merchant_names.payee", "vouchers.payee")
      .leftJoin("terminal_names", (join) =>
        join
          .onRef("terminal_names.payee", "=", "vouchers.payee")
          .onRef("terminal_names.terminal_id", "=", "vouchers.terminal_id"),
      )
      .selectAll("vouchers")
      .select(["merchant_names.name as merchant", "terminal_names.name as terminal"])
      .where("vouchers.id", "=", id)
      .executeTakeFirst();
  }

  private async steps(
    id: Uint8Array,
    row: NonNullable<Awaited<ReturnType<VoucherLives["row"]>>>,
  ): Promise<readonly LifeStep[]> {
    const found: Step[] = [
      {
        at: new Date(Number(row.paid_at) * 1_000).toISOString(),
        text: "Paid at the terminal, by the terminal's clock.",
      },
      ...(await this.uploadSteps(row.upload)),
    ];
    if (row.withheld_at !== null)
      found.push({ at: row.withheld_at.toISOString(), text: `Withheld: ${row.withheld_ground ?? "decided since"}.` });
    found.push(...(await this.decisionSteps(id)), ...(await this.batchSteps(row.batch_id)));
    found.push(...(await this.chainSteps(id)));
    return found
      .map((step) => ({ at: null, tx: null, batch: null, block: null, ...step }))
      .sort((one, other) => (one.at ?? "9").localeCompare(other.at ?? "9"));
  }

  private async uploadSteps(upload: Uint8Array): Promise<Step[]> {
    const row = await this.db
      .selectFrom("uploads")
      .leftJoin("receipts", "receipts.upload", "uploads.hash")
      .select(["uploads.seq", "uploads.received_at", "receipts.given_at"])
      .where("uploads.hash", "=", upload)
      .executeTakeFirst();
    if (row === undefined) return [];
    const receipt = row.given_at === null ? "" : " A receipt was given.";
    return [{ at: row.received_at.toISOString(), text: `Arrived in upload ${row.seq}, and verified.${receipt}` }];
  }

  private async decisionSteps(id: Uint8Array): Promise<Step[]> {
    const rows = await this.db
      .selectFrom("withheld_decisions")
      .select(["kind", "way", "ground", "who", "reason", "decided_at"])
      .where("voucher_id", "=", id)
      .orderBy("id")
      .limit(LIMITS.listRows)
      .execute();
    const said = {
      payment: "decided that it is paid",
      "refusal-proposed": "proposed to refuse it",
      refusal: "refused it",
    };
    return rows.map(({ kind, way, ground, who, reason, decided_at }) => ({
      at: decided_at.toISOString(),
      text: `${who} ${said[kind]}${way === null ? `, for ${ground}` : `, by a ${way}`}: ${reason}`,
    }));
  }

  private async batchSteps(batch: string | null): Promise<Step[]> {
    if (batch === null) return [];
    const { rows } = await sql<BatchRow>`
      select b.created_at, b.state, a.state as action, a.changed_at, a.mined_hash, a.mined_block::text as block,
        (select min(t.sent_at) from chain_transactions t where t.action_id = a.id) as sent_at
      from batches b join chain_actions a on a.id = b.action_id where b.id = ${batch}`.execute(this.db);
    const [row] = rows;
    if (row === undefined) return [];
    const steps: Step[] = [{ at: row.created_at.toISOString(), text: "Put into a batch.", batch }];
    const tx = row.mined_hash === null ? null : toHex(row.mined_hash);
    if (row.sent_at !== null) steps.push({ at: row.sent_at.toISOString(), text: "The batch was sent.", batch });
    if (row.block !== null && row.action !== "final")
      steps.push({
        at: row.changed_at.toISOString(),
        text: "The batch is in a block, not final yet.",
        tx,
        block: row.block,
      });
    if (row.action === "final")
      steps.push({ at: row.changed_at.toISOString(), text: "The batch's block is final.", tx, block: row.block });
    return steps;
  }

  /** What final blocks and the issuer's transfers did; of a final block the time is when the books took it in. */
  private async chainSteps(id: Uint8Array): Promise<Step[]> {
    const { rows } = await sql<ChainStepRow>`
      select 'The vault paid it, final.' as text, null::text as units,
        (select to_timestamp(t.at_ms / 1000.0) from ledger_transfers t where t.id = ${`paid:${toHex(id)}`}) as at,
        transaction_hash as tx, block_number::text as block
        from settled_items where voucher_id = ${id}
      union all
      select 'The issuer pays it by a transfer (' || a.state || ').', null, c.created_at, a.mined_hash, a.mined_block::text
        from compensations c join chain_actions a on a.id = c.action_id where c.voucher_id = ${id}
      union all
      select ' went back to the card.', s.units::text,
        (select to_timestamp(max(t.at_ms) / 1000.0) from ledger_transfers t where t.id in (
          'refunded:' || s.place || ${`:${toHex(id)}:e`}, 'refunded:' || s.place || ${`:${toHex(id)}:w`})),
        r.transaction_hash, r.block_number::text
        from refund_shares s join refunds r on r.place = s.place where s.voucher_id = ${id}
      union all
      select 'Its terminal reversed the request.', null, x.received_at, null, null
        from vouchers v join cancellations x on x.request = v.request and x.card_key = v.card_key where v.id = ${id}
      limit ${LIMITS.listRows}`.execute(this.db);
    return rows.map(({ text, units, at, tx, block }) => ({
      ...{ text: units === null ? text : `${this.amount(BigInt(units))}${text}`, at: at?.toISOString() ?? null, block },
      tx: tx === null ? null : toHex(tx),
    }));
  }

  private async postings(id: Uint8Array): Promise<VoucherLife["postings"]> {
    const refunds = await this.db
      .selectFrom("refund_shares")
      .select("place")
      .where("voucher_id", "=", id)
      .limit(LIMITS.listRows)
      .execute();
    const names = [
      ...POSTINGS.map((name) => `${name}:${toHex(id)}`),
      ...refunds.flatMap(({ place }) => ["e", "w"].map((from) => `refunded:${place}:${toHex(id)}:${from}`)),
    ];
    const { rows } = await sql<{ id: string; kind: string; at: string; amount: string }>`
      select id, kind, at_ms::text as at, amount::text from ledger_transfers where id = any (${names}::text[])
      order by at_ms, id`.execute(this.db);
    return rows.map(({ amount, at, ...row }) => ({
      ...{ ...row, at: new Date(Number(at)).toISOString(), amount: this.amount(BigInt(amount)) },
    }));
  }

  private async casesOf(voucher: Uint8Array, card: Uint8Array): Promise<readonly CaseView[]> {
    const lists = await Promise.all(
      [{ voucher }, { card }].flatMap((about) =>
        [false, true].map((resolved) => this.cases.list({ resolved, kind: null, before: null, about })),
      ),
    );
    const all = lists.flatMap(({ cases }) => cases);
    return [...new Map(all.map((each) => [each.id, each])).values()];
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}

interface ChainStepRow {
  readonly text: string;
  /** Stands before the text. */
  readonly units: string | null;
  readonly at: Date | null;
  readonly tx: Uint8Array | null;
  readonly block: string | null;
}

interface BatchRow {
  readonly created_at: Date;
  readonly state: string;
  readonly action: string;
  readonly changed_at: Date;
  readonly mined_hash: Uint8Array | null;
  readonly block: string | null;
  readonly sent_at: Date | null;
}
