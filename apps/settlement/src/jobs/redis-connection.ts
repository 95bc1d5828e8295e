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
  readonly code: "REDIS_UNAVAILABLE" | "REDIS_NOT_WRITABLE";
  readonly message: string;
  /** What to do. */
  readonly next: string;
}

/** What to do, by the word with which Redis refuses a write (Redis documentation, "Error handling"). */
const nextByWord: Readonly<Record<string, string>> = {
  READONLY: "Let redisUrl name the primary server: this one is a replica.",
  OOM: "Give Redis more memory: it needs maxmemory-policy noeviction and room.",
  MOVED: "Let redisUrl be a list of the nodes of the cluster: this one does not own the keys.",
  CLUSTERDOWN: "See whether every slot of the cluster has a node.",
  MISCONF: "See Redis' own log: it cannot save to its disk.",
};

/** The fault that an error of Redis or of a connection to it shows. */
export function redisFault(error: unknown): RedisFault {
  const word = error instanceof Error ? (/^([A-Z]{2,20})\b/.exec(error.message)?.[1] ?? null) : null;
  if (word === null) {
    const next = "Start Redis, or correct redisUrl; nothing is lost without it.";
    return { code: "REDIS_UNAVAILABLE", message: "Redis does not answer: vouchers are taken and wait.", next };
  }
  const next = Object.hasOwn(nextByWord, word) ? nextByWord[word] : undefined;
  const message = `Redis refuses writes (${word}): vouchers are taken and wait.`;
  return { code: "REDIS_NOT_WRITABLE", message, next: next ?? "See Redis' own log." };
}
