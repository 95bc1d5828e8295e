import { isRpcError, RpcError } from "@tallystick/evm";
import { type Check, ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { proveBooks, proveLog } from "../../books/ledger/proof/prove-books.ts";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { LedgerPostings } from "../../books/postings/ledger-postings.ts";
import type { ChainConnections } from "../../chain/chain-connections.ts";
import { compareWithChain } from "../../chain/chain-identity.ts";
import { assertAccountsApart } from "../../chain/accounts/own-accounts.ts";
import { boundKeys } from "../../chain/accounts/bound-keys.ts";
import { assertNotBehind } from "../../chain/lost/copy-behind-chain.ts";
import { assertNoncesKnown } from "../../chain/lost/lost-nonces.ts";
import { assertBound } from "../../foundation/database/installation.ts";
import { migrate } from "../../foundation/database/migrate.ts";
import type { Database } from "../../foundation/database/database.ts";
import type { Foundation } from "../../foundation/foundation.ts";
import { Reconciliation } from "../reconciliation/reconciliation.ts";

/** What a copy is compared with: the configuration, its keys and its nodes, and the layout of today. */
export type CopyParts = Pick<Foundation, "config" | "issuer" | "clock"> &
  Pick<ChainConnections, "rpc" | "contract" | "signers"> & {
    readonly db: Database;
    readonly migrations: Readonly<Record<string, Migration>>;
  };

/**
 * What must hold of a database that was restored from a copy before anybody works with it, in order
 * (spec §6.14). It is brought to the layout of today on the way; nothing else is changed.
 */
export function copyChecks(parts: CopyParts): readonly Check[] {
  return [...ownChecks(parts), ...bookChecks(parts), ...chainSideChecks(parts)];
}

function ownChecks({ db, config, issuer, signers, migrations }: CopyParts): readonly Check[] {
  return [
    {
      name: "layout",
      run: async () => {
        const { rows } = await sql<{ ours: boolean }>`
          select to_regclass('kysely_migration') is not null and to_regclass('installation') is not null as ours`.execute(
          db,
        );
        if (rows[0]?.ours !== true) throw foreign("It is no database of settlement.");
        await migrate(db, migrations);
        return `brought to ${Object.keys(migrations).at(-1) ?? "none"}`;
      },
    },
    {
      name: "installation",
      needs: ["layout"],
      run: async () => {
        const bound = await db.selectFrom("installation").select("vault").executeTakeFirst();
        if (bound === undefined) throw foreign("No start has bound it to a vault.");
        await assertBound(db, config, boundKeys(signers, issuer));
        await assertAccountsApart(db, signers);
        return "of this chain, vault, token, treasury and issuer";
      },
    },
  ];
}

function bookChecks({ db }: CopyParts): readonly Check[] {
  return [
    {
      name: "books",
      needs: ["installation"],
      run: async () => {
        const { accounts, operations } = await proveBooks(db);
        return `${operations} operations replayed, ${accounts} accounts agree`;
      },
    },
    {
      name: "log",
      needs: ["installation"],
      run: async () => {
        const { size, root, heads } = await proveLog(db);
        return `${size} entries make ${root}; ${heads} kept heads agree`;
      },
    },
  ];
}

function chainSideChecks(parts: CopyParts): readonly Check[] {
  const { db, rpc, config, signers } = parts;
  return [
    {
      name: "chain",
      needs: ["installation"],
      run: async () => {
        await compareWithChain(rpc, config);
        return await blockStands(parts);
      },
    },
    {
      name: "anchors",
      needs: ["chain", "log"],
      run: async () => {
        const { anchored, agreeing, disagreeing, newest } = await new AnchoredRoots(db).report();
        const [wrong] = disagreeing;
        if (wrong !== undefined)
          throw broken("ANCHORS_DISAGREE", `The chain has another root of batch ${wrong.batch} than the copy.`);
        if (newest !== null) await anchorStands(parts, newest.tx, newest.root);
        return `${agreeing} of ${anchored} roots on the chain agree`;
      },
    },
    { name: "money", needs: ["chain", "books"], run: async () => await moneyAgrees(parts) },
    {
      name: "newest",
      needs: ["chain"],
      run: async () => {
        const { vault, token, startBlock, restoreGeneration } = config;
        const { restore_generation: before } = await db
          .selectFrom("installation")
          .select("restore_generation")
          .executeTakeFirstOrThrow();
        if (restoreGeneration > before) return `what came later is given up: restoreGeneration is ${restoreGeneration}`;
        await assertNotBehind({ db, rpc, vault, token, signers, startBlock });
        await assertNoncesKnown({ db, rpc });
        return "the chain has nothing of this installation that the copy lacks";
      },
    },
  ];
}

async function blockStands({ db, rpc }: CopyParts): Promise<string> {
  const cursor = await db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
  if (cursor === undefined) return "no final block was read yet";
  const { block_number: number, block_hash: hash } = cursor;
  const block = await rpc.block(number);
  if (block === null) throw new RpcError("UNREACHABLE", `The node does not show block ${number}.`);
  if (equalBytes(block.hash, hash)) return `block ${number} is ${toHex(hash)}`;
  throw broken("OTHER_CHAIN", `Block ${number} is ${toHex(block.hash)}, and ${toHex(hash)} in the copy.`);
}

/** The newest root is asked of the chain itself, and not of what the copy recorded of it. */
async function anchorStands({ rpc, contract }: CopyParts, tx: string, root: string): Promise<void> {
  const logs = (await rpc.receiptLogs(Buffer.from(tx.slice(2), "hex"))) ?? [];
  const wanted = Buffer.from(root.slice(2), "hex");
  const found = logs.some(
    ({ address, data }) => equalBytes(address, contract.vault) && Buffer.from(data).includes(wanted),
  );
  if (!found) throw broken("ANCHORS_DISAGREE", `The chain does not show the root ${root} in ${tx}.`);
}

async function moneyAgrees({ db, rpc, contract, config, clock }: CopyParts): Promise<string> {
  const cursor = await db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (cursor === undefined) return "no final block was read yet";
  const postings = new LedgerPostings(db, clock, config);
  const reconciliation = new Reconciliation(db, rpc, contract, postings, config);
  let difference: bigint;
  try {
    difference = (await reconciliation.report()).ledgerDifference;
  } catch (error) {
    if (!isRpcError(error, "REFUSED")) throw error;
    return `not compared: the node keeps no state of block ${cursor.block_number} any more`;
  }
  if (difference === 0n) return `chain and books say the same at block ${cursor.block_number}`;
  throw broken("LEDGER_DIFFERENCE", `Chain and books differ by ${difference} units at block ${cursor.block_number}.`);
}

function foreign(message: string): ProgramError {
  return new ProgramError("FOREIGN_COPY", message, { exit: "store", next: "Name a backup of this installation." });
}

function broken(code: string, message: string): ProgramError {
  return new ProgramError(code, message, { exit: "store", next: "Do not work with this copy; look for another one." });
}
