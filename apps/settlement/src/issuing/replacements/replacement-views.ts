import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { Approvals } from "../../books/approvals/approvals.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import {
  advancePart,
  isAdvanceDue,
  isRestDue,
  type PartFunding,
  type ReplacementRow,
  restPart,
  restUnits,
} from "./replacement-parts.ts";
import type { ReplacementAnswer } from "./replacement-requests.ts";

/** How far a replacement is, as far as it is known without the chain. */
export type StoredReplacement = Omit<ReplacementAnswer, "pendingWithdrawal" | "readyAt">;

/** Replacements as people see them (spec §6.10). */
@Injectable()
export class ReplacementViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Null where no card replaces this one. */
  async find(card: Uint8Array): Promise<StoredReplacement | null> {
    const row = await this.db.selectFrom("replacements").selectAll().where("card", "=", card).executeTakeFirst();
    if (row === undefined) return null;
    const [advanceApproval, restApproval] = [
      isAdvanceDue(row) ? await this.waiting(advancePart(row)) : null,
      isRestDue(row) ? await this.waiting(restPart(row)) : null,
    ];
    const { rest_card: to, withdrawn_units: withdrawn } = row;
    return {
      ...{ card: toHex(row.card), successor: toHex(row.successor), advance: this.text(row.advance_units) },
      ...{ advanceState: advanceState(row, advanceApproval), advanceDropped: row.advance_dropped, advanceApproval },
      withdrawn: withdrawn === null ? null : this.text(withdrawn),
      ...{ advanceFunding: row.advance_funding, restFunding: row.rest_funding },
      ...{ restState: restState(row, restApproval), restHeld: row.rest_held, restApproval },
      restTo: to === null ? null : toHex(to),
      ...{ state: stateOf(row), requestedBy: row.requested_by, reason: row.reason },
    };
  }

  private text(units: bigint): string {
    return formatTotal(units, this.asset);
  }

  private async waiting(part: PartFunding): Promise<string | null> {
    const standing = await this.approvals.standing(this.db, part);
    const waits = standing?.state === "waiting" && standing.ends_at.getTime() > this.clock.now();
    return waits ? standing.id : null;
  }
}

function advanceState(row: ReplacementRow, approval: string | null): ReplacementAnswer["advanceState"] {
  if (row.advance_units === 0n) return "none";
  if (row.advance_dropped !== null) return "dropped";
  if (row.advance_funding !== null) return "given";
  return approval === null ? "due" : "waiting";
}

function restState(row: ReplacementRow, approval: string | null): ReplacementAnswer["restState"] {
  if (row.rest_held !== null) return "held";
  if (approval !== null) return "waiting";
  if (isRestDue(row) && restUnits(row) > 0n) return "due";
  return row.rest_funding === null ? "none" : "given";
}

function stateOf({ withdrawn_units, done_at }: ReplacementRow): ReplacementAnswer["state"] {
  if (done_at !== null) return "done";
  return withdrawn_units === null ? "waiting" : "withdrawn";
}
