import { fromHex } from "@tallystick/protocol";
import type { Config } from "../foundation/config/config.ts";
import { readDevelopmentKey } from "../foundation/keys/key-file.ts";
import { AgreeingRpc } from "./agreeing-rpc.ts";
import type { ChainRpc } from "./chain-rpc.ts";
import { createDevelopmentSigner, type ChainSigner } from "./chain-signer.ts";
import { EthersRpc } from "./ethers-rpc.ts";
import { createVaultContract, type VaultContract } from "./vault-contract.ts";

/** The nodes, the vault behind them, and the account that sends. */
export interface ChainConnections {
  readonly rpc: ChainRpc;
  /** Connections to the nodes, to be closed last. */
  readonly nodes: readonly { close(): void }[];
  readonly contract: VaultContract;
  readonly signer: ChainSigner;
}

/** Opens everything lazily: no node need be up. Throws KeyFileError. */
export function openChain(config: Config): ChainConnections {
  const signer = createDevelopmentSigner(readDevelopmentKey(config.chainKeyFile).secretKey);
  const primary = new EthersRpc(config.rpcUrl, config.chainId);
  const witness = config.witnessRpcUrl === undefined ? null : new EthersRpc(config.witnessRpcUrl, config.chainId);
  const rpc = witness === null ? primary : new AgreeingRpc(primary, witness);
  const contract = createVaultContract({ vault: fromHex(config.vault, 20), token: fromHex(config.token, 20), rpc });
  return { rpc, nodes: witness === null ? [primary] : [primary, witness], contract, signer };
}

export function closeChain({ nodes }: ChainConnections): void {
  for (const node of nodes) node.close();
}
