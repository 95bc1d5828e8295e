import { formatAmount, type Asset } from "@tallystick/money";
import { movementName } from "../../../../books/approvals/approvals.ts";
import type { Database } from "../../../../foundation/database/database.ts";
import { SHORT_ROWS } from "../../limits.ts";

/** A payout of a merchant that waits for a second person, or was refused by one. */
export interface PayoutApproval {
  /** The sum that was asked for, with the currency. */
  readonly amount: string;
  readonly askedBy: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly askedAt: string;
  /** ISO 8601; of one that waits. */
  readonly endsAt: string;
  /** Null of one that waits. */
  readonly refused: { readonly by: string; readonly reason: string; readonly at: string } | null;
}

/** The newest of them, those that wait first; what was approved is a payout. */
export async function payoutApprovals(
  db: Database,
  { payee, asset, now }: { readonly payee: Uint8Array; readonly asset: Asset; readonly now: number },
): Promise<readonly PayoutApproval[]> {
  const rows = await db
    .selectFrom("approvals")
    .select([
      "units",
      "asked_by",
      "reason",
      "asked_at",
      "ends_at",
      "state",
      "decided_by",
      "decided_reason",
      "decided_at",
    ])
    // A payout has no key of its own: all of a payee's have one name, by which they are found.
    .where("name", "=", movementName({ kind: "payout", subject: payee, key: "" }))
    .where((row) =>
      row.or([
        row("state", "=", "refused"),
        row.and([row("state", "=", "waiting"), row("ends_at", ">", new Date(now))]),
      ]),
    )
    .orderBy("state", "desc")
    .orderBy("asked_at", "desc")
    .limit(SHORT_ROWS)
    .execute();
  return rows.map((row) => ({
    amount: `${formatAmount(row.units, asset)} ${asset.code}`,
    ...{ askedBy: row.asked_by, reason: row.reason },
    ...{ askedAt: row.asked_at.toISOString(), endsAt: row.ends_at.toISOString() },
    refused:
      row.decided_at === null
        ? null
        : { by: row.decided_by ?? "", reason: row.decided_reason ?? "", at: row.decided_at.toISOString() },
  }));
}
