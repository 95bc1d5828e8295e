import type { Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/**
 * What recording an event needs: the transaction that also moves the cursor, and what never
 * changes.
 */
export interface EventContext {
  readonly trx: DatabaseTransaction;
  readonly postings: Postings;
  readonly treasury: Uint8Array;
  readonly domain: { readonly chainId: bigint; readonly vault: Uint8Array };
  /** Base units of the token in one unit. */
  readonly scale: bigint;
  readonly now: Date;
}
