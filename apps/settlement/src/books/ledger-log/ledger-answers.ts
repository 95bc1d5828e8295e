import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

export const ledgerRootAnswerSchema = z.object({ size: z.int(), root: hash });

export const inclusionAnswerSchema = ledgerRootAnswerSchema.extend({
  index: z.int(),
  entry: z.string(),
  leafHash: hash,
  path: z.array(hash),
});

export const consistencyAnswerSchema = z.object({
  from: z.int(),
  fromRoot: hash,
  to: z.int(),
  toRoot: hash,
  path: z.array(hash),
});

const anchor = z.object({ batch: z.uuid(), tx: hash, size: z.int(), root: hash });

export const anchorReportSchema = z.object({
  log: ledgerRootAnswerSchema,
  anchored: z.int(),
  agreeing: z.int(),
  newest: anchor.nullable(),
  disagreeing: z.array(anchor),
});
