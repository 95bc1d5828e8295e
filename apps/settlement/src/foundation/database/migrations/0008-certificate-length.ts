import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A certificate has 163 bytes; those of 119 that were signed before are kept as what they were. */
const statements = [
  `alter table terminals drop constraint terminals_certificate_check`,
  `alter table terminals add constraint terminals_certificate_check check (length(certificate) in (119, 163))`,
];

export const certificateLength: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
