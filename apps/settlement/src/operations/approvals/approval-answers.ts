import { formatAmount, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { amountText, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import type { Approval } from "../../books/approvals/approvals.ts";
import { hash } from "../../foundation/http/answer-parts.ts";

export const approvalRequestSchema = z.strictObject({ reason: reasonText });

export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;

/** An approval; `amount` is the sum that its person saw, where that is another than was asked for. */
export const approvalGivenSchema = approvalRequestSchema.extend({ amount: amountText.optional() });

export type ApprovalGiven = z.infer<typeof approvalGivenSchema>;

const kind = z.enum(["funding", "payout", "withheld-payment"]);

/** What somebody asked for, and what became of it. */
export const approvalAnswerSchema = z.object({
  id: z.string(),
  kind,
  subject: hash,
  amount: z.string(),
  askedBy: z.string(),
  reason: z.string(),
  askedAt: z.string(),
  endsAt: z.string(),
  state: z.enum(["waiting", "approved", "refused", "ended"]),
  decidedBy: z.string().nullable(),
  decidedReason: z.string().nullable(),
  decidedAt: z.string().nullable(),
});

export const approvalsAnswerSchema = z.object({ approvals: z.array(approvalAnswerSchema) });

export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;

export function approvalAnswer(row: Approval, { asset, now }: { asset: Asset; now: number }): ApprovalAnswer {
  const isOver = row.state === "waiting" && row.ends_at.getTime() <= now;
  return {
    ...{ id: row.id, kind: row.kind, subject: toHex(row.subject), amount: formatAmount(row.units, asset) },
    ...{ askedBy: row.asked_by, reason: row.reason },
    ...{ askedAt: row.asked_at.toISOString(), endsAt: row.ends_at.toISOString() },
    ...{ state: isOver ? "ended" : row.state, decidedBy: row.decided_by, decidedReason: row.decided_reason },
    decidedAt: row.decided_at?.toISOString() ?? null,
  };
}
