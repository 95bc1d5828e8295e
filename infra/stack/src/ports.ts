import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { StackError } from "./errors.ts";

/** Asks the kernel for a free TCP port of the loopback interface. */
export async function freePort(): Promise<number> {
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
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = await freePort();
    if (port < 65_535 && (await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new StackError("OUT_OF_RANGE", "no two neighbouring free ports; close some programs and try again");
}

/**
 * Tells whether some program listens on the TCP port, without connecting: on a virtual reader a connection would be a
 * card. Reads the kernel's table, so it works on Linux only.
 */
export function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].some((table) => {
    try {
      return readFileSync(table, "utf8")
        .split("\n")
        .some((row) => {
          const [, local, , state] = row.trim().split(/\s+/);
          return state === "0A" && local?.endsWith(`:${hex}`) === true;
        });
    } catch {
      return false;
    }
  });
}
