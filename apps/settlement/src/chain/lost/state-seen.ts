import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

/** What only grows while one database is at work. */
export interface StateSeen {
  /** The block that the books are posted to; -1 before there is one. */
  readonly block: bigint;
  /** Entries of the ledger's log. */
  readonly entries: bigint;
  /** The next nonce of each account that sent something, by its address. */
  readonly nonces: ReadonlyMap<string, bigint>;
}

/** Rejects where the database does not answer. */
export async function stateNow(db: Database): Promise<StateSeen> {
  const { rows } = await sql<{ block: string; entries: string }>`
    select coalesce((select block_number from chain_cursor), -1)::text as block,
      coalesce((select size from ledger_log_heads order by ledger_log_heads.size desc limit 1), 0)::text as entries`.execute(
    db,
  );
  const accounts = await db.selectFrom("chain_accounts").selectAll().execute();
  return {
    block: BigInt(rows[0]?.block ?? -1),
    entries: BigInt(rows[0]?.entries ?? 0),
    nonces: new Map(accounts.map(({ address, next_nonce: next }) => [toHex(address), next])),
  };
}

/** A database that answers less than before is another one: a copy, or a standby that lagged behind. */
export function isOlder(present: StateSeen, before: StateSeen): boolean {
  return present.block < before.block || present.entries < before.entries;
}

/** Accounts of which the database does not know a nonce that it had given out, with the first such nonce. */
export function forgottenNonces(
  present: StateSeen,
  before: StateSeen,
): readonly { readonly account: string; readonly nonce: bigint }[] {
  return [...before.nonces]
    .map(([account, next]) => ({ account, nonce: present.nonces.get(account) ?? 0n, next }))
    .filter(({ nonce, next }) => nonce < next);
}

/** What is known since a transaction of this account has this nonce. */
export function withNonce(seen: StateSeen, account: Uint8Array, nonce: bigint): StateSeen {
  const key = toHex(account);
  if ((seen.nonces.get(key) ?? 0n) > nonce) return seen;
  return { ...seen, nonces: new Map([...seen.nonces, [key, nonce + 1n]]) };
}
