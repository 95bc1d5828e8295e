import { isLoopback, plainAddress, hostName } from "./addresses.ts";

/** Where a server listens, who may come through which name, and which proxy stands in front. */
export interface Door {
  /** A name or an address of this machine. */
  readonly host: string;
  readonly port: number;
  /** Further names under which callers may ask: those of a reverse proxy, or of a local network. */
  readonly hosts: readonly string[];
  /** Addresses of reverse proxies; where there are any, nobody else may connect. */
  readonly proxies: readonly string[];
}

/** What of a request is judged before anything of it is read. */
export interface DoorRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly raw: {
    readonly socket: { readonly remoteAddress?: string | undefined; readonly localAddress?: string | undefined };
  };
}

/** Why a request is not let in. */
export interface DoorFault {
  readonly code: "MISDIRECTED_HOST" | "FOREIGN_ORIGIN" | "NOT_THROUGH_PROXY";
  readonly detail: string;
}

/**
 * Why a request may not come in, or null. A page elsewhere could point its own name at a server that
 * only its reader's browser reaches (DNS rebinding), or have that browser send a form: neither may
 * read or do anything, at whatever address the server listens.
 */
export function doorFault({ headers, raw }: DoorRequest, door: Door): DoorFault | null {
  const { remoteAddress = "", localAddress = "" } = raw.socket;
  if (door.proxies.length > 0 && !door.proxies.includes(plainAddress(remoteAddress)))
    return { code: "NOT_THROUGH_PROXY", detail: "Ask the reverse proxy; this address answers nobody else." };
  const host = textOf(headers["host"]);
  if (!isAllowed(hostName(host), door, localAddress)) {
    const detail = "Use an address at which it listens, or have the name written into listen.hosts.";
    return { code: "MISDIRECTED_HOST", detail };
  }
  const origin = headers["origin"];
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return { code: "FOREIGN_ORIGIN", detail: "Only its own page may call it from a browser." };
  return null;
}

/**
 * Why a server may not listen at this door, or null: beyond its own machine nothing is open to
 * everybody.
 */
export function openDoorFault({ host, proxies }: Pick<Door, "host" | "proxies">, hasTokens: boolean): string | null {
  if (isLoopback(host) || hasTokens || proxies.length > 0) return null;
  return "other machines could use it without any credential: set tokens, name the reverse proxy in proxies, or listen at 127.0.0.1";
}

/** Who asks: the address of the connection or, through a named proxy, the one that it names last. */
export function callerOf({ headers, raw }: DoorRequest, { proxies }: Pick<Door, "proxies">): string {
  const peer = plainAddress(raw.socket.remoteAddress ?? "");
  if (!proxies.includes(peer)) return peer;
  const named = textOf(headers["x-forwarded-for"])
    .split(",")
    .map((part) => plainAddress(part.trim()));
  return named.findLast((address) => address !== "" && !proxies.includes(address)) ?? peer;
}

/** An address that a connection came in at cannot be somebody else's name. */
function isAllowed(name: string, { host, hosts }: Door, localAddress: string): boolean {
  if (name === "") return false;
  return isLoopback(name) || name === host.toLowerCase() || name === plainAddress(localAddress) || hosts.includes(name);
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : (header?.join(",") ?? "");
}
