import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

const note = z.object({
  code: z.string(),
  message: z.string().describe("what is wrong"),
  next: z.string().describe("what to do"),
  since: z.iso.datetime(),
  renewed: z.iso.datetime().optional().describe("when another of its kind came last"),
});

export const readinessAnswerSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(note).describe("why money does not move; each of them makes the status 503"),
  warnings: z.array(note).describe("what a person has to do, although money moves"),
  fuel: z
    .object({ account: hash, wei: z.string(), batches: z.int().describe("batches that it pays at today's price") })
    .nullable()
    .describe(
      "what the gas wallet, or the treasury where there is none, has for transactions; null while the chain is away",
    ),
  depositFuel: z
    .object({ account: hash, wei: z.string(), deposits: z.int().describe("deposits that it pays at today's price") })
    .nullable()
    .describe("what the treasury has for deposits; null where it pays for everything, or the chain is away"),
  guarantee: z
    .object({ account: hash, tokens: z.string(), gas: z.string().describe("wei") })
    .nullable()
    .describe("what the account of compensations holds; null where there is none, or the chain is away"),
});

export const domainAnswerSchema = z.object({
  chainId: z.int(),
  vault: hash,
  token: hash,
  asset: z.object({ code: z.string(), decimals: z.int(), scale: z.string() }),
  guarantee: z.object({
    bears: z.boolean(),
    perCard: z.string(),
    perPayeePerDay: z.string(),
    account: hash.nullable().describe("what compensations are paid from; null where the issuer bears nothing"),
  }),
  issuerKeys: z.array(z.object({ id: z.int(), publicKey: hash })),
});

const counts = z.record(z.string(), z.int());

export const queuesAnswerSchema = z.object({
  vouchers: counts.describe("by state"),
  actions: counts.describe("by state"),
  waiting: z.array(z.object({ key: z.string(), kind: z.string(), state: z.string(), failure: z.string().nullable() })),
  outbox: z.int(),
  anomalies: z.array(z.object({ kind: z.string(), detail: z.string(), payee: hash.nullable(), foundAt: z.string() })),
  queues: z.record(z.string(), counts).nullable().describe("jobs by topic and state; null while Redis is away"),
});
