import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { skipSentences } from "@tallystick/vault";
import type { Selectable } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { describeReturn, type OwedReturn } from "./voucher-return.ts";

export interface VoucherView {
  /** A stored state, or `mined` while its batch waits for finality, or `refused`. */
  readonly state: string;
  /** Why it was refused or is disputed. */
  readonly code: string | null;
  /** Why no batch takes it now, and what helps; null where it waits for a batch only. */
  readonly waits: { readonly code: string; readonly detail: string } | null;
  readonly batch: string | null;
  /**
   * The transaction that paid it (the batch's, somebody else's, or the issuer's transfer), or that
   * released it.
   */
  readonly tx: string | null;
  /** null where it was refused. */
  readonly amount: string | null;
  /** Its terminal reversed the request: nothing was given for it. */
  readonly reversed: boolean;
  /** What its payee still has to do for a reversed voucher. */
  readonly owes: OwedReturn | null;
  /** The amount that went back to the card, by final blocks. */
  readonly refunded: string;
  readonly refunds: readonly { readonly amount: string; readonly tx: string }[];
}

type VoucherRow = Selectable<VouchersTable>;

/** What a merchant sees of a voucher by its id. */
@Injectable()
export class VoucherViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async find(id: Uint8Array): Promise<VoucherView> {
    const voucher = await this.db.selectFrom("vouchers").selectAll().where("id", "=", id).executeTakeFirst();
    if (voucher === undefined) return this.refusedOrUnknown(id);
    const batch = voucher.batch_id === null ? null : await this.batchOf(voucher.batch_id);
    const [decidedBy, reversed, refunds] = await Promise.all([
      this.decidingTransaction(voucher),
      this.isReversed(voucher),
      this.refundsOf(id),
    ]);
    const mined = voucher.state === "batched" && batch?.state === "mined";
    const tx = decidedBy ?? (voucher.state === "batched" ? (batch?.mined_hash ?? null) : null);
    const refunded = refunds.reduce((sum, { units }) => sum + units, 0n);
    return {
      state: mined ? "mined" : voucher.state,
      code: voucher.state === "withheld" ? voucher.withheld_ground : voucher.dispute,
      waits: waits(voucher),
      batch: voucher.batch_id,
      tx: tx === null ? null : toHex(tx),
      ...describeReturn({ state: voucher.state, reversed, amount: voucher.amount_units, refunded }, this.asset),
      refunds: refunds.map(({ units, hash }) => ({ amount: formatTotal(units, this.asset), tx: toHex(hash) })),
    };
  }

  private async refusedOrUnknown(id: Uint8Array): Promise<VoucherView> {
    const refused = await this.db
      .selectFrom("refused_entries")
      .select("code")
      .where("voucher_id", "=", id)
      .limit(1)
      .executeTakeFirst();
    if (refused === undefined) throw new Problem("NOT_FOUND", "No upload brought a voucher with this id yet.");
    const nothing = { waits: null, batch: null, tx: null, amount: null, reversed: false, owes: null };
    return { state: "refused", code: refused.code, ...nothing, refunded: formatTotal(0n, this.asset), refunds: [] };
  }

  private batchOf(id: string) {
    return this.db
      .selectFrom("batches")
      .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
      .select(["chain_actions.state", "chain_actions.mined_hash"])
      .where("batches.id", "=", id)
      .executeTakeFirst();
  }

  private async isReversed({ request, card_key }: VoucherRow): Promise<boolean> {
    const row = await this.db
      .selectFrom("cancellations")
      .select("upload")
      .where("request", "=", request)
      .where("card_key", "=", card_key)
      .executeTakeFirst();
    return row !== undefined;
  }

  private refundsOf(id: Uint8Array) {
    return this.db
      .selectFrom("refund_shares")
      .innerJoin("refunds", "refunds.place", "refund_shares.place")
      .select(["refund_shares.units", "refunds.transaction_hash as hash"])
      .where("refund_shares.voucher_id", "=", id)
      .orderBy("refunds.block_number")
      .orderBy("refunds.place")
      .execute();
  }

  private async decidingTransaction(voucher: VoucherRow): Promise<Uint8Array | null> {
    if (voucher.state === "released") return this.releaseOf(voucher);
    const settled = await this.db
      .selectFrom("settled_items")
      .select("transaction_hash")
      .where("voucher_id", "=", voucher.id)
      .executeTakeFirst();
    if (settled !== undefined) return settled.transaction_hash;
    const transfer = await this.db
      .selectFrom("compensations")
      .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
      .select("chain_actions.mined_hash")
      .where("compensations.voucher_id", "=", voucher.id)
      .executeTakeFirst();
    return transfer?.mined_hash ?? null;
  }

  private async releaseOf({ card, payee, counter }: VoucherRow): Promise<Uint8Array | null> {
    const events = await this.db
      .selectFrom("chain_events")
      .select(["transaction_hash", "detail"])
      .where("card", "=", card)
      .where("payee", "=", payee)
      .where("kind", "=", "released")
      .where("final", "=", true)
      .execute();
    const found = events.find(({ detail }) => detail["counter"] === counter.toString());
    return found?.transaction_hash ?? null;
  }
}

function waits({ state, waits_for: code }: VoucherRow): VoucherView["waits"] {
  if (state !== "skipped" || code === null) return null;
  const sentences: Readonly<Record<string, string>> = skipSentences;
  return { code, detail: sentences[code] ?? "The vault would not pay it." };
}
