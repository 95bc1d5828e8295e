import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { Postings } from "../../books/postings/postings.ts";

/** What recording a fact needs: the transaction that also moves the cursor, and what never changes. */
export interface FactContext {
  readonly trx: DatabaseTransaction;
  readonly postings: Postings;
  readonly treasury: Uint8Array;
  readonly domain: { readonly chainId: bigint; readonly vault: Uint8Array };
  /** Base units of the token in one unit. */
  readonly scale: bigint;
  readonly now: Date;
}

/** States in which a voucher's hold is open. */
export const HELD: readonly string[] = ["received", "batched", "skipped", "forked", "withheld", "compensating"];
