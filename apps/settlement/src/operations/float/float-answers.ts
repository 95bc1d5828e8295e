import { z } from "zod";

/** How long ago the cards of a line paid last, or were made where they never did. */
export const AGES = ["0-30", "31-90", "91-365", "over-365", "others"] as const;

const share = z.object({ cards: z.int(), amount: z.string() });

/** GET /v1/float; amounts in display units. */
export const floatAnswerSchema = z.object({
  deposits: z.string().describe("all that was ever put on cards, refunds included"),
  spent: z.string().describe("all that left them: payments and withdrawals, final"),
  liability: z.string().describe("deposits less spent: what cards hold, as the ledger's line `cards`"),
  unspent: z.array(share.extend({ days: z.enum(AGES) })).describe("liability by days since a card paid last"),
  expiring: share.extend({ days: z.int() }).describe("of it, on cards whose newest allowance ends within these days"),
  expired: share.describe("of it, on cards whose newest allowance has ended"),
  waiting: z.object({
    deposits: z.string().describe("asked for and not final"),
    vouchers: z.string().describe("taken and not yet paid or given up: still part of the liability"),
    owed: z.string().describe("what payees have not fetched from the vault"),
    advances: z.string().describe("given to cards that replace others, and not yet back from those"),
    replacements: z.int().describe("cards whose withdrawal is on its way"),
  }),
});

export type FloatAnswer = z.infer<typeof floatAnswerSchema>;
