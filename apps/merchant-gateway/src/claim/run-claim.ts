import { setTimeout as sleep } from "node:timers/promises";
import type { FeePolicy } from "@tallystick/evm";
import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { connectVault, useVault } from "../chain/calls/vault-chain.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { openJournal } from "../journal/open-journal.ts";
import { COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { claim } from "./claim.ts";

export interface ClaimCommand {
  readonly terminalKey: Uint8Array;
  readonly rpcUrl: string;
  /** Of the account that pays the gas. */
  readonly secretKey: Uint8Array;
  readonly fees: FeePolicy;
}

/** What the claim reports in each line. */
interface ClaimPlace {
  readonly schema: "tallystick.claim/1";
  readonly chainId: string;
  readonly vault: string;
  readonly currency: string;
}

/** One line of the command; amounts are decimal strings. */
export type ClaimLine = ClaimPlace &
  (
    | {
        readonly event: "settled";
        readonly tx: string;
        readonly paid: number;
        readonly skipped: number;
        readonly amount: string;
      }
    | { readonly event: "released"; readonly tx: string; readonly voucherId: string }
    | { readonly event: "withdrawn"; readonly tx: string; readonly amount: string }
    | {
        readonly event: "done";
        readonly settled: number;
        readonly usedBefore: number;
        readonly skipped: number;
        readonly released: number;
        readonly withdrawn: string;
      }
  );

/**
 * Claims in every domain that the terminal serves on this chain. Reports each event, then what it came to. Throws JournalError or
 * ChainError.
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
      const { domain, asset } = served;
      const money = (units: bigint): string => formatTotal(units, asset);
      const place: ClaimPlace = {
        schema: "tallystick.claim/1",
        chainId: String(domain.chainId),
        vault: toHex(domain.vault),
        currency: asset.code,
      };
      const done = await useVault(connectVault(served, { rpcUrl, secretKey }), (chain) =>
        claim({ journal, config, served, chain, fees, patience }, (event) => {
          if (event.event === "released") report({ ...place, ...event });
          else {
            const { units, ...others } = event;
            report({ ...place, ...others, amount: money(units) });
          }
        }),
      );
      report({ ...place, event: "done", ...done, withdrawn: money(done.withdrawn) });
    }
  } finally {
    journal.close();
  }
}
