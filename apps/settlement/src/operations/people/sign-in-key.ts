import { randomBytes } from "node:crypto";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { SECRET_BYTES } from "../../foundation/people/limits.ts";

/** The installation's key for what it hands out to browsers and keeps of accounts, drawn when it is first needed. */
export async function signInKey(db: Database | DatabaseTransaction): Promise<Uint8Array> {
  const read = () => db.selectFrom("sign_in_keys").select("key").executeTakeFirst();
  const row = await read();
  if (row !== undefined) return row.key;
  const made = { key: randomBytes(SECRET_BYTES) };
  await db
    .insertInto("sign_in_keys")
    .values(made)
    .onConflict((conflict) => conflict.column("one").doNothing())
    .execute();
  return (await read())?.key ?? made.key;
}
