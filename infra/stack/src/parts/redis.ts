import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { PING_DEADLINE_MS, PORT_ATTEMPTS } from "../limits.ts";
import { startOwnedProcess } from "../processes/owned-process.ts";
import { freePort } from "../ports.ts";
import { StackError } from "../errors.ts";
import { until } from "../wait.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";

export type RedisOptions = {
  /** As a node of a Redis Cluster; who starts it gives it slots and companions. */
  readonly isClusterNode?: boolean;
};

export type Redis = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

async function answersPing(port: number, password: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PING_DEADLINE_MS, () => {
      done(false);
    });
    socket.on("error", () => {
      done(false);
    });
    socket.on("data", (data) => {
      if (data.toString("latin1").includes("+PONG")) done(true);
    });
    socket.write(`AUTH ${password}\r\nPING\r\n`);
  });
}

/**
 * Starts a Redis of its own: a private port and password, append-only file, and `noeviction`, without which a queue
 * could silently lose jobs.
 */
export async function startRedis({ isClusterNode = false }: RedisOptions = {}): Promise<Redis> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = makeWorkFolder("redis");
    const port = await freePort();
    const cluster = isClusterNode ? ["cluster-enabled yes", `cluster-port ${await freePort()}`] : [];
    const password = randomBytes(16).toString("hex");
    const log = join(folder.path, "redis.log");
    const config = join(folder.path, "redis.conf");
    writeFileSync(
      config,
      [
        "bind 127.0.0.1",
        `port ${port}`,
        `dir ${folder.path}`,
        `requirepass ${password}`,
        "appendonly yes",
        "appendfsync everysec",
        "maxmemory-policy noeviction",
        'save ""',
        "daemonize no",
        ...cluster,
        "",
      ].join("\n"),
      { mode: 0o600 },
    );
    const redis = await startOwnedProcess({
      command: "redis-server",
      args: [config],
      stdoutFile: log,
      stderrFile: log,
    });
    const ready = await until("Redis answering", async () => !redis.isRunning() || (await answersPing(port, password)));
    if (ready && redis.isRunning()) {
      const stop = async (): Promise<void> => {
        await redis.stop();
        folder.remove();
      };
      return { url: `redis://:${password}@127.0.0.1:${port}`, port, pid: redis.pid, stop };
    }
    const tail = redis.tail();
    folder.remove();
    if (attempt === PORT_ATTEMPTS) throw new StackError("DID_NOT_START", `Redis ended at once:\n${tail}`);
  }
}
