import { BlockList, isIP } from "node:net";

type Subnet = readonly [network: string, prefix: number, family: "ipv4" | "ipv6"];

/** Addresses of this machine and of private networks, where a merchant's own programs may be. */
const PRIVATE: readonly Subnet[] = [
  ["127.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
];

/** Addresses where no endpoint ever is: of no machine, of many, of the link (which clouds ask for their keys), or of another address. */
const NEVER: readonly Subnet[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 128, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const privateNetworks = listOf(PRIVATE);
const never = listOf(NEVER);

/** Whether a message may go to this address; to one of a private network only where the configuration says so. */
export function mayBeTold(address: string, isPrivate: boolean): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mayBeTold(mapped, isPrivate);
  const family = version === 4 ? "ipv4" : "ipv6";
  if (never.check(address, family)) return false;
  return isPrivate || !privateNetworks.check(address, family);
}

/** Whether an address is of this machine or of a private network; false for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  return privateNetworks.check(address, version === 4 ? "ipv4" : "ipv6");
}

function listOf(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix, family] of subnets) list.addSubnet(network, prefix, family);
  return list;
}
