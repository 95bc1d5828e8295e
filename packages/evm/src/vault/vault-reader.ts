import { equalBytes, toAddress, type Address } from "@tallystick/protocol";
import {
  balanceOfCall,
  cardCall,
  type CardSlot,
  decodeBalance,
  decodeCardSlot,
  decodeIsUsed,
  decodeMerchantSlot,
  decodeTokenAnswer,
  decodeVaultAnswer,
  decodeVaultEvent,
  encodeTokenCall,
  encodeVaultCall,
  isUsedCall,
  merchantCall,
  type MerchantSlot,
  type SettledItem,
} from "@tallystick/vault";
import type { BlockTag, ChainRpc } from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { placedLog } from "./chain-reader.ts";

/** What a vault and its token hold, at a block. Calls that change something are sent as actions. */
export interface VaultReader {
  readonly vault: Uint8Array;
  card(card: Uint8Array, tag: BlockTag): Promise<CardSlot>;
  merchant(payee: Uint8Array, tag: BlockTag): Promise<MerchantSlot>;
  /** Whether the vault has paid, released or voided this counter. */
  isUsed(card: Uint8Array, counter: number, tag: BlockTag): Promise<boolean>;
  /** The vault's token. */
  token(): Promise<Address>;
  /** Token base units of one unit, fixed when the vault was deployed. */
  scale(): Promise<bigint>;
  /** The decimals by which a token displays its base units. */
  tokenDecimals(token: Uint8Array): Promise<number>;
  /** Base units of a token. */
  tokenBalance(token: Uint8Array, account: Uint8Array, tag: BlockTag): Promise<bigint>;
  /** Base units of a token that the vault may pull from an account. */
  tokenAllowance(token: Uint8Array, account: Uint8Array, tag: BlockTag): Promise<bigint>;
  /**
   * What a transaction settled in this vault, item by item; nothing where it did not, or stands in
   * no block.
   */
  settledBy(hash: Uint8Array): Promise<readonly SettledItem[]>;
}

/**
 * Reads a vault and its token through a node. Every method rejects with RpcError, or with
 * VaultError for an answer that is none.
 */
export function createVaultReader({ rpc, vault }: { readonly rpc: ChainRpc; readonly vault: Uint8Array }): VaultReader {
  const view = (data: Uint8Array, tag: BlockTag): Promise<Uint8Array> => rpc.call({ to: vault, data }, tag);
  const ofToken = (to: Uint8Array, data: Uint8Array, tag: BlockTag): Promise<Uint8Array> => rpc.call({ to, data }, tag);
  return {
    vault,
    card: async (card, tag) => decodeCardSlot(await view(cardCall(card), tag)),
    merchant: async (payee, tag) => decodeMerchantSlot(await view(merchantCall(payee), tag)),
    isUsed: async (card, counter, tag) => decodeIsUsed(await view(isUsedCall(card, counter), tag)),
    token: async () => {
      const [token] = Object.values(decodeVaultAnswer("token", await view(encodeVaultCall("token", []), "latest")));
      return toAddress(token);
    },
    scale: async () =>
      numberOf(Object.values(decodeVaultAnswer("scale", await view(encodeVaultCall("scale", []), "latest")))),
    tokenDecimals: async (token) => {
      const answer = await ofToken(token, encodeTokenCall("decimals", []), "latest");
      return Number(numberOf(Object.values(decodeTokenAnswer("decimals", answer))));
    },
    tokenBalance: async (token, account, tag) => decodeBalance(await ofToken(token, balanceOfCall(account), tag)),
    tokenAllowance: async (token, account, tag) => {
      const data = encodeTokenCall("allowance", [account, vault]);
      return numberOf(Object.values(decodeTokenAnswer("allowance", await ofToken(token, data, tag))));
    },
    settledBy: async (hash) => await settledBy(rpc, vault, hash),
  };
}

function numberOf([value]: readonly unknown[]): bigint {
  if (typeof value !== "bigint") throw new RpcError("REFUSED", "The contract answered no number.");
  return value;
}

async function settledBy(rpc: ChainRpc, vault: Uint8Array, hash: Uint8Array): Promise<readonly SettledItem[]> {
  const receipt = await rpc.receipt(hash);
  if (receipt === null) return [];
  const { blockNumber } = receipt;
  const logs = await rpc.logs({ from: blockNumber, to: blockNumber, address: vault });
  const items: SettledItem[] = [];
  for (const log of logs.filter(({ transactionHash }) => equalBytes(transactionHash, hash))) {
    const event = await decodeVaultEvent(placedLog(log), async () => (await rpc.transaction(hash))?.input ?? null);
    if (event.kind === "settled") items.push(...event.items);
  }
  return items;
}
