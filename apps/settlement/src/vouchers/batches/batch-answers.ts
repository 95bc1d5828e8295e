import { z } from "zod";
import { PUBLIC_ACTION_STATES } from "../../chain/action-views.ts";
import { hash } from "../../foundation/http/answer-parts.ts";

const batchAnswerSchema = z.object({
  id: z.uuid(),
  state: z.enum(PUBLIC_ACTION_STATES),
  tx: hash.nullable(),
  block: z.string().nullable(),
  vouchers: z.int(),
  paid: z.int().nullable(),
  skipped: z.int().nullable(),
  batchRoot: hash,
  ledgerRoot: hash,
  ledgerSize: z.int().nullable(),
  gasEstimate: z.string().nullable(),
  createdAt: z.string(),
  failure: z.string().nullable(),
});

export const batchesAnswerSchema = z.object({ batches: z.array(batchAnswerSchema) });

export const batchMembersAnswerSchema = batchAnswerSchema.extend({
  members: z.array(z.object({ voucherId: hash, position: z.int(), state: z.string() })),
});
