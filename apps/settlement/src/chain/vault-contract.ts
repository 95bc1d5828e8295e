import {
  balanceOfCall,
  cardCall,
  decodeBalance,
  decodeCardSlot,
  decodeMerchantSlot,
  merchantCall,
  type CardSlot,
  type MerchantSlot,
} from "@tallystick/vault";
import type { BlockTag, ChainRpc } from "./chain-rpc.ts";

/**
 * Where the vault and its token stand, and what they hold at a block. Calls that change something
 * are planned as chain actions.
 */
export interface VaultContract {
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  card(card: Uint8Array, tag: BlockTag): Promise<CardSlot>;
  merchant(payee: Uint8Array, tag: BlockTag): Promise<MerchantSlot>;
  /** Base units of the token. */
  tokenBalance(account: Uint8Array, tag: BlockTag): Promise<bigint>;
}

export const VAULT_CONTRACT = Symbol("VAULT_CONTRACT");

/**
 * Reads the vault and its token through a node. Every method throws RpcError, or VaultError where
 * the answer cannot be decoded.
 */
export function createVaultContract(options: { vault: Uint8Array; token: Uint8Array; rpc: ChainRpc }): VaultContract {
  const { vault, token, rpc } = options;
  return {
    ...{ vault, token },
    card: async (card, tag) => decodeCardSlot(await rpc.call({ to: vault, data: cardCall(card) }, tag)),
    merchant: async (payee, tag) => decodeMerchantSlot(await rpc.call({ to: vault, data: merchantCall(payee) }, tag)),
    tokenBalance: async (account, tag) =>
      decodeBalance(await rpc.call({ to: token, data: balanceOfCall(account) }, tag)),
  };
}
