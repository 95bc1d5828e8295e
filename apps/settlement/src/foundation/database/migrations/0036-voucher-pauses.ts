import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A voucher that is too dear for a block waits a while before it is tried again. */
export const voucherPauses: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table vouchers add column paused_until timestamptz`.execute(db);
  },
};
