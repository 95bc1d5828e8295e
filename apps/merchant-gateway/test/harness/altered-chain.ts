import type { ChainSigner } from "@tallystick/evm";
import type { ChainNode } from "../../src/chain/chain-node.ts";
import type { VaultChain } from "../../src/chain/calls/vault-chain.ts";

/** A chain whose node or key does some things otherwise. */
export function alteredChain(
  chain: VaultChain,
  changes: { readonly node?: Partial<ChainNode>; readonly signer?: Partial<ChainSigner> },
): VaultChain {
  return {
    ...chain,
    node: Object.assign(Object.create(chain.node) as ChainNode, changes.node),
    signer: { ...chain.signer, ...changes.signer },
  };
}
