import { sql } from "kysely";
import { equalBytes, toHex } from "@tallystick/protocol";
import { createPostgresLedger } from "../../../books/ledger/postgres-ledger.ts";
import { treasuryAccounts } from "../../../chain/accounts/own-accounts.ts";
import type { Database } from "../../../foundation/database/database.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, newestOf, type Probe, warning } from "../findings.ts";

/**
 * Whether the books have tokens at an account that was the treasury: they are the issuer's, and no
 * card is funded from them (spec §6.19).
 */
export class FormerTreasuryProbe implements Probe {
  readonly name = "former treasuries";
  readonly everyMs = LIMITS.fuelProbeMs;
  private readonly db: Database;
  private readonly treasury: Uint8Array;

  constructor(db: Database, treasury: Uint8Array) {
    this.db = db;
    this.treasury = treasury;
  }

  async look(): Promise<readonly Finding[]> {
    const former = (await treasuryAccounts(this.db)).filter(({ address }) => !equalBytes(address, this.treasury));
    const ledger = createPostgresLedger(this.db);
    const findings: Finding[] = [];
    const arrivals: (Date | null)[] = [];
    for (const { address, account } of former) {
      const balance = (await ledger.account(account))?.balance;
      const units = balance === undefined ? 0n : balance.debitsPosted - balance.creditsPosted;
      if (units <= 0n) continue;
      const message = `${units} units are at ${toHex(address)}, which was the treasury: no card is funded from them.`;
      const next = "Name its key in formerChainKeyFiles, and run tallystick-settlement keys rotate treasury.";
      findings.push(warning("FORMER_TREASURY_HOLDS", message, next));
      arrivals.push(await this.arrivedAt(account));
    }
    const [first, ...others] = findings;
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` So it is with ${others.length} more.`;
    return [{ ...first, message: `${first.message}${more}`, ...newestOf(arrivals) }];
  }

  /** When tokens came to an account of the books last. */
  private async arrivedAt(account: string): Promise<Date | null> {
    const { rows } = await sql<{ at: string }>`
      select booked_at_ms::text as at from ledger_entries where account = ${account} and side = 'debit'
      order by version desc limit 1`.execute(this.db);
    return rows[0] === undefined ? null : new Date(Number(rows[0].at));
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}
