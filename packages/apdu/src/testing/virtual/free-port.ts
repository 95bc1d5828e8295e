import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** Ports for tests begin here, above the well-known ports. */
const LOWEST_PORT = 20_000;
/**
 * The first port that Linux takes for outgoing connections unless its configuration says otherwise.
 */
const USUAL_FIRST_OUTGOING_PORT = 32_768;
const FEWEST_PORTS = 1_000;
const TRIES = 200;

/**
 * A TCP port that nobody listens on, with so many free neighbours above it. Outgoing connections
 * never get it, so it is still free when whoever listens there ends and comes back.
 */
export async function freePort(neighbours = 0): Promise<number> {
  const end = firstOutgoingPort();
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST_PORT, end - neighbours);
    const wanted = Array.from({ length: neighbours + 1 }, (_value, index) => port + index);
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return port;
  }
  throw new Error("no free ports");
}

function firstOutgoingPort(): number {
  try {
    const first = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/)[0]);
    return first - LOWEST_PORT < FEWEST_PORTS ? USUAL_FIRST_OUTGOING_PORT : first;
  } catch {
    return USUAL_FIRST_OUTGOING_PORT;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ port }, () => server.close(() => resolve(true)));
  });
}
