import { setTimeout as sleep } from "node:timers/promises";
import type { FeePolicy } from "@tallystick/evm";
import { connectVault, useVault } from "../chain/calls/vault-chain.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { openJournal } from "../journal/open-journal.ts";
import { COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { claim } from "./claim.ts";
import { type ClaimLine, reporterOf } from "./claim-lines.ts";

export interface ClaimCommand {
  readonly terminalKey: Uint8Array;
  readonly rpcUrl: string;
  /** Of the account that pays the gas. */
  readonly secretKey: Uint8Array;
  readonly fees: FeePolicy;
}

/**
 * Claims in every domain that the terminal serves on this chain. Reports each event, then what it
 * came to. Throws JournalError or ChainError.
 */
export async function runClaim(
  config: GatewayConfig,
  { terminalKey, rpcUrl, secretKey, fees }: ClaimCommand,
  report: (line: ClaimLine) => void,
): Promise<void> {
  const now = (): number => Math.floor(Date.now() / 1_000);
  const patience = { now, waitSeconds: COMMAND_DEADLINE_SECONDS, sleep };
  const journal = openJournal(config, { terminalKey, now: now() });
  try {
    for (const served of config.domains) {
      const { event, done } = reporterOf(served, report);
      done(
        await useVault(connectVault(served, { rpcUrl, secretKey }), (chain) =>
          claim({ journal, config, served, chain, fees, patience }, event),
        ),
      );
    }
  } finally {
    journal.close();
  }
}
