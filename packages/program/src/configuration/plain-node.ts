import { isPrivateAddress } from "../webhooks/address-rules.ts";
import { hostName, isLoopback } from "../doors/addresses.ts";
import { DEVELOPMENT_CHAIN_IDS, type KeyUse } from "../key-files/development.ts";

/**
 * Why a node of the chain may not be asked by this URL, as the end of a sentence that begins with the setting's name; null
 * where it may. Plain HTTP lets everybody on the way change what the chain says and read the key in the node's path. It is
 * taken on this machine, at an address of a private network, where nothing has worth, and where the operator says by
 * `setting` that the line is a private one.
 */
export function plainNodeFault(
  url: string,
  {
    chainIds,
    production = false,
    isPrivate,
    setting,
  }: KeyUse & { readonly isPrivate: boolean; readonly setting: string },
): string | null {
  const { protocol, host } = new URL(url);
  if (protocol === "https:" || isPrivate) return null;
  const name = hostName(host);
  if (isLoopback(name) || isPrivateAddress(name)) return null;
  if (!production && chainIds.every((id) => DEVELOPMENT_CHAIN_IDS.includes(id))) return null;
  return `must be https: by plain http anybody on the way changes what the chain says; on a line of your own set ${setting}`;
}
