import { setTimeout as sleep } from "node:timers/promises";
import type { FeePolicy } from "@tallystick/evm";
import { connectVault, useVault } from "../chain/calls/vault-chain.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { openJournal } from "../journal/open-journal.ts";
import { COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { readBundles } from "./bundle-file.ts";
import { claimBundles } from "./claim-bundles.ts";
import { judgeBundles } from "./judge-bundles.ts";
import { type ClaimLine, reporterOf } from "./claim-lines.ts";

export interface BundleClaimCommand {
  /** Path of the bundles. */
  readonly file: string;
  readonly rpcUrl: string;
  /** Of the account that pays the gas. */
  readonly secretKey: Uint8Array;
  readonly fees: FeePolicy;
}

/** The journal beside a file of bundles holds calls alone, and no terminal's. */
const noTerminalKey = new Uint8Array(33);

/**
 * Claims the bundles of a file, whichever terminal has exported it, in every domain that this
 * machine's configuration names. What is sent is kept in a journal of its own beside the file, so
 * that the same command continues it. Throws BundleFileError, JournalError or ChainError.
 */
export async function runBundleClaim(
  config: GatewayConfig,
  { file, rpcUrl, secretKey, fees }: BundleClaimCommand,
  report: (line: ClaimLine) => void,
): Promise<void> {
  const { byDomain, refused } = judgeBundles(readBundles(file), config.domains);
  for (const each of refused) report({ schema: "tallystick.claim/1", event: "refused", file, ...each });
  const now = (): number => Math.floor(Date.now() / 1_000);
  const patience = { now, waitSeconds: COMMAND_DEADLINE_SECONDS, sleep };
  const own = { ...config, journalPath: `${file}.journal`, witnessPath: `${file}.journal.witness` };
  const journal = openJournal(own, { terminalKey: noTerminalKey, now: now() });
  try {
    for (const { served, bundles } of byDomain) {
      if (bundles.length === 0) continue;
      const { event, done } = reporterOf(served, report);
      done(
        await useVault(connectVault(served, { rpcUrl, secretKey }), (chain) =>
          claimBundles({ journal, served, chain, fees, patience }, bundles, event),
        ),
      );
    }
  } finally {
    journal.close();
  }
}
