import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { openSharedDoor, type SharedDoor } from "./shared-door.ts";
import { errorsIn } from "./upgrade-day.ts";

describe("the log of a version", () => {
  it("is looked through for errors, and for what no logger wrote", () => {
    const line = (level: number, msg: string) => JSON.stringify({ level, msg });
    const log = [line(30, "ready"), line(40, "slow"), line(50, "broken"), "", "TypeError: x", line(60, "over")];
    expect(errorsIn(log.join("\n"))).toEqual(["broken", "TypeError: x", "over"]);
  });
});

describe("a door before two services", () => {
  const servers: Server[] = [];
  let door: SharedDoor;

  afterEach(async () => {
    await door.close();
    for (const server of servers.splice(0)) server.close();
  });

  async function serving(name: string): Promise<string> {
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        response.writeHead(201, { "x-name": name }).end(`${name} ${request.url} ${Buffer.concat(chunks).toString()}`);
      })();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("leads each request to the next one, whole, and to one alone when it is told so", async () => {
    door = await openSharedDoor();
    const [one, two] = [await serving("one"), await serving("two")];
    expect((await fetch(door.url)).status).toBe(503);
    door.leadTo([one, two]);
    const ask = async () => {
      const answer = await fetch(`${door.url}/v1/x?y=1`, { method: "POST", body: "body" });
      return [answer.status, await answer.text()];
    };
    const both = [await ask(), await ask()].sort();
    expect(both).toEqual([
      [201, "one /v1/x?y=1 body"],
      [201, "two /v1/x?y=1 body"],
    ]);
    door.leadTo([two]);
    expect([await ask(), await ask()]).toEqual(Array.from({ length: 2 }, () => [201, "two /v1/x?y=1 body"]));
    expect(door.counts()).toEqual({ answered: { [one]: 1, [two]: 3 }, failed: 0 });
    door.leadTo(["http://127.0.0.1:9"]);
    await expect(fetch(door.url)).rejects.toThrow();
    expect(door.counts().failed).toBe(1);
  });
});
