import { type Command, InvalidArgumentError } from "commander";
import { type FeePolicy, feePolicy, MAX_FEE_GWEI } from "@tallystick/evm";
import { ConfigError, faultAt, type KeyUse, plainNodeFault, readAccountKey } from "@tallystick/program";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** From which node the payee's money is brought, and with whose gas. */
export interface ChainOptions {
  readonly config: string;
  readonly rpcUrl: string;
  readonly privateNode?: boolean;
  readonly keyFile: string;
  readonly maxFeeGwei?: number;
}

/** The node and the key of a command, and what it may offer for a transaction. */
export interface ChainAccess {
  readonly rpcUrl: string;
  readonly secretKey: Uint8Array;
  readonly fees: FeePolicy;
}

/** A command that works on the chain while the gateway is stopped. */
export function chainCommand(program: Command, name: string): Command {
  return program
    .command(name)
    .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
    .requiredOption("--rpc-url <url>", "JSON-RPC of a node of the chain")
    .option("--private-node", "the node is on a line of your own, where plain http is allowed too")
    .requiredOption(
      "--key-file <file>",
      '{"privateKey":"0x…"} of the account that pays the gas; refunds and releases need the payee\'s own',
    )
    .option("--max-fee-gwei <gwei>", "what is offered at most for a unit of gas", gweiOf)
    .option("--json", "print JSON lines for programs instead of sentences");
}

/** What the flags of a command name. Throws ConfigError and KeyFileError. */
export function chainAccess(config: GatewayConfig, options: ChainOptions): ChainAccess {
  const { rpcUrl, keyFile, privateNode: isPrivate = false } = options;
  const use = useOf(config);
  const fault = URL.canParse(rpcUrl)
    ? plainNodeFault(rpcUrl, { ...use, isPrivate, setting: "--private-node" })
    : "must be an address of the web, such as https://node.example";
  if (fault !== null) throw new ConfigError([faultAt("--rpc-url", fault)], "The command line");
  return { rpcUrl, secretKey: readAccountKey(keyFile, use), fees: feesFor(config, options) };
}

/** A command's key signs on the chains of all domains. */
function useOf({ domains }: GatewayConfig): KeyUse {
  return { chainIds: domains.map(({ domain }) => domain.chainId) };
}

/**
 * What a command may offer for a transaction: as its flag says, as the configuration says, or the
 * default.
 */
function feesFor(config: GatewayConfig, { maxFeeGwei }: ChainOptions): FeePolicy {
  const configured = config.claim?.fees ?? feePolicy();
  return maxFeeGwei === undefined ? configured : { ...configured, maxFee: feePolicy({ maxFeeGwei }).maxFee };
}

function gweiOf(text: string): number {
  const gwei = Number(text);
  if (/^[0-9]+$/.test(text) && gwei >= 1 && gwei <= MAX_FEE_GWEI) return gwei;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_FEE_GWEI}.`);
}
