import { Inject, Injectable } from "@nestjs/common";
import { LedgerError } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { createRangeProofs } from "../../books/ledger-log/range-proofs.ts";
import { lastBefore, sealedEntries, versionOfDebits } from "../../books/ledger-log/sealed-entries.ts";
import { createPostgresLedger } from "../../books/ledger/postgres-ledger.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { STATEMENT_CLOSES_MS } from "./limits.ts";
import { PayoutParts } from "./payout-parts.ts";
import { accountIds, STATEMENT_ACCOUNTS, type Standing } from "./statement-effects.ts";
import type { Statement, StatementHead } from "./statement-form.ts";
import { mergeAccounts, StatementLines } from "./statement-lines.ts";
import type { Period } from "../periods/period.ts";

/**
 * Statements of payees from the books: every operation on a payee's accounts in a period, in the
 * log's order, with a proof that it stands in the log. What it reads never changes, so that it
 * needs no transaction and may be read as slowly as anybody likes.
 */
@Injectable()
export class Statements {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(AnchoredRoots) private readonly roots: AnchoredRoots,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Begins a statement; whoever has no account in the books has an empty one. */
  async open(payee: Uint8Array, period: Period, name: string | null = null): Promise<Statement> {
    const { db } = this;
    const { log } = createPostgresLedger(db);
    await this.seal();
    const { size, root } = await log.head();
    const newest = await this.roots.newest();
    const anchor = newest !== null && newest.size > 0 && newest.size <= size ? newest : null;
    const consistency = anchor === null ? [] : await log.proveConsistency({ from: anchor.size, to: size });
    const ids = accountIds(payee);
    const [owed, paidOut, issuerOwes] = await Promise.all(
      STATEMENT_ACCOUNTS.map((account) => lastBefore(db, ids[account], period.fromMs)),
    );
    if (owed === undefined || paidOut === undefined || issuerOwes === undefined) throw new Error("unreachable");
    const opening: Standing = {
      accepted: owed.balance.debitsPending - owed.balance.creditsPending,
      owed: owed.balance.debitsPosted - owed.balance.creditsPosted,
      paidOut: paidOut.balance.debitsPosted - paidOut.balance.creditsPosted,
      issuerOwes: issuerOwes.balance.debitsPending - issuerOwes.balance.creditsPending,
    };
    const { debitsPosted: openingIn, creditsPosted: openingOut } = owed.balance;
    const head: StatementHead = {
      ...{ payee: toHex(payee), name, from: period.from, to: period.to },
      madeAt: new Date(this.clock.now()).toISOString(),
      complete: this.clock.now() >= period.endMs + STATEMENT_CLOSES_MS,
      ...{ log: { size, root: toHex(root) }, anchor, consistency: consistency.map((hash) => toHex(hash)) },
      ...{ opening, openingIn, openingOut },
    };
    const read = (account: keyof typeof ids, after: bigint) => sealedEntries(db, ids[account], { after, size });
    const gone = await versionOfDebits(db, ids.owed, openingOut);
    const lines = new StatementLines({
      ...{ db, ids, size, opening },
      payouts: new PayoutParts(read("owed", gone), ids),
      proofs: createRangeProofs(db, size),
    });
    const streams = {
      owed: read("owed", owed.version),
      paidOut: read("paidOut", paidOut.version),
      issuerOwes: read("issuerOwes", issuerOwes.version),
    };
    return { head, pieces: lines.write(mergeAccounts(streams, period.endMs)) };
  }

  /** What was booked just now comes into the log first. */
  private async seal(): Promise<void> {
    try {
      await createPostgresLedger(this.db).log.seal();
    } catch (error) {
      // Another process seals it at this moment, with the same effect.
      if (!(error instanceof LedgerError) || error.code !== "CONCURRENT_CHANGE") throw error;
    }
  }
}
