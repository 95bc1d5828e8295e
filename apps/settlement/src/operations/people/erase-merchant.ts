import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import type { Database } from "../../foundation/database/database.ts";

/**
 * Erases what a merchant and its terminals are called, and how it is reached, from everything that
 * holds it: the names, and the words of the audit log's entries that gave them. What it was paid
 * stays. Answers the number of entries that lost their words.
 */
export async function eraseMerchant(
  db: Database,
  erased: { payee: Uint8Array; by: string; reason: string; now: number },
): Promise<number> {
  const { payee, by, reason } = erased;
  const [at, subject] = [new Date(erased.now), toHex(payee)];
  return await db.transaction().execute(async (trx) => {
    await trx.deleteFrom("merchant_names").where("payee", "=", payee).execute();
    await trx.deleteFrom("terminal_names").where("payee", "=", payee).execute();
    const words = await trx
      .updateTable("audit_words")
      .set({ salt: null, words: null, names: [], erased_at: at })
      .where("words", "is not", null)
      .where("position", "in", (entries) =>
        entries
          .selectFrom("audit_entries")
          .select("position")
          .where(sql<boolean>`entry::jsonb ->> 1 = 'named' and split_part(entry::jsonb ->> 3, ':', 1) = ${subject}`),
      )
      .returning("position")
      .execute();
    const details = { entries: String(words.length), reason };
    const actor = { name: by, role: "admin" } as const;
    await recordAction(trx, { action: "person-erased", actor, subject, details, at });
    return words.length;
  });
}
