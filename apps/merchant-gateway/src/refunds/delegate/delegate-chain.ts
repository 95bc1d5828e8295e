import { createVaultReader, type VaultReader } from "@tallystick/evm";
import { decodeDelegateSlot, decodeReturned, delegateCall, type DelegateSlot, returnedCall } from "@tallystick/vault";
import { type OpenVaultChain, openVaultChain, useVault, type VaultChain } from "../../chain/calls/vault-chain.ts";
import { assertChain, type ChainNode, type OpenNode, openNode, useChain } from "../../chain/chain-node.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import { DAY_SECONDS } from "../../limits.ts";

/** The chain as a delegate needs it: a node, and an account with ether where there is one. */
export interface DelegateChain {
  readonly node: ChainNode;
  readonly views: VaultReader;
  /** Sends what was ordered; null where settlement alone can. */
  readonly sender: VaultChain | null;
}

/** What a payee's delegate may still give back today, units. */
export interface DelegateLimit {
  /** 0 for a key that is no delegate's. */
  readonly perDay: bigint;
  readonly leftToday: bigint;
}

export interface DelegateChainParts {
  readonly config: Pick<GatewayConfig, "claim">;
  readonly openChain?: OpenVaultChain;
  readonly openNode?: OpenNode;
}

/**
 * Uses the chain of a domain, by the account that pays gas or else by the node that only reads; null
 * where there is neither. Throws ChainError.
 */
export async function useDelegateChain<T>(
  { config: { claim }, openChain = openVaultChain, openNode: open = openNode }: DelegateChainParts,
  served: ServedDomain,
  work: (chain: DelegateChain | null) => Promise<T>,
): Promise<T> {
  if (claim !== null) {
    return await useVault(openChain(served, claim), async (sender) => {
      await assertChain(sender.node, served);
      return await work({ node: sender.node, views: sender.views, sender });
    });
  }
  if (served.chain === null) return await work(null);
  return await useChain(open(served, served.chain.rpcUrl), async (node) => {
    await assertChain(node, served);
    return await work({ node, views: createVaultReader({ rpc: node, vault: served.domain.vault }), sender: null });
  });
}

/** Units of a voucher that the vault shows as given back, at a block. */
export async function returnedAt(
  { node, views }: DelegateChain,
  voucherId: Uint8Array,
  tag: bigint | "latest",
): Promise<bigint> {
  return decodeReturned(await node.call({ to: views.vault, data: returnedCall(voucherId) }, tag));
}

/** What a delegate may give back by the newest block. */
export async function limitOf(
  { node, views }: DelegateChain,
  of: { readonly payee: Uint8Array; readonly delegate: Uint8Array },
): Promise<DelegateLimit> {
  const slot: DelegateSlot = decodeDelegateSlot(await node.call({ to: views.vault, data: delegateCall(of) }, "latest"));
  const newest = await node.block("latest");
  const today = Number((newest?.timestamp ?? 0n) / BigInt(DAY_SECONDS));
  const used = slot.day === today ? slot.used : 0n;
  return { perDay: slot.unitsPerDay, leftToday: slot.unitsPerDay > used ? slot.unitsPerDay - used : 0n };
}
