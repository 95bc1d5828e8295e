import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Requests and withdrawals from a card are found by the card that their key names (spec §6.10). */
export const cardWithdrawals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index chain_actions_of_cards on chain_actions (key text_pattern_ops)
      where kind in ('request-withdrawal', 'withdraw-card')`.execute(db);
  },
};
