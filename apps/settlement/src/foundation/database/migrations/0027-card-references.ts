import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Cards by their reference. It is no unique index: an earlier register let two cards have one
 * reference, and they keep it; who registers another one is refused under the register's lock.
 */
export const cardReferences: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index cards_by_reference on cards (reference)`.execute(db);
  },
};
