import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import { readPayingKey } from "./paying-key.ts";
import type { VaultChain } from "./vault-chain.ts";

/** Opens the way to a domain's chain with the configured key. Throws ChainError PAYING_KEY_UNREADABLE. */
export type OpenVaultChain = (served: ServedDomain, access: NonNullable<GatewayConfig["claim"]>) => Promise<VaultChain>;

/** The way over JSON-RPC; the library is loaded when it is first needed. */
export const openVaultChain: OpenVaultChain = async ({ domain }, { rpc, keyFile }) => {
  const key = readPayingKey(keyFile);
  const { createEthersVaultChain } = await import("./ethers-vault-chain.ts");
  return createEthersVaultChain({ rpc, vault: domain.vault, key });
};
