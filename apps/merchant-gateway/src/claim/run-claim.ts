import { setTimeout as sleep } from "node:timers/promises";
import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { Journal } from "../journal/journal.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { claim } from "./claim.ts";
import { createEthersVaultChain } from "../chain/calls/ethers-vault-chain.ts";
import type { FeePolicy } from "../config/fee-policy.ts";
import { readPayingKey } from "../chain/calls/paying-key.ts";

const schema = "tallystick.claim/1";

/**
 * Claims in every domain that the terminal serves on this chain. Tells each event, then what it came to; amounts are decimal
 * strings. Throws ConfigError, TerminalKeyError, JournalError or ChainError.
 */
export async function runClaim(
  config: GatewayConfig,
  options: { readonly rpc: string; readonly keyFile: string; readonly fees: FeePolicy },
  say: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const key = readPayingKey(options.keyFile);
  const now = (): number => Math.floor(Date.now() / 1_000);
  const patience = { now, waitSeconds: COMMAND_DEADLINE_SECONDS, sleep };
  const { publicKey } = readTerminalKey(config.terminalKeyFile);
  const identity = { payee: config.payee, terminalId: config.terminalId, terminalKey: publicKey };
  const journal = Journal.open({ path: config.journalPath, witnessPath: config.witnessPath, identity, now: now() });
  try {
    for (const served of config.domains) {
      const chain = createEthersVaultChain({ rpc: options.rpc, vault: served.domain.vault, key });
      const money = (units: bigint): string => formatTotal(units, served.asset);
      const place = {
        schema,
        chainId: String(served.domain.chainId),
        vault: toHex(served.domain.vault),
        currency: served.asset.code,
      };
      try {
        const report = await claim({ journal, config, served, chain, fees: options.fees, patience }, (event) => {
          say({ ...place, ...event, ...("units" in event ? { units: undefined, amount: money(event.units) } : {}) });
        });
        say({ ...place, event: "done", ...report, withdrawn: money(report.withdrawn) });
      } finally {
        chain.close();
      }
    }
  } finally {
    journal.close();
  }
}
