import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { skipSentences } from "@tallystick/vault";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { readVoucherFacts, type VoucherFacts, type VoucherRow } from "./voucher-facts.ts";
import { describeReturn, type OwedReturn } from "./voucher-return.ts";
import { TOO_DEAR } from "./voucher-states.ts";

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

/** What a merchant sees of vouchers by their ids. */
@Injectable()
export class VoucherViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async find(id: Uint8Array): Promise<VoucherView> {
    const [view] = (await this.known([id], null)).values();
    if (view !== undefined) return view;
    throw new Problem("NOT_FOUND", "No upload brought a voucher with this id yet.");
  }

  /** Those of the ids that are vouchers of this payee, by their ids as hex. */
  async ofPayee(payee: Uint8Array, ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, VoucherView>> {
    return this.known(ids, payee);
  }

  private async known(ids: readonly Uint8Array[], payee: Uint8Array | null): Promise<ReadonlyMap<string, VoucherView>> {
    const facts = await readVoucherFacts(this.db, ids, payee);
    const views = new Map(facts.vouchers.map((voucher) => [toHex(voucher.id), this.describe(voucher, facts)]));
    const others = ids.filter((id) => !views.has(toHex(id)));
    for (const [id, code] of await this.refusals(others, payee)) views.set(id, this.refused(code));
    return views;
  }

  private describe(voucher: VoucherRow, facts: VoucherFacts): VoucherView {
    const id = toHex(voucher.id);
    const batch = voucher.batch_id === null ? undefined : facts.batches.get(voucher.batch_id);
    const refunds = facts.shares.get(id) ?? [];
    const mined = voucher.state === "batched" && batch?.state === "mined";
    const tx = facts.decidedBy.get(id) ?? (voucher.state === "batched" ? (batch?.minedHash ?? null) : null);
    const refunded = refunds.reduce((sum, { units }) => sum + units, 0n);
    const reversed = facts.reversed.has(id);
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

  private refused(code: string): VoucherView {
    const nothing = { waits: null, batch: null, tx: null, amount: null, reversed: false, owes: null };
    return { state: "refused", code, ...nothing, refunded: formatTotal(0n, this.asset), refunds: [] };
  }

  /** Codes of vouchers that were refused in an upload, by their ids as hex; the newest of each. */
  private async refusals(ids: readonly Uint8Array[], payee: Uint8Array | null): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.db
      .selectFrom("refused_entries")
      .innerJoin("uploads", "uploads.hash", "refused_entries.upload")
      .select(["refused_entries.voucher_id as id", "refused_entries.code"])
      .where("refused_entries.voucher_id", "in", ids)
      .$if(payee !== null, (query) => query.where("uploads.payee", "=", payee))
      .orderBy("uploads.received_at")
      .execute();
    return new Map(rows.flatMap(({ id, code }) => (id === null ? [] : [[toHex(id), code] as const])));
  }
}

function waits({ state, waits_for: code }: VoucherRow): VoucherView["waits"] {
  if (state !== "skipped" || code === null) return null;
  const tooDear =
    "Settling it alone needs more gas than the chain's node, or a block, allows; it is tried now and then.";
  const sentences: Readonly<Record<string, string>> = { ...skipSentences, [TOO_DEAR]: tooDear };
  return { code, detail: sentences[code] ?? "The vault would not pay it." };
}
