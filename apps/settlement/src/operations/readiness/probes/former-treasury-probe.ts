import { equalBytes, toHex } from "@tallystick/protocol";
import { createPostgresLedger } from "../../../books/ledger/postgres-ledger.ts";
import { treasuryAccounts } from "../../../chain/accounts/own-accounts.ts";
import type { Database } from "../../../foundation/database/database.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, warning } from "../findings.ts";

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
    for (const { address, account } of former) {
      const balance = (await ledger.account(account))?.balance;
      const units = balance === undefined ? 0n : balance.debitsPosted - balance.creditsPosted;
      if (units <= 0n) continue;
      const message = `${units} units are at ${toHex(address)}, which was the treasury: no card is funded from them.`;
      const next = "Name its key in formerChainKeyFiles, and run tallystick-settlement keys rotate treasury.";
      findings.push(warning("FORMER_TREASURY_HOLDS", message, next));
    }
    return findings.slice(0, 1);
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}
