import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

const note = z.object({ code: z.string(), message: z.string() });

export const readinessAnswerSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(note),
  warnings: z.array(note).describe("what a person has to do, although every part answers"),
});

export const domainAnswerSchema = z.object({
  chainId: z.int(),
  vault: hash,
  token: hash,
  asset: z.object({ code: z.string(), decimals: z.int(), scale: z.string() }),
  guarantee: z.object({ bears: z.boolean(), perCard: z.string(), perPayeePerDay: z.string() }),
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
