import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import { Client } from "pg";
import {
  callRpc,
  makeWorkFolder,
  projectRoot,
  startAnvil,
  startOwnedProcess,
  startPcscd,
  startPostgres,
  startRedis,
  until,
} from "../src/index.ts";

const run = promisify(execFile);
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Lists readers in a fresh process: libpcsclite reads the socket's name from the real environment only. */
async function listReaders(socket: string): Promise<string[]> {
  const program = `
    const { Context } = require(${JSON.stringify(join(projectRoot(), "infra/stack/node_modules/smartcard"))});
    const context = new Context();
    console.log(JSON.stringify(context.listReaders().map((reader) => reader.name)));
    process.exit(0);`;
  const { stdout } = await run(process.execPath, ["-e", program], {
    env: { ...process.env, PCSCLITE_CSOCK_NAME: socket },
  });
  return JSON.parse(stdout) as string[];
}

describe("pcscd", () => {
  it("shows its readers under the names it tells, and again after a restart", async () => {
    const pcscd = await startPcscd({ readers: 2 });
    stops.push(pcscd.stop);
    const names = pcscd.readers.map((reader) => reader.name);
    expect(await listReaders(pcscd.socket)).toEqual(expect.arrayContaining(names));
    const before = pcscd.pid;
    await pcscd.restart();
    expect(pcscd.pid).not.toBe(before);
    expect(await listReaders(pcscd.socket)).toEqual(expect.arrayContaining(names));
  });

  it.each([0, 9, 1.5])("refuses %p readers", async (readers) => {
    await expect(startPcscd({ readers })).rejects.toMatchObject({ code: "OUT_OF_RANGE" });
  });
});

describe("databases", () => {
  it("gives an empty PostgreSQL database", async () => {
    const postgres = await startPostgres();
    stops.push(postgres.stop);
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ tables: number }>(
      "select count(*)::int as tables from pg_tables where schemaname = 'public'",
    );
    await client.end();
    expect(rows).toEqual([{ tables: 0 }]);
  });

  it("gives a Redis that never evicts and writes an append-only file", async () => {
    const redis = await startRedis();
    stops.push(redis.stop);
    const client = new Redis(redis.url);
    const answers = [await client.config("GET", "maxmemory-policy"), await client.config("GET", "appendonly")];
    await client.quit();
    expect(answers).toEqual([
      ["maxmemory-policy", "noeviction"],
      ["appendonly", "yes"],
    ]);
  });
});

describe("anvil", () => {
  it("goes on with the same chain after it was stopped, and is gone in between", async () => {
    const anvil = await startAnvil();
    stops.push(anvil.stop);
    const [from, to] = anvil.accounts;
    const hash = await callRpc(anvil.rpc, "eth_sendTransaction", [
      { from: from?.address, to: to?.address, value: "0x1" },
    ]);
    const receipt = async (): Promise<{ blockHash: string } | null> =>
      (await callRpc(anvil.rpc, "eth_getTransactionReceipt", [hash])) as { blockHash: string } | null;
    const mined = await until("the transaction being mined", async () => (await receipt()) ?? undefined);
    await anvil.pause();
    await expect(callRpc(anvil.rpc, "eth_chainId")).rejects.toThrow();
    await anvil.resume();
    expect(await receipt()).toEqual(mined);
    await until("the block being final", async () => {
      const final = (await callRpc(anvil.rpc, "eth_getBlockByNumber", ["finalized", false])) as { number: string };
      const block = (await callRpc(anvil.rpc, "eth_getBlockByHash", [mined.blockHash, false])) as { number: string };
      return BigInt(final.number) >= BigInt(block.number);
    });
  });
});

describe("owned processes", () => {
  it("names a missing command", async () => {
    const folder = makeWorkFolder("test");
    stops.push(async () => {
      await Promise.resolve();
      folder.remove();
    });
    const log = join(folder.path, "log");
    await expect(
      startOwnedProcess({ command: "no-such-command-here", args: [], stdoutFile: log, stderrFile: log }),
    ).rejects.toMatchObject({
      code: "NOT_INSTALLED",
    });
  });

  it("kills what does not stop when asked", async () => {
    const folder = makeWorkFolder("test");
    stops.push(async () => {
      await Promise.resolve();
      folder.remove();
    });
    const log = join(folder.path, "log");
    const stubborn = await startOwnedProcess({ command: "sleep", args: ["600"], stdoutFile: log, stderrFile: log });
    expect(await stubborn.kill()).toEqual({ code: null, signal: "SIGKILL" });
    expect(stubborn.isRunning()).toBe(false);
  });

  it("leaves nothing behind when its parent is killed", async () => {
    const folder = makeWorkFolder("test");
    stops.push(async () => {
      await Promise.resolve();
      folder.remove();
    });
    const program = join(folder.path, "parent.mts");
    const index = JSON.stringify(join(projectRoot(), "infra/stack/src/index.ts"));
    writeFileSync(
      program,
      `import { startRedis, makeWorkFolder } from ${index};
       const redis = await startRedis();
       const folder = makeWorkFolder("orphan");
       console.log(JSON.stringify({ pid: redis.pid, folder: folder.path }));
       setInterval(() => undefined, 1000);`,
    );
    const parent = spawn(process.execPath, ["--conditions=source", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const { pid, folder: orphan } = JSON.parse(line.toString("utf8")) as { pid: number; folder: string };
    expect(existsSync(orphan)).toBe(true);
    parent.kill("SIGKILL");
    // A zombie counts as gone: it only waits for its new parent, which in a container may never ask.
    const isAlive = (): boolean => {
      try {
        return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      } catch {
        return false;
      }
    };
    await until("the orphans going away", () => !isAlive() && !existsSync(orphan));
    expect(isAlive()).toBe(false);
  });
});
