import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { STATEMENT_FORM, VOUCHER_ENDS } from "./statement-form.ts";

const amount = z
  .string()
  .regex(/^-?\d+(?:\.\d+)?$/)
  .describe("display units");
const standing = z.strictObject({ accepted: amount, owed: amount, paidOut: amount, issuerOwes: amount });
const hashes = z.array(z.string().regex(/^0x[0-9a-f]{64}$/));
const count = z.int().min(0);

const line = z.strictObject({
  index: count.describe("the entry's place in the log"),
  between: hashes.describe("what stands for the log's entries since the line before (RFC 6962 subtrees)"),
  entry: z.string().describe("the log's entry"),
  operation: z.string(),
  at: z.string(),
  day: z.string(),
  kind: z.string(),
  counted: z.array(z.enum(["owed", "paidOut", "issuerOwes"])),
  voucher: hash.nullable(),
  card: hash.nullable(),
  counter: count.nullable(),
  terminal: hash.nullable(),
  soldAt: z.string().nullable(),
  batch: z.string().nullable(),
  tx: hash.nullable(),
  amount,
  effect: standing,
  balance: standing,
  gasWei: z.string().regex(/^\d+$/).nullable().describe("this line's part of its transaction's cost"),
  parts: z
    .array(z.strictObject({ of: z.string(), voucher: hash.nullable(), amount }))
    .optional()
    .describe("of what a payout consists"),
  became: z
    .enum(VOUCHER_ENDS)
    .nullable()
    .optional()
    .describe("of a line `freed`: what became of the voucher by the time the statement was made; null while open"),
  code: z.string().nullable().optional().describe("of a line `freed`: why the voucher is disputed"),
});

/** A statement's file, as `GET /v1/merchants/:payee/statements` writes it. */
export const statementSchema = z.strictObject({
  form: z.literal(STATEMENT_FORM),
  domain: z.strictObject({ chainId: z.string().regex(/^\d{1,20}$/), vault: z.string().regex(/^0x[0-9a-f]{40}$/) }),
  asset: z.strictObject({ code: z.string(), decimals: z.int().min(0).max(18) }),
  payee: z.string().regex(/^0x[0-9a-f]{40}$/),
  name: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  madeAt: z.string(),
  complete: z.boolean().describe("nothing more can be booked into the period"),
  log: z.strictObject({ size: count, root: hash }),
  anchor: z.strictObject({ batch: z.string(), tx: hash, size: count, root: hash }).nullable(),
  consistency: hashes,
  opening: standing.extend({ in: amount, out: amount }),
  lines: z.array(line),
  days: z.array(z.strictObject({ day: z.string(), lines: count, change: standing, balance: standing })),
  closing: standing,
  count,
  after: hashes,
  signature: z.strictObject({ issuerKeyId: count, signature: z.string().regex(/^0x[0-9a-f]{128}$/) }),
});

export type StatementDocument = z.infer<typeof statementSchema>;
