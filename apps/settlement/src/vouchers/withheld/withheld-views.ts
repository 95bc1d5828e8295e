import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { WithheldView } from "./withheld-answers.ts";
import { ROLES_OF } from "../../foundation/rights.ts";

type Decision = WithheldView["decisions"][number];

/** When a voucher was withheld; one that was before that was recorded counts from its arrival. */
export const withheldSince = sql<Date>`coalesce(withheld_at, received_at)`;

/** What the issuer owes and persons have to decide about, the oldest first. */
@Injectable()
export class WithheldViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<readonly WithheldView[]> {
    const rows = await this.db
      .selectFrom("vouchers")
      .select(["id", "withheld_ground", "amount_units", "payee", "card", withheldSince.as("since")])
      .where("state", "=", "withheld")
      .orderBy("since")
      .orderBy("id")
      .limit(LIMITS.listRows)
      .execute();
    const decisions = await this.decisionsOf(rows.map(({ id }) => id));
    const overdue = this.clock.now() - LIMITS.withheldAlarmMs;
    return rows.map(({ id, withheld_ground: ground, amount_units: amount, payee, card, since }) => ({
      voucherId: toHex(id),
      ground: ground ?? "",
      amount: formatTotal(amount, this.asset),
      payee: toHex(payee),
      card: toHex(card),
      since: since.toISOString(),
      overdue: since.getTime() < overdue,
      payment: { roles: [...ROLES_OF.withheld], persons: 1 },
      refusal: { roles: [...ROLES_OF.withheld], persons: 2 },
      decisions: decisions.get(toHex(id)) ?? [],
    }));
  }

  private async decisionsOf(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Decision[]>> {
    const found = new Map<string, Decision[]>();
    if (ids.length === 0) return found;
    const rows = await this.db
      .selectFrom("withheld_decisions")
      .selectAll()
      .where("voucher_id", "in", ids)
      .orderBy("id")
      .execute();
    for (const { voucher_id, kind, way, ground, who, reason, decided_at } of rows) {
      const name = toHex(voucher_id);
      const list = found.get(name) ?? [];
      list.push({ kind, way, ground, who, reason, at: decided_at.toISOString() });
      found.set(name, list);
    }
    return found;
  }
}
