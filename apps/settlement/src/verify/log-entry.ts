import { z } from "zod";

const entrySchema = z.tuple([
  z.literal("tallystick.entry/1"),
  z.string(),
  z.enum(["transfer", "hold", "post", "void", "expire", "reverse"]),
  z.string(),
  z.string(),
  z.string(),
  z.string().regex(/^\d{1,19}$/),
  z.string().nullable(),
  z.number().nullable(),
  z.number(),
]);

/** What a log entry's text says (spec §6.11), with its amount in units; null where it says nothing. */
export function entryOf(text: string) {
  try {
    const [, id, kind, asset, debit, credit, amount, , , atMs] = entrySchema.parse(JSON.parse(text));
    return { id, kind, asset, debit, credit, amount: BigInt(amount), atMs };
  } catch {
    return null;
  }
}
