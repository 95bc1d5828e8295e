import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import type { Operation } from "@tallystick/ledger-core";
import { toAddress, toHex } from "@tallystick/protocol";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { accountSpec, cardAccount, owedAccount, paidOutAccount } from "../src/books/postings/chart-of-accounts.ts";
import type { Database } from "../src/foundation/database/database.ts";
import { dayOf, periodOf } from "../src/operations/periods/period.ts";
import { openStatement } from "../src/operations/statements/open-statement.ts";
import { statementJson } from "../src/operations/statements/statement-json.ts";
import { verifyStatement } from "../src/verify/verify-statement.ts";
import { STATEMENT_GROUP, STATEMENT_RUNS, STATEMENT_VOUCHERS } from "./limits.ts";

const ASSET = { code: "TUSD", decimals: 6, scale: 1n };

/** Books a payee's vouchers, their payments and one payout. */
async function book(db: Database, payee: Uint8Array): Promise<void> {
  const ledger = createPostgresLedger(db);
  const [owed, paidOut, card] = [owedAccount(payee), paidOutAccount(payee), cardAccount(randomBytes(20))];
  await ledger.openAccounts([owed, paidOut, card].map((id) => accountSpec(id, ASSET.code)));
  const apply = async (operations: readonly Operation[]): Promise<void> => {
    const outcome = await ledger.apply({ atMs: Date.now(), operations });
    if (!outcome.ok) throw new Error(outcome.message);
  };
  for (let done = 0; done < STATEMENT_VOUCHERS; done += STATEMENT_GROUP) {
    const names = Array.from({ length: STATEMENT_GROUP }, () => toHex(randomBytes(32)));
    await apply(names.map((name) => ({ kind: "hold", id: `hold:${name}`, debit: owed, credit: card, amount: 100n })));
    await apply(names.map((name) => ({ kind: "post", id: `paid:${name}`, hold: `hold:${name}` })));
  }
  const id = `paidOut:${toHex(randomBytes(32))}:0:0`;
  const amount = 100n * BigInt(STATEMENT_VOUCHERS);
  await apply([{ kind: "transfer", id, debit: paidOut, credit: owed, amount }]);
}

/** How long the statement of a payee with many vouchers takes, and its check. */
export async function benchStatement(db: Database): Promise<void> {
  const payee = toAddress(randomBytes(20));
  await book(db, payee);
  const domain = { chainId: 1n, vault: payee };
  const issuer = { keyId: 1, sign: () => Promise.resolve(new Uint8Array(randomBytes(64))) };
  const day = dayOf(Date.now());
  const source = { db, newestAnchor: () => Promise.resolve(null), nowMs: Date.now() };
  let [least, leastCheck] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < STATEMENT_RUNS; run += 1) {
    const begun = performance.now();
    let text = "";
    const statement = await openStatement({ payee, period: periodOf(day, day), name: null }, source);
    for await (const piece of statementJson(statement, { asset: ASSET, domain, issuer })) text += piece;
    const written = performance.now();
    const { fault } = verifyStatement(text, { issuerKeys: [], root: null });
    if (fault !== null) throw new Error(fault.message);
    least = Math.min(least, written - begun);
    leastCheck = Math.min(leastCheck, performance.now() - written);
  }
  for (const [name, ms] of [
    [`statement of ${STATEMENT_VOUCHERS} vouchers`, least],
    [`check of it`, leastCheck],
  ] as const) {
    const row = {
      ...{ schema: "tallystick.bench/1", name, unit: "ms", ours: Number(ms.toFixed(3)), peer: null, ratio: null },
      ...{ samples: STATEMENT_RUNS, cores: cpus().length, seed: null, node: process.version },
    };
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}
