import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { StackError } from "./errors.ts";
import { FEWEST_PORTS, LOWEST_PORT, PORT_SEARCHES } from "./limits.ts";

/** The first port that the kernel takes for outgoing connections; undefined where it does not say. */
function firstOutgoingPort(): number | undefined {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/)[0]);
  } catch {
    return undefined;
  }
}

/**
 * A port that nobody listens on. It lies below those that the kernel takes for outgoing connections: a server that is
 * stopped for a while and comes back finds its port free, and nobody who calls meanwhile is connected to itself.
 */
export async function freePort(): Promise<number> {
  const end = firstOutgoingPort() ?? 0;
  if (end - LOWEST_PORT < FEWEST_PORTS) return await anyPort();
  for (let search = 0; search < PORT_SEARCHES; search += 1) {
    const port = randomInt(LOWEST_PORT, end);
    if (await isFree(port)) return port;
  }
  return await anyPort();
}

/** Asks the kernel for any free TCP port of the loopback interface. */
async function anyPort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string")
          reject(new StackError("OUT_OF_RANGE", "the kernel gave no port"));
        else resolve(address.port);
      });
    });
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.on("error", () => {
      resolve(false);
    });
    server.listen(port, "0.0.0.0", () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

/** Finds two neighbouring free ports and answers the lower one: a virtual reader listens once a slot, on both. */
export async function freePortPair(): Promise<number> {
  for (let search = 0; search < PORT_SEARCHES; search += 1) {
    const port = await freePort();
    if (port < 65_535 && (await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new StackError("OUT_OF_RANGE", "no two neighbouring free ports; close some programs and try again");
}

/** The kernel's numbers of the sockets that listen on a TCP port. */
function listeningSockets(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    try {
      return readFileSync(table, "utf8")
        .split("\n")
        .map((row) => row.trim().split(/\s+/))
        .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${hex}`) === true)
        .map((fields) => fields[9] ?? "");
    } catch {
      return [];
    }
  });
}

/**
 * Tells whether some program listens on the TCP port, without connecting: on a virtual reader a connection would be a
 * card. Reads the kernel's table, so it works on Linux only.
 */
export function isListening(port: number): boolean {
  return listeningSockets(port).length > 0;
}

/** Tells whether it is this process that listens on the TCP port; it must be of the same user. Works on Linux only. */
export function listensOn(pid: number, port: number): boolean {
  const sockets = listeningSockets(port).map((number) => `socket:[${number}]`);
  try {
    return readdirSync(`/proc/${pid}/fd`).some((name) => sockets.includes(linkOf(`/proc/${pid}/fd/${name}`)));
  } catch {
    return false;
  }
}

/** Where a descriptor leads; nowhere when it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
