import { type ChainSigner, createVaultReader, type VaultReader } from "@tallystick/evm";
import { KeyFileError, readAccountKey } from "@tallystick/program";
import { VaultError } from "@tallystick/vault";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import { ChainError } from "../chain-error.ts";
import { type ChainNode, openNode, useChain } from "../chain-node.ts";

/**
 * The chain as a terminal with a key of its own needs it: a node, views of the vault, and who
 * signs.
 */
export interface VaultChain {
  readonly node: ChainNode;
  readonly views: VaultReader;
  readonly signer: ChainSigner;
  close(): void;
}

/**
 * Opens the way to a domain's chain with the configured key. Throws ChainError
 * PAYING_KEY_UNREADABLE.
 */
export type OpenVaultChain = (served: ServedDomain, access: NonNullable<GatewayConfig["claim"]>) => Promise<VaultChain>;

export const openVaultChain: OpenVaultChain = async (served, { rpcUrl, keyFile }) => {
  let secretKey: Uint8Array;
  try {
    secretKey = readAccountKey(keyFile, { chainIds: [served.domain.chainId] });
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new ChainError("PAYING_KEY_UNREADABLE", `${error.message} ${error.next}`);
  }
  return await connectVault(served, { rpcUrl, secretKey });
};

/** The way to a domain's chain over JSON-RPC, with the key of an account. */
export async function connectVault(
  served: Pick<ServedDomain, "domain">,
  { rpcUrl, secretKey }: { readonly rpcUrl: string; readonly secretKey: Uint8Array },
): Promise<VaultChain> {
  const { createKeySigner } = await import("@tallystick/evm/ethers");
  return vaultChain(await openNode(served, rpcUrl), served.domain.vault, createKeySigner(secretKey));
}

/** The chain through a node that is open. */
export function vaultChain(node: ChainNode, vault: Uint8Array, signer: ChainSigner): VaultChain {
  return {
    node,
    views: createVaultReader({ rpc: node, vault }),
    signer,
    close: () => {
      node.close();
    },
  };
}

/**
 * Uses a chain and closes it. Throws ChainError RPC_UNREACHABLE where the node, or the vault behind
 * it, does not answer as it should.
 */
export async function useVault<T>(opening: Promise<VaultChain>, work: (chain: VaultChain) => Promise<T>): Promise<T> {
  try {
    return await useChain(opening, work);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new ChainError("RPC_UNREACHABLE", `The vault's answers cannot be read: ${error.message}`);
  }
}

/** Units that the vault owes a payee. */
export async function owedTo({ views }: Pick<VaultChain, "views">, payee: Uint8Array): Promise<bigint> {
  const { earned, withdrawn } = await views.merchant(payee, "latest");
  return earned - withdrawn;
}
