import { fromHex, toHex } from "@tallystick/protocol";
import type { Database } from "../../foundation/database/database.ts";

/** What payees are called, by address; those without a name are left out. */
export type PayeeNames = ReadonlyMap<string, string>;

/** The names of these payees, by address; they are addresses as answers have them. */
export async function payeeNames(db: Database, payees: readonly string[]): Promise<PayeeNames> {
  if (payees.length === 0) return new Map();
  const asked = [...new Set(payees)].map((payee) => fromHex(payee, 20));
  const named = await db.selectFrom("merchant_names").select(["payee", "name"]).where("payee", "in", asked).execute();
  return new Map(named.map(({ payee, name }) => [toHex(payee), name]));
}
