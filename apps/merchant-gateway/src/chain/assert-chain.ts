import type { ServedDomain } from "../config/gateway-config.ts";
import { ChainError } from "./chain-error.ts";

/** Throws WRONG_CHAIN where a node is of another chain than a vault. */
export async function assertChain(
  node: { chainId(): Promise<bigint> },
  { domain }: Pick<ServedDomain, "domain">,
): Promise<void> {
  const chainId = await node.chainId();
  if (chainId === domain.chainId) return;
  throw new ChainError(
    "WRONG_CHAIN",
    `This node is of chain ${chainId}, and the vault is on chain ${domain.chainId}. Name a node of that chain.`,
  );
}
