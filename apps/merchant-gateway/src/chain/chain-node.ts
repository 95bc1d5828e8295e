import { randomInt } from "node:crypto";
import { type ChainRpc, RpcError } from "@tallystick/evm";
import { redactUrls } from "@tallystick/program";
import type { ServedDomain } from "../config/gateway-config.ts";
import { RPC_TIMEOUT_MS } from "../limits.ts";
import { ChainError } from "./chain-error.ts";

/** A node of a chain, and what ends the connection to it. */
export type ChainNode = ChainRpc & { close(): void };

/** Opens the way to a node of a domain's chain. */
export type OpenNode = (served: Pick<ServedDomain, "domain">, rpcUrl: string) => Promise<ChainNode>;

/** The way over JSON-RPC; the library is loaded when it is first needed. */
export const openNode: OpenNode = async ({ domain }, rpcUrl) => {
  const { EthersRpc } = await import("@tallystick/evm/ethers");
  const random = (): number => randomInt(2 ** 32) / 2 ** 32;
  const waits = { timeoutMs: RPC_TIMEOUT_MS, now: () => Date.now(), random };
  return new EthersRpc({ url: rpcUrl, chainId: domain.chainId, ...waits });
};

/**
 * Uses a chain and closes it. Throws ChainError RPC_UNREACHABLE where the node does not do what it
 * is asked.
 */
export async function useChain<Chain extends { close(): void }, T>(
  opening: Promise<Chain>,
  work: (chain: Chain) => Promise<T>,
): Promise<T> {
  const chain = await opening;
  try {
    return await work(chain);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new ChainError(
      "RPC_UNREACHABLE",
      `The chain's node did not answer as it should: ${redactUrls(error.message)}`,
    );
  } finally {
    chain.close();
  }
}

/** Throws WRONG_CHAIN where a node is of another chain than a vault. */
export async function assertChain(
  node: Pick<ChainRpc, "chainId">,
  { domain }: Pick<ServedDomain, "domain">,
): Promise<void> {
  const chainId = await node.chainId();
  if (chainId === domain.chainId) return;
  throw new ChainError(
    "WRONG_CHAIN",
    `This node is of chain ${chainId}, and the vault is on chain ${domain.chainId}. Name a node of that chain.`,
  );
}
