import { sha256 } from "@noble/hashes/sha2.js";
import type { LedgerEngine } from "../engine/engine.ts";
import { plainOperation } from "../model/operation.ts";
import { MAX_PAGE_ROWS } from "../model/limits.ts";
import type { Balance } from "../model/account.ts";

/**
 * SHA-256 over a ledger's whole content: every account with its entries and running balances, and
 * every operation, in an order that does not depend on the engine. Two ledgers with one digest hold
 * the same books.
 */
export async function ledgerDigest(engine: LedgerEngine): Promise<Uint8Array> {
  const accounts: string[] = [];
  const operations: string[] = [];
  for await (const record of engine.exportJournal()) {
    if (record.kind === "account") accounts.push(record.account.id);
    else
      for (const operation of record.group.operations)
        operations.push(operationLine(plainOperation(operation), record.group.atMs));
  }
  const hash = sha256.create();
  const write = (line: string): void => void hash.update(new TextEncoder().encode(`${line}\n`));
  for (const id of accounts.sort()) for await (const line of accountLines(engine, id)) write(line);
  for (const line of operations.sort()) write(line);
  return hash.digest();
}

async function* accountLines(engine: LedgerEngine, id: string): AsyncIterable<string> {
  const account = await engine.account(id);
  if (account === null) throw new Error(`The account ${id} is in the journal but not in the ledger.`);
  const { chart, asset, normalSide, limit, version } = account;
  yield JSON.stringify(["account", id, chart, asset, normalSide, limit, version, ...totals(account.balance)]);
  for (let afterVersion = 0; afterVersion < version;) {
    const page = await engine.entries(id, { afterVersion, limit: MAX_PAGE_ROWS });
    if (page.length === 0) throw new Error(`The account ${id} lacks entries after version ${afterVersion}.`);
    for (const entry of page) {
      const { transfer, side, bookedAtMs, balance } = entry;
      yield JSON.stringify(["entry", id, entry.version, transfer, side, bookedAtMs, ...totals(balance)]);
      afterVersion = entry.version;
    }
  }
}

function operationLine(operation: ReturnType<typeof plainOperation>, atMs: number): string {
  const { kind, id, debit, credit, amount, target, expiresAtMs } = operation;
  return JSON.stringify(["operation", id, kind, debit, credit, amount?.toString() ?? null, target, expiresAtMs, atMs]);
}

function totals({ debitsPosted, creditsPosted, debitsPending, creditsPending }: Balance): string[] {
  return [debitsPosted, creditsPosted, debitsPending, creditsPending].map(String);
}
