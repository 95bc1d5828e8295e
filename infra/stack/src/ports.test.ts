import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { freePort, freePortPair, isListening } from "./index.ts";
import { listensOn } from "./ports.ts";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

describe("free ports", () => {
  it("are all different, can be listened on, and are given to no outgoing connection", async () => {
    const ports: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const port = await freePort();
      await listen(port);
      ports.push(port);
    }
    expect(new Set(ports).size).toBe(ports.length);
    if (!existsSync(RANGE)) return;
    const first = Number(readFileSync(RANGE, "utf8").split("\t")[0]);
    // Where nearly all ports are for outgoing connections there is nothing to choose.
    if (first >= 21_000) expect(Math.max(...ports)).toBeLessThan(first);
  });

  it("come in pairs of neighbours", async () => {
    const port = await freePortPair();
    await listen(port);
    await listen(port + 1);
    expect([port, port + 1].every(isListening)).toBe(true);
  });

  it("know who listens on them", async () => {
    const port = await freePort();
    expect([isListening(port), listensOn(process.pid, port)]).toEqual([false, false]);
    await listen(port);
    expect([isListening(port), listensOn(process.pid, port)]).toEqual([true, true]);
    expect(listensOn(process.ppid, port)).toBe(false);
  });
});
