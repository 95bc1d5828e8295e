import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { Journal } from "../journal/journal.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { claim } from "./claim.ts";
import { createEthersVault } from "./ethers-vault.ts";
import { readPayingKey } from "./paying-key.ts";

const schema = "tallystick.claim/1";

/**
 * Claims in every domain that the till serves on this chain. Tells each event, then what it came to; amounts are decimal
 * strings. Throws ConfigError, TerminalKeyError, JournalError or ClaimError.
 */
export async function runClaim(
  config: GatewayConfig,
  options: { readonly rpc: string; readonly keyFile: string },
  say: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const payingKey = readPayingKey(options.keyFile);
  const now = Math.floor(Date.now() / 1_000);
  const { publicKey } = readTerminalKey(config.terminalKeyFile);
  const identity = { payee: config.payee, terminalId: config.terminalId, terminalKey: publicKey };
  const journal = Journal.open({ path: config.journalPath, witnessPath: config.witnessPath, identity, now });
  try {
    for (const served of config.domains) {
      const vault = createEthersVault({ rpc: options.rpc, vault: served.domain.vault, payingKey });
      const money = (units: bigint): string => formatTotal(units, served.asset);
      const place = {
        schema,
        chainId: String(served.domain.chainId),
        vault: toHex(served.domain.vault),
        currency: served.asset.code,
      };
      try {
        const report = await claim({ journal, config, served, vault, now }, (event) => {
          say({ ...place, ...event, ...("units" in event ? { units: undefined, amount: money(event.units) } : {}) });
        });
        say({ ...place, event: "done", ...report, withdrawn: money(report.withdrawn) });
      } finally {
        vault.close();
      }
    }
  } finally {
    journal.close();
  }
}
