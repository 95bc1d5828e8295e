import { equalBytes, toHex } from "@tallystick/protocol";
import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";
import { GuaranteeAccountShared, type IssuerSigners } from "./issuer-signers.ts";

/** An account that compensations are, or were, paid from, and whose tokens are in the books. */
export interface GuaranteeAccount {
  readonly address: Uint8Array;
  /** What it held at the end of this block was its opening; transfers count after it. */
  readonly openedBlock: bigint;
}

/** The present one and former ones, in the order in which they were taken into the books. */
export async function guaranteeAccounts(db: Database | DatabaseTransaction): Promise<readonly GuaranteeAccount[]> {
  const rows = await db.selectFrom("guarantee_accounts").selectAll().orderBy("opened_block").execute();
  return rows.map(({ address, opened_block: openedBlock }) => ({ address, openedBlock }));
}

/**
 * The books keep what a guarantee's account held apart from the treasury permanently. Throws
 * GuaranteeAccountShared where one of them has become the treasury.
 */
export async function assertAccountsApart(db: Database, { treasury }: IssuerSigners): Promise<void> {
  const accounts = await guaranteeAccounts(db);
  if (!accounts.some(({ address }) => equalBytes(address, treasury.address))) return;
  const account = toHex(treasury.address);
  throw new GuaranteeAccountShared(`chainKeyFile is the key of ${account}, which paid compensations before.`);
}
