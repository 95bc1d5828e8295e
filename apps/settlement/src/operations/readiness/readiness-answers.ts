import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

export const readinessAnswerSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), message: z.string() })),
});

export const domainAnswerSchema = z.object({
  chainId: z.int(),
  vault: hash,
  token: hash,
  asset: z.object({ code: z.string(), decimals: z.int(), scale: z.string() }),
  guarantee: z.object({ bears: z.boolean(), perCard: z.string(), perPayeePerDay: z.string() }),
  issuerKeys: z.array(z.object({ id: z.int(), publicKey: hash })),
});
