import { createVaultReader, type BlockTag, type ChainRpc, type VaultReader } from "@tallystick/evm";

/**
 * The vault and the token it holds, as the configuration names them. Calls that change something
 * are planned as chain actions.
 */
export interface VaultContract extends Pick<VaultReader, "vault" | "card" | "merchant"> {
  readonly token: Uint8Array;
  /** Base units of the token that an account holds. */
  tokenBalance(account: Uint8Array, tag: BlockTag): Promise<bigint>;
}

/** Every method rejects with RpcError, or with VaultError where the answer cannot be decoded. */
export function createVaultContract(options: {
  readonly rpc: ChainRpc;
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
}): VaultContract {
  const { rpc, vault, token } = options;
  const reader = createVaultReader({ rpc, vault });
  return { ...reader, token, tokenBalance: (account, tag) => reader.tokenBalance(token, account, tag) };
}
