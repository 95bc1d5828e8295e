import { z } from "zod";

/** Names the form of an export; another form has another name. */
export const EXPORT_FORM = "tallystick.ledger-export/1";

const id = z.string();
const units = z.string().regex(/^[0-9]{1,19}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const count = z.int().min(0);

const operation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("transfer"), id, debit: id, credit: id, amount: units }),
  z.strictObject({ kind: z.literal("hold"), id, debit: id, credit: id, amount: units, expiresAtMs: count.optional() }),
  z.strictObject({ kind: z.literal("post"), id, hold: id, amount: units.optional() }),
  z.strictObject({ kind: z.literal("void"), id, hold: id }),
  z.strictObject({ kind: z.literal("expire"), id, hold: id }),
  z.strictObject({ kind: z.literal("reverse"), id, transfer: id }),
]);

/** Each line of an export is one of these, in this order: head, history, log, balances, end. */
export const exportLineSchema = z.discriminatedUnion("line", [
  z.strictObject({
    line: z.literal("ledger"),
    form: z.literal(EXPORT_FORM),
    domain: z.strictObject({ chainId: z.string(), vault: z.string() }),
    asset: z.strictObject({ code: z.string(), decimals: count }),
    at: z.string(),
  }),
  z.strictObject({
    line: z.literal("account"),
    account: z.strictObject({
      ...{ id, chart: z.string(), asset: z.string() },
      ...{ normalSide: z.enum(["debit", "credit"]), limit: z.enum(["none", "posted", "available"]) },
    }),
  }),
  z.strictObject({ line: z.literal("group"), atMs: count, operations: z.array(operation) }),
  z.strictObject({ line: z.literal("entry"), index: count, id, leaf: hash }),
  z.strictObject({ line: z.literal("head"), size: count, root: hash }),
  z.strictObject({
    line: z.literal("balance"),
    ...{ account: id, version: count, debitsPosted: units, creditsPosted: units },
    ...{ debitsPending: units, creditsPending: units },
  }),
  z.strictObject({ line: z.literal("end"), lines: count, sha256: hash }),
]);

export type ExportLine = z.infer<typeof exportLineSchema>;
