import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/**
 * Forgets the stored state of the vault where it is already past a block whose events have become
 * more: the next batch makes it anew from all events.
 */
export async function forgetVaultState(trx: DatabaseTransaction, block: bigint): Promise<void> {
  const cursor = await trx
    .selectFrom("vault_state_cursor")
    .select("block_number")
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (cursor.block_number < block) return;
  for (const table of ["vault_cards", "vault_merchants"] as const) await trx.deleteFrom(table).execute();
  await trx.updateTable("vault_state_cursor").set({ block_number: -1n }).execute();
}
