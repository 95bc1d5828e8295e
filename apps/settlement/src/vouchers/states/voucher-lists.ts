import { Inject, Injectable } from "@nestjs/common";
import { formatAmount, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { MAX_LISTED_VOUCHERS, type VoucherListAnswer } from "@tallystick/protocol/wire";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { VoucherViews } from "./voucher-views.ts";

/** A payee's vouchers, of all its terminals (spec §6.13, kind 5). */
@Injectable()
export class VoucherLists {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(VoucherViews) private readonly views: VoucherViews,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** One page by voucher id, of those behind `after`. */
  async page(payee: Uint8Array, after: Uint8Array): Promise<VoucherListAnswer> {
    const rows = await this.db
      .selectFrom("vouchers")
      .select(["id", "terminal_id", "card", "counter", "amount_units", "paid_at", "received_at"])
      .where("payee", "=", payee)
      .where("id", ">", after)
      .orderBy("id")
      .limit(MAX_LISTED_VOUCHERS + 1)
      .execute();
    if (rows.length === 0) return { vouchers: [], next: null };
    const shown = rows.slice(0, MAX_LISTED_VOUCHERS);
    const views = await this.views.ofPayee(
      payee,
      shown.map(({ id }) => id),
    );
    const vouchers = shown.flatMap((row) => {
      const view = views.get(toHex(row.id));
      if (view === undefined) return [];
      const { state, code, tx } = view;
      return [
        {
          ...{ voucherId: toHex(row.id), terminalId: toHex(row.terminal_id), card: toHex(row.card) },
          ...{ counter: Number(row.counter), amount: formatAmount(row.amount_units, this.asset) },
          ...{ time: Number(row.paid_at), receivedAt: Math.floor(row.received_at.getTime() / 1_000) },
          ...{ state, code, tx },
        },
      ];
    });
    const last = rows.length > MAX_LISTED_VOUCHERS ? shown.at(-1) : undefined;
    return { vouchers, next: last === undefined ? null : toHex(last.id) };
  }
}
