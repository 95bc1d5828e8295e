import type { Database, DatabaseTransaction } from "./database.ts";
import { isConcurrentPosting } from "../postings/ledger-postings.ts";

const ATTEMPTS = 6;

/** PostgreSQL's words for "two transactions met": deadlock, serialization, and a unique key that came at once. */
const concurrentStates: readonly unknown[] = ["40P01", "40001", "23505"];

/**
 * Runs a transaction again when it met another one. Its function must have no effect outside the database.
 */
export async function retryingTransaction<T>(db: Database, work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      const met = isConcurrentPosting(error) || concurrentStates.includes(code);
      if (!met || attempt === ATTEMPTS) throw error;
    }
  }
}
