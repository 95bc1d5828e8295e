import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** Receipts (`TLYR`) of one terminal, the newest first; `verify receipt` judges the file. */
export const ownReceiptsAnswerSchema = z.object({
  receipts: z.array(z.object({ upload: hash, receivedAt: z.int(), receipt: hash, signature: hash })),
});

export type OwnReceiptsAnswer = z.infer<typeof ownReceiptsAnswerSchema>;

const inclusion = z.object({
  ...{ index: z.int(), size: z.int(), root: hash, entry: z.string(), leafHash: hash, path: z.array(hash) },
  /** The first final batch that anchors it, where there is one: `root` is the ledger root of its event. */
  batch: z.uuid().nullable(),
  tx: hash.nullable(),
});

export type OwnInclusion = z.infer<typeof inclusion>;

/** That a voucher stands in the books: when it was taken, and when it was paid; `verify proof` judges the file. */
export const ownProofAnswerSchema = z.object({ hold: inclusion.nullable(), paid: inclusion.nullable() });

export type OwnProofAnswer = z.infer<typeof ownProofAnswerSchema>;
