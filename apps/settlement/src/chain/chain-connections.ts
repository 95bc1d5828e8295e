import { AgreeingRpc, type ChainRpc, type ChainSigner } from "@tallystick/evm";
import { createKeySigner, EthersRpc } from "@tallystick/evm/ethers";
import { readDevelopmentKey } from "@tallystick/program";
import type { Config } from "../foundation/config/config.ts";
import { createVaultContract, type VaultContract } from "./vault-contract.ts";

/** The nodes, the vault behind them, and the account that sends. */
export interface ChainConnections {
  readonly rpc: ChainRpc;
  /** Connections to the nodes, to be closed last. */
  readonly nodes: readonly { close(): void }[];
  readonly contract: VaultContract;
  readonly signer: ChainSigner;
}

/** Injection token of the node. */
export const CHAIN_RPC = Symbol("CHAIN_RPC");
/** Injection token of the signer of the one account that sends: the treasury. */
export const CHAIN_SIGNER = Symbol("CHAIN_SIGNER");
/** Injection token of the vault and its token. */
export const VAULT_CONTRACT = Symbol("VAULT_CONTRACT");

/** Opens everything lazily: no node need be up. Throws KeyFileError. */
export function openChain({ chainKeyFile, rpcUrl, witnessRpcUrl, chainId, vault, token }: Config): ChainConnections {
  const signer = createKeySigner(readDevelopmentKey(chainKeyFile).secretKey);
  const primary = new EthersRpc({ url: rpcUrl, chainId });
  const witness = witnessRpcUrl === undefined ? null : new EthersRpc({ url: witnessRpcUrl, chainId });
  const rpc = witness === null ? primary : new AgreeingRpc(primary, witness);
  const nodes = witness === null ? [primary] : [primary, witness];
  return { rpc, nodes, contract: createVaultContract({ rpc, vault, token }), signer };
}

export function closeChain({ nodes }: ChainConnections): void {
  for (const node of nodes) node.close();
}
