import type { IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/**
 * What recording an event needs: the transaction that also moves the cursor, and what never
 * changes.
 */
export interface EventContext {
  readonly trx: DatabaseTransaction;
  readonly postings: Postings;
  /** Which of the issuer's accounts an address is; null for everybody else's. */
  own(address: Uint8Array): IssuerAccount | null;
  readonly domain: { readonly chainId: bigint; readonly vault: Uint8Array };
  /** Base units of the token in one unit. */
  readonly scale: bigint;
  readonly now: Date;
  /** Takes when each voucher had arrived that an event has paid; left out where nobody counts. */
  readonly paid?: Date[];
}
