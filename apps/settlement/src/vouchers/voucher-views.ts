import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { DATABASE, type Database } from "../database/database.ts";
import { Problem } from "../http/problem.ts";

export interface VoucherView {
  /** A stored state, or `mined` while its batch waits for finality, or `refused`. */
  readonly state: string;
  /** Why it was refused or is disputed. */
  readonly code: string | null;
  readonly batch: string | null;
  /** The transaction that paid it: the batch's, somebody else's, or the issuer's transfer. */
  readonly tx: string | null;
}

/** What a merchant may know of a voucher by its id. */
@Injectable()
export class VoucherViews {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** Throws Problem NOT_FOUND. */
  async find(id: Uint8Array): Promise<VoucherView> {
    const voucher = await this.db.selectFrom("vouchers").selectAll().where("id", "=", id).executeTakeFirst();
    if (voucher === undefined) return this.refusedOrUnknown(id);
    const batch = voucher.batch_id === null ? null : await this.batchOf(voucher.batch_id);
    const paidBy = await this.payingTransaction(id);
    const mined = voucher.state === "batched" && batch?.state === "mined";
    const tx = paidBy ?? (voucher.state === "batched" ? (batch?.mined_hash ?? null) : null);
    return {
      state: mined ? "mined" : voucher.state,
      code: voucher.dispute,
      batch: voucher.batch_id,
      tx: tx === null ? null : toHex(tx),
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
    return { state: "refused", code: refused.code, batch: null, tx: null };
  }

  private batchOf(id: string) {
    return this.db
      .selectFrom("batches")
      .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
      .select(["chain_actions.state", "chain_actions.mined_hash"])
      .where("batches.id", "=", id)
      .executeTakeFirst();
  }

  private async payingTransaction(id: Uint8Array): Promise<Uint8Array | null> {
    const settled = await this.db
      .selectFrom("settled_items")
      .select("transaction_hash")
      .where("voucher_id", "=", id)
      .executeTakeFirst();
    if (settled !== undefined) return settled.transaction_hash;
    const transfer = await this.db
      .selectFrom("compensations")
      .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
      .select("chain_actions.mined_hash")
      .where("compensations.voucher_id", "=", id)
      .executeTakeFirst();
    return transfer?.mined_hash ?? null;
  }
}
