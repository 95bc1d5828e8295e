import { Cluster, Redis } from "ioredis";
import type { Config } from "../foundation/config/config.ts";
import { LIMITS } from "../foundation/limits/limits.ts";

export type RedisConnection = Redis | Cluster;

const retryPauseMs = (attempt: number): number => Math.min(attempt * LIMITS.redisRetryStepMs, LIMITS.redisRetryMostMs);

/** A connection that still leads to a former primary is opened anew, at the one that took over. */
const reconnectOnError = (error: Error): boolean => error.message.startsWith("READONLY");

/**
 * A connection to one Redis, or to the nodes of a cluster, of which one that answers is enough.
 * Workers block on it without a limit; callers learn at once that Redis is away.
 */
export function connectRedis({ redisUrl }: Pick<Config, "redisUrl">, use: "worker" | "caller"): RedisConnection {
  const isWorker = use === "worker";
  const options = { maxRetriesPerRequest: isWorker ? null : 1, reconnectOnError };
  if (typeof redisUrl === "string") {
    return new Redis(redisUrl, { ...options, enableOfflineQueue: isWorker, retryStrategy: retryPauseMs });
  }
  const nodes = redisUrl.map((url) => new URL(url));
  const [first] = nodes;
  return new Cluster(
    nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port === "" ? LIMITS.redisPort : port) })),
    {
      enableOfflineQueue: isWorker,
      clusterRetryStrategy: retryPauseMs,
      redisOptions: {
        ...options,
        ...(first?.username ? { username: decodeURIComponent(first.username) } : {}),
        ...(first?.password ? { password: decodeURIComponent(first.password) } : {}),
        ...(first?.protocol === "rediss:" ? { tls: {} } : {}),
      },
    },
  );
}

/** Why Redis cannot be worked with, by a stable code. */
export interface RedisFault {
  readonly code: "REDIS_UNAVAILABLE" | "REDIS_READONLY" | "REDIS_OF_A_CLUSTER" | "REDIS_FULL";
  /** What happened and what to do. */
  readonly message: string;
}

/** What Redis writes at the beginning of an error (Redis documentation, "Error handling"). */
const faultsByWord: Readonly<Record<string, RedisFault>> = {
  READONLY: {
    code: "REDIS_READONLY",
    message: "Redis takes no writes, as a replica: vouchers are taken and wait. Name the primary, or wait for it.",
  },
  MOVED: {
    code: "REDIS_OF_A_CLUSTER",
    message: "redisUrl names one node of a Redis Cluster: give all its nodes as a list.",
  },
  OOM: { code: "REDIS_FULL", message: "Redis has no memory left: vouchers are taken and wait. Give it more." },
  MISCONF: { code: "REDIS_FULL", message: "Redis cannot write its disk: vouchers are taken and wait. Free its disk." },
};

/** The fault that an error of Redis or of a connection to it shows. */
export function redisFault(error: unknown): RedisFault {
  const message = error instanceof Error ? error.message : String(error);
  const word = /^[A-Z]+/.exec(message)?.[0] ?? "";
  const known = Object.hasOwn(faultsByWord, word) ? faultsByWord[word] : undefined;
  return known ?? { code: "REDIS_UNAVAILABLE", message: "Redis does not answer: vouchers are taken and wait." };
}
