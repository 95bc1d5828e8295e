import { equalBytes, toHex } from "@tallystick/protocol";
import { GUARANTEE, treasuryAccount, type IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { GuaranteeAccountShared, type IssuerSigners } from "../issuer-signers.ts";

/** An account of the issuer whose tokens are in the books: it stays one permanently (spec §6.6). */
export interface OwnAccount {
  readonly address: Uint8Array;
  /** What it held at the end of this block was its opening; transfers count after it. */
  readonly openedBlock: bigint;
  /** Its account in the books. */
  readonly account: IssuerAccount;
}

/** The present account of the guarantee and former ones, in the order in which they were taken into the books. */
export async function guaranteeAccounts(db: Database | DatabaseTransaction): Promise<readonly OwnAccount[]> {
  const rows = await db.selectFrom("guarantee_accounts").selectAll().orderBy("opened_block").execute();
  return rows.map(({ address, opened_block: openedBlock }) => ({ address, openedBlock, account: GUARANTEE }));
}

/** The first treasury, of which every block counts, and those that came after it, in their order. */
export async function treasuryAccounts(db: Database | DatabaseTransaction): Promise<readonly OwnAccount[]> {
  const rows = await db.selectFrom("treasury_accounts").selectAll().orderBy("opened_block").execute();
  return rows.map(({ address, opened_block: openedBlock }) => {
    const account = treasuryAccount(openedBlock < 0n ? null : address);
    return { address, openedBlock, account };
  });
}

/** All accounts of the issuer that tokens of the books are at. */
export async function ownAccounts(db: Database | DatabaseTransaction): Promise<readonly OwnAccount[]> {
  return [...(await treasuryAccounts(db)), ...(await guaranteeAccounts(db))];
}

/**
 * The books keep what a guarantee's account held apart from the treasury permanently. Throws
 * GuaranteeAccountShared where one of them has become the treasury or the gas wallet, or the
 * guarantee is paid from an account that was the treasury.
 */
export async function assertAccountsApart(db: Database, { treasury, gas, guarantee }: IssuerSigners): Promise<void> {
  const accounts = await guaranteeAccounts(db);
  const paid = (address: Uint8Array): boolean => accounts.some((each) => equalBytes(each.address, address));
  const account = toHex(treasury.address);
  if (paid(treasury.address))
    throw new GuaranteeAccountShared(`chainKeyFile is the key of ${account}, which paid compensations before.`);
  if (gas !== null && paid(gas.address))
    throw new GuaranteeAccountShared(
      `gas.keyFile is the key of ${toHex(gas.address)}, which paid compensations before.`,
    );
  if (guarantee === null) return;
  const treasuries = await treasuryAccounts(db);
  if (treasuries.some(({ address }) => equalBytes(address, guarantee.address)))
    throw new GuaranteeAccountShared(
      `guarantee.keyFile is the key of ${toHex(guarantee.address)}, which was the treasury.`,
    );
}
