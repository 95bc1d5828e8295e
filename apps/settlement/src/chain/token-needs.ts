import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";

/**
 * Whether an account lacks the tokens of one more transfer: what it holds must also pay those that
 * have a nonce and are not final. One that is in a block counts still, so that a reorganisation
 * changes nothing. Never where `held` is undefined: then the account's actions move no tokens of its
 * own.
 */
export async function lacksTokens(
  db: Database | DatabaseTransaction,
  { account, call }: { readonly account: Uint8Array; readonly call: { readonly data: Uint8Array } },
  held: bigint | undefined,
): Promise<boolean> {
  if (held === undefined) return false;
  const begun = await db
    .selectFrom("chain_actions")
    .select("data")
    .where("account", "=", account)
    .where("state", "in", ["reserved", "signed", "broadcast", "mined"])
    .execute();
  const promised = begun.reduce((sum, { data }) => sum + amountOf(data), 0n);
  return promised + amountOf(call.data) > held;
}

/** The second argument of `transfer(address,uint256)`; a voucher's id may stand behind it. */
function amountOf(data: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(data.subarray(36, 68)).toString("hex")}`);
}
