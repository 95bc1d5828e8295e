import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { startRedis, startTcpProxy, type Redis as RedisServer } from "@tallystick/stack";
import { Redis } from "ioredis";
import type { Config } from "../src/foundation/config/config.ts";
import { TOPICS, type Topic } from "../src/foundation/outbox/outbox.ts";
import { Queues, type JobHandler } from "../src/jobs/queues.ts";
import { RedisWatch } from "../src/jobs/redis-watch.ts";
import { eventually } from "./harness/eventually.ts";

const NOW = Date.UTC(2026, 10, 29);
/** Of the two nodes below, this prefix's keys lie on the second one. */
const PREFIX = "of-the-second";

describe("Redis as the queues meet it", () => {
  const stops: (() => unknown)[] = [];
  let told: string[] = [];

  beforeEach(() => {
    told = [];
    const write = (message: unknown): void => void told.push(String(message));
    Logger.overrideLogger({ log: write, warn: write, error: write });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    Logger.overrideLogger(false);
  });

  async function server(isClusterNode = false): Promise<{ redis: RedisServer; admin: Redis }> {
    const redis = await startRedis({ isClusterNode });
    const admin = new Redis(redis.url);
    stops.push(redis.stop, () => admin.disconnect());
    return { redis, admin };
  }

  /** Queues with workers that note what they were woken for. */
  function working(redisUrl: Config["redisUrl"]): { queues: Queues; watch: RedisWatch; woken: string[] } {
    const queues = new Queues({ redisUrl, redisPrefix: PREFIX } as Config);
    const woken: string[] = [];
    const note: JobHandler = async (subject) => void woken.push(subject);
    queues.work(Object.fromEntries(TOPICS.map((topic) => [topic, note])) as Record<Topic, JobHandler>);
    stops.push(async () => {
      await queues.stopWorkers();
      await queues.onApplicationShutdown();
    });
    return { queues, watch: new RedisWatch(queues, { now: () => NOW }), woken };
  }
  const passUntil = (watch: RedisWatch, code: string | null) =>
    eventually(
      async () => {
        await watch.pass();
        return watch.found?.message ?? null;
      },
      (found) => (code === null ? found === null : found?.includes(code) === true),
    );
  const wakes = async (queues: Queues, woken: readonly string[], subject: string) => {
    await queues.add("send", subject);
    await eventually(
      async () => woken,
      (seen) => seen.includes(subject),
    );
  };

  it("names a replica, a full one and one that is away, each once, and goes on by itself", async () => {
    const { redis, admin } = await server();
    const proxy = await startTcpProxy(redis);
    stops.push(proxy.stop);
    const { queues, watch, woken } = working(proxy.through(redis.url));
    await passUntil(watch, null);
    await wakes(queues, woken, "first");

    await admin.call("REPLICAOF", "127.0.0.1", "1");
    await passUntil(watch, "READONLY");
    expect(watch.found?.since).toEqual(new Date(NOW));
    await watch.pass();
    await admin.call("REPLICAOF", "NO", "ONE");
    await passUntil(watch, null);
    await wakes(queues, woken, "second");

    await admin.config("SET", "maxmemory", "1");
    await passUntil(watch, "OOM");
    await admin.config("SET", "maxmemory", "0");
    await passUntil(watch, null);
    await wakes(queues, woken, "third");

    proxy.cut();
    await passUntil(watch, "does not answer");
    proxy.pass();
    await passUntil(watch, null);
    await wakes(queues, woken, "fourth");
    for (const code of ["READONLY", "OOM"]) {
      expect(told.filter((line) => line.includes(`refuses writes (${code})`))).toHaveLength(1);
    }
  });

  it("is worked with as a cluster where its nodes are a list, and named where only one is", async () => {
    const nodes = [await server(true), await server(true)] as const;
    const [one, two] = nodes;
    await one.admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    await two.admin.call("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    for (const { admin } of nodes) await admin.config("SET", "masterauth", new URL(one.redis.url).password);
    await two.admin.config("SET", "requirepass", new URL(one.redis.url).password);
    const bus = (await two.admin.call("CLUSTER", "NODES")) as string;
    const busPort = /@(\d+)/.exec(bus)?.[1] ?? "";
    await one.admin.call("CLUSTER", "MEET", "127.0.0.1", String(two.redis.port), busPort);
    await eventually(
      async () => Promise.all(nodes.map(({ admin }) => admin.call("CLUSTER", "INFO") as Promise<string>)),
      (infos) => infos.every((info) => info.includes("cluster_state:ok") && info.includes("known_nodes:2")),
    );
    expect(await one.admin.cluster("KEYSLOT", `{${PREFIX}}`)).toBeGreaterThan(8_191);

    const alone = working(one.redis.url);
    await passUntil(alone.watch, "MOVED");
    await eventually(
      () => alone.watch.pass(),
      () => told.some((line) => line.includes("MOVED")),
    );
    for (let pass = 0; pass < 20; pass += 1) await alone.watch.pass();
    // Each worker says it once, and the watch once.
    const moved = told.filter((line) => line.includes("MOVED"));
    expect(moved).toHaveLength(new Set(moved).size);

    const all = working(nodes.map(({ redis }) => redis.url));
    await passUntil(all.watch, null);
    await wakes(all.queues, all.woken, "across");
  });
});
