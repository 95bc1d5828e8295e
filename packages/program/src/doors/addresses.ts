/** Names under which a machine reaches itself; nobody else's name can be pointed at by them. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** Whether a server that listens at this host or address is reached by its own machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return LOOPBACK_NAMES.has(name) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

/** An address of a socket in one form: an IPv4 address that came by IPv6 is the IPv4 address. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "").toLowerCase();
}

/** The name in a header `Host`, without port, brackets and a point at its end, in lower case. */
export function hostName(header: string): string {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(header)?.[1];
  return (bracketed ?? header.replace(/:\d+$/, "").replace(/\.$/, "")).toLowerCase();
}

/** Whether a URL's host is the machine itself, so that what is sent there crosses no network. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopback(hostName(new URL(url).host));
}
