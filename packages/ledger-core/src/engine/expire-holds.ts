import type { LedgerEngine } from "./engine.ts";
import { LedgerError } from "../model/errors.ts";
import { EXPIRY_ATTEMPTS } from "../model/limits.ts";

/**
 * Ends holds whose time is over, at most `limit` (1 to 4,096) of them, and answers their ids.
 * Several callers may do so at once: who comes second finds fewer.
 */
export async function expireDueHolds(
  engine: LedgerEngine,
  { atMs, limit }: { readonly atMs: number; readonly limit: number },
): Promise<readonly string[]> {
  for (let attempt = 1; attempt <= EXPIRY_ATTEMPTS; attempt++) {
    const due = await engine.dueHolds({ atMs, limit });
    if (due.length === 0) return [];
    const operations = due.map(({ id }) => ({ kind: "expire", id: expiryId(id), hold: id }) as const);
    const outcome = await engine.apply({ atMs, operations });
    if (outcome.ok) return due.map(({ id }) => id);
  }
  throw new LedgerError("CONCURRENT_CHANGE", "Others end the same holds at this moment; try again later.");
}

/** The id of the operation that expires a hold; one hold expires once. */
export function expiryId(hold: string): string {
  return `expire:${hold}`;
}
