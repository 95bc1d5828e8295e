import { accessSync, constants, existsSync } from "node:fs";
import { isReaderError } from "@tallystick/apdu";
import { type Check, ProgramError, readWebhookSecret } from "@tallystick/program";
import { type Signer, toHex } from "@tallystick/protocol";
import { openNode, useChain } from "../chain/chain-node.ts";
import type { GatewayConfig, LaneConfig, ServedDomain } from "../config/gateway-config.ts";
import { Policies } from "../config/policies.ts";
import { DiskWatch } from "../journal/disk-watch.ts";
import { openReaders } from "../reader/open-reader.ts";
import { readerMessage } from "../reader/reader-message.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";

/**
 * Everything that a terminal's configuration says and that can be looked at, in the order in which it
 * is needed. Nothing is changed: not even the journal is opened, so that the terminal may run.
 */
export function terminalChecks(config: GatewayConfig): readonly Check[] {
  let signer: Signer | null = null;
  return [
    {
      name: "terminal key",
      run: () => {
        signer = readTerminalKey(config.terminalKeyFile);
        return toHex(signer.publicKey);
      },
    },
    {
      name: "certificates",
      needs: ["terminal key"],
      run: () => (signer === null ? "" : certificatesOf(config, signer)),
    },
    { name: "journal", run: () => journalOf(config) },
    { name: "disk", run: () => diskOf(config) },
    ...config.lanes.map((lane) => readerCheck(config, lane)),
    ...(config.webhooks.length === 0 ? [] : [{ name: "webhooks", run: () => webhooksOf(config) }]),
    ...config.domains.flatMap((served, index) => networkChecks(served, index)),
  ];
}

function certificatesOf(config: GatewayConfig, signer: Signer): string {
  const policies = Policies.of(config, signer.publicKey).all();
  const missing = policies.filter(({ policy }) => policy === null).length;
  if (missing === 0) return `${policies.length}, for this terminal's key`;
  const next = "Have the terminal certified: docs/operating/merchant-gateway.md, The certificate.";
  throw new ProgramError("CERTIFICATE_MISSING", `${missing} currencies have no certificate.`, { exit: "usage", next });
}

function journalOf({ journalPath }: GatewayConfig): string {
  if (!existsSync(journalPath)) return `${journalPath} is made at the first start`;
  accessSync(journalPath, constants.R_OK | constants.W_OK);
  return journalPath;
}

function diskOf({ journalPath }: GatewayConfig): string {
  const fault = new DiskWatch(journalPath).look();
  if (fault === null) return "takes writes";
  throw new ProgramError(fault.code, fault.message, { exit: "store", next: "Free some space, or use another disk." });
}

/** Each endpoint has a secret that can be read; nothing is sent. */
function webhooksOf({ webhooks }: GatewayConfig): string {
  for (const { secretFile } of webhooks) readWebhookSecret(secretFile);
  return webhooks.map(({ name }) => name).join(", ");
}

/** A terminal with one lane has a reader; one with several has a reader for each. */
function readerCheck(config: GatewayConfig, lane: LaneConfig): Check {
  const name = config.lanes.length === 1 ? "reader" : `reader of lane ${lane.name}`;
  return { name, run: () => readerOf(config, lane) };
}

async function readerOf(config: GatewayConfig, lane: LaneConfig): Promise<string> {
  const { of, close } = await openReaders(config);
  const reader = of(lane);
  try {
    const { card } = await reader.status();
    return `${reader.name}, card ${card}`;
  } catch (error) {
    if (!isReaderError(error)) throw error;
    const next = "Connect the reader, start pcscd, and check reader in the configuration.";
    throw new ProgramError(error.code, readerMessage(error.code), { exit: "reader", next });
  } finally {
    await close();
  }
}

/** What a currency reaches; where it relies on nobody there is nothing to reach. */
function networkChecks(served: ServedDomain, index: number): readonly Check[] {
  const { settlementUrl, chain } = served;
  const checks: Check[] = [];
  if (settlementUrl !== null)
    checks.push({ name: `settlement ${index}`, run: () => settlementOf(served, settlementUrl) });
  if (chain !== null) checks.push({ name: `node ${index}`, run: () => nodeOf(served, chain.rpcUrl) });
  return checks;
}

async function settlementOf({ domain }: ServedDomain, url: string): Promise<string> {
  const next = "Check settlementUrl and the way to it.";
  let answer: { readonly chainId?: unknown; readonly vault?: unknown };
  try {
    const response = await fetch(new URL("v1/domain", url.endsWith("/") ? url : `${url}/`));
    answer = (await response.json()) as typeof answer;
  } catch {
    throw new ProgramError("SETTLEMENT_UNREACHABLE", "Settlement does not answer.", { exit: "network", next });
  }
  const same = answer.chainId === Number(domain.chainId) && answer.vault === toHex(domain.vault);
  if (same) return "serves this vault";
  throw new ProgramError("WRONG_SETTLEMENT", "Settlement serves another vault.", { exit: "usage", next });
}

async function nodeOf(served: ServedDomain, rpcUrl: string): Promise<string> {
  const actual = await useChain(openNode(served, rpcUrl), (node) => node.chainId());
  if (actual === served.domain.chainId) return `of chain ${actual}`;
  const message = `The node is of chain ${actual}, and the vault is on chain ${served.domain.chainId}.`;
  throw new ProgramError("WRONG_CHAIN", message, { exit: "network", next: "Name a node of that chain." });
}
