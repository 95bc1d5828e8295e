import { z } from "zod";

const share = z.number().min(0).nullable();

/** What a terminal can do in one currency, and for how long without a network. */
export const currencySchema = z.object({
  currency: z.string().meta({ description: "Asset code" }),
  decimals: z.int().meta({ description: "Of the asset" }),
  keyedDecimals: z.int().meta({ description: "Decimals that a cashier keys in and a receipt shows" }),
  ready: z.boolean(),
  reasons: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .meta({ description: "Why it cannot sell in it" }),
  sellsUntil: z.int().nullable().meta({
    description:
      "Seconds since 1970: until then it sells without a network, as far as time limits it; null where it does not sell",
  }),
  used: z
    .object({ listAge: share, oldestUnsent: share, unsentSum: share, unsentCount: share, certificate: share })
    .meta({ description: "What is used up of each limit, 1 is all of it; null where there is no such limit yet" }),
});
