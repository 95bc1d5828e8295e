import { Inject, Injectable } from "@nestjs/common";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import type { Period } from "../periods/period.ts";
import { openStatement } from "./open-statement.ts";
import type { Statement } from "./statement-form.ts";

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
  async open(payee: Uint8Array, period: Period): Promise<Statement> {
    const { db, roots, clock } = this;
    const named = await db.selectFrom("merchant_names").select("name").where("payee", "=", payee).executeTakeFirst();
    const name = named === undefined || named.name === "" ? null : named.name;
    const source = { db, newestAnchor: () => roots.newest(), nowMs: clock.now() };
    return await openStatement({ payee, period, name }, source);
  }
}
