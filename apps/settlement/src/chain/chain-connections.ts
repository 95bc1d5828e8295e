import { AgreeingRpc, type ChainRpc, type ChainSigner } from "@tallystick/evm";
import { EthersRpc } from "@tallystick/evm/ethers";
import { systemClock, systemRandom } from "../foundation/clock.ts";
import type { Config } from "../foundation/config/config.ts";
import { readIssuerSigners, type IssuerSigners } from "./issuer-signers.ts";
import { createVaultContract, type VaultContract } from "./vault-contract.ts";

/** The nodes, the vault behind them, and the accounts that send. */
export interface ChainConnections {
  readonly rpc: ChainRpc;
  /** Each node by itself, the first one first; to be closed last. */
  readonly nodes: readonly (ChainRpc & { close(): void })[];
  readonly contract: VaultContract;
  /** The treasury's. */
  readonly signer: ChainSigner;
  readonly signers: IssuerSigners;
}

/** Injection token of the node. */
export const CHAIN_RPC = Symbol("CHAIN_RPC");
/** Injection token of the treasury's signer. */
export const CHAIN_SIGNER = Symbol("CHAIN_SIGNER");
/** Injection token of the signers of all accounts that send. */
export const ISSUER_SIGNERS = Symbol("ISSUER_SIGNERS");
/** Injection token of the vault and its token. */
export const VAULT_CONTRACT = Symbol("VAULT_CONTRACT");

/** Opens everything lazily: no node need be up. Throws KeyFileError, and GuaranteeAccountShared. */
export function openChain(config: Config): ChainConnections {
  const { rpcUrl, witnessRpcUrl, chainId, vault, token } = config;
  const signers = readIssuerSigners(config);
  const open = (url: string): EthersRpc =>
    new EthersRpc({ url, chainId, now: () => systemClock.now(), random: systemRandom });
  const primary = open(rpcUrl);
  const witness = witnessRpcUrl === undefined ? null : open(witnessRpcUrl);
  const rpc = witness === null ? primary : new AgreeingRpc(primary, witness);
  const nodes = witness === null ? [primary] : [primary, witness];
  return { rpc, nodes, contract: createVaultContract({ rpc, vault, token }), signer: signers.treasury, signers };
}

export function closeChain({ nodes }: ChainConnections): void {
  for (const node of nodes) node.close();
}
