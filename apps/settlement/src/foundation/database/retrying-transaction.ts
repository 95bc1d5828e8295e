import { LIMITS } from "../limits/limits.ts";
import type { Database, DatabaseTransaction } from "./database.ts";

/**
 * Error codes that mean "two transactions met": PostgreSQL's deadlock, serialization failure and
 * unique key taken at the same moment, and the books' own code for the same thing.
 */
const concurrentCodes: readonly unknown[] = ["40P01", "40001", "23505", "CONCURRENT_CHANGE"];

/**
 * Runs a transaction again when it met another one. Its function must have no effect outside the
 * database.
 */
export async function retryingTransaction<T>(db: Database, work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (!concurrentCodes.includes(code) || attempt === LIMITS.transactionAttempts) throw error;
    }
  }
}
