import type { AccessListEntry } from "@tallystick/vault";
import { hexlify } from "ethers/utils";

/** An access list as ethers and JSON-RPC take it. */
export function encodeAccessList(list: readonly AccessListEntry[]): { address: string; storageKeys: string[] }[] {
  return list.map(({ address, storageKeys }) => ({
    address: hexlify(address),
    storageKeys: storageKeys.map((key) => hexlify(key)),
  }));
}
