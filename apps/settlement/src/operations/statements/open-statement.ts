import { LedgerError } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import type { Anchor } from "../../books/ledger-log/anchored-roots.ts";
import { createRangeProofs } from "../../books/ledger-log/range-proofs.ts";
import { lastBefore, sealedEntries, versionOfDebits } from "../../books/ledger-log/sealed-entries.ts";
import { createPostgresLedger } from "../../books/ledger/postgres-ledger.ts";
import type { Database } from "../../foundation/database/database.ts";
import type { Period } from "../periods/period.ts";
import { STATEMENT_CLOSES_MS } from "./limits.ts";
import { PayoutParts } from "./payout-parts.ts";
import { accountIds, type Standing } from "./statement-effects.ts";
import type { Statement, StatementHead } from "./statement-form.ts";
import { mergeAccounts, StatementLines } from "./statement-lines.ts";

/** What a statement is of. */
export interface StatementOf {
  readonly payee: Uint8Array;
  readonly period: Period;
  /** What people call the payee. */
  readonly name: string | null;
}

/** Where it is read from. */
export interface StatementSource {
  readonly db: Database;
  /** The newest root of the log on the chain. */
  newestAnchor(): Promise<Anchor | null>;
  readonly nowMs: number;
}

/** Begins a statement; whoever has no account in the books has an empty one. */
export async function openStatement(
  { payee, period, name }: StatementOf,
  { db, newestAnchor, nowMs }: StatementSource,
): Promise<Statement> {
  const { log } = createPostgresLedger(db);
  await seal(db);
  const { size, root } = await log.head();
  const newest = await newestAnchor();
  const anchor = newest !== null && newest.size > 0 && newest.size <= size ? newest : null;
  const consistency = anchor === null ? [] : await log.proveConsistency({ from: anchor.size, to: size });
  const ids = accountIds(payee);
  const [owed, paidOut, issuerOwes] = await Promise.all([
    lastBefore(db, ids.owed, period.fromMs),
    lastBefore(db, ids.paidOut, period.fromMs),
    lastBefore(db, ids.issuerOwes, period.fromMs),
  ]);
  const opening: Standing = {
    accepted: owed.balance.debitsPending - owed.balance.creditsPending,
    owed: owed.balance.debitsPosted - owed.balance.creditsPosted,
    paidOut: paidOut.balance.debitsPosted - paidOut.balance.creditsPosted,
    issuerOwes: issuerOwes.balance.debitsPending - issuerOwes.balance.creditsPending,
  };
  const { debitsPosted: openingIn, creditsPosted: openingOut } = owed.balance;
  const head: StatementHead = {
    ...{ payee: toHex(payee), name, from: period.from, to: period.to, madeAt: new Date(nowMs).toISOString() },
    complete: nowMs >= period.endMs + STATEMENT_CLOSES_MS,
    ...{ log: { size, root: toHex(root) }, anchor, consistency: consistency.map((hash) => toHex(hash)) },
    ...{ opening, openingIn, openingOut },
  };
  const read = (account: keyof typeof ids, after: bigint) => sealedEntries(db, ids[account], { after, size });
  const lines = new StatementLines({
    ...{ db, ids, size, opening, proofs: createRangeProofs(db, size) },
    payouts: new PayoutParts(read("owed", await versionOfDebits(db, ids.owed, openingOut)), ids),
  });
  const streams = {
    owed: read("owed", owed.version),
    paidOut: read("paidOut", paidOut.version),
    issuerOwes: read("issuerOwes", issuerOwes.version),
  };
  return { head, pieces: lines.write(mergeAccounts(streams, period.endMs)) };
}

/** What was booked just now comes into the log first. */
async function seal(db: Database): Promise<void> {
  try {
    await createPostgresLedger(db).log.seal();
  } catch (error) {
    // Another process seals it at this moment, with the same effect.
    if (!(error instanceof LedgerError) || error.code !== "CONCURRENT_CHANGE") throw error;
  }
}
