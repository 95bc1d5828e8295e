import { createHmac } from "node:crypto";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { signInKey } from "./sign-in-key.ts";

/**
 * Keeps an identity provider's account out for good, by a keyed hash and no name: also when the row of its person is
 * erased, or is somebody's who was invited instead (spec §6.11). Once more has no effect.
 * @param subject issuer and subject, as `people` keeps them
 */
export async function barAccount(trx: DatabaseTransaction, subject: string, at: Date): Promise<void> {
  await trx
    .insertInto("barred_accounts")
    .values({ hash: await accountHash(trx, subject), barred_at: at })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
}

/** Whether an account is kept out. */
export async function isBarred(trx: DatabaseTransaction, subject: string): Promise<boolean> {
  const row = await trx
    .selectFrom("barred_accounts")
    .select("hash")
    .where("hash", "=", await accountHash(trx, subject))
    .executeTakeFirst();
  return row !== undefined;
}

async function accountHash(trx: DatabaseTransaction, subject: string): Promise<Buffer> {
  return createHmac("sha256", await signInKey(trx))
    .update(`barred account ${subject}`)
    .digest();
}
