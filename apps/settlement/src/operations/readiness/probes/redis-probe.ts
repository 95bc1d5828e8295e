import { LIMITS } from "../../../foundation/limits/limits.ts";
import type { Queues } from "../../../work/queues.ts";
import { type Finding, type Probe, type ProbeFault, reason } from "../findings.ts";

/** The word with which Redis refuses a write, such as READONLY, OOM or MOVED. */
const refusal = /^([A-Z]{2,20})\b/;

/** Whether Redis takes a write: a server that only answers wakes no worker. */
export class RedisProbe implements Probe {
  readonly name = "redis";
  readonly everyMs = LIMITS.probeMs;
  private readonly queues: Pick<Queues, "writeProbe">;

  constructor(queues: Pick<Queues, "writeProbe">) {
    this.queues = queues;
  }

  async look(): Promise<readonly Finding[]> {
    await this.queues.writeProbe();
    return [];
  }

  fault(how: ProbeFault): readonly Finding[] {
    const text = how.kind === "threw" && how.error instanceof Error ? how.error.message : "";
    const word = refusal.exec(text)?.[1];
    if (word !== undefined) {
      const message = `Redis refuses writes (${word}): vouchers are taken and wait.`;
      return [reason("REDIS_NOT_WRITABLE", message, nextFor(word))];
    }
    const what = how.kind === "hangs" ? `has not answered for ${Math.round(how.forMs / 1_000)} s` : "does not answer";
    const next = "Start Redis, or correct redisUrl; nothing is lost without it.";
    return [reason("REDIS_UNAVAILABLE", `Redis ${what}: vouchers are taken and wait.`, next)];
  }
}

function nextFor(word: string): string {
  switch (word) {
    case "READONLY":
      return "Let redisUrl name the primary server: this one is a replica.";
    case "OOM":
      return "Give Redis more memory: it needs maxmemory-policy noeviction and room.";
    case "MOVED":
    case "CLUSTERDOWN":
      return "Let the configuration name the nodes of the cluster: this one does not own the keys.";
    case "MISCONF":
      return "See Redis' own log: it cannot save to its disk.";
    default:
      return "See Redis' own log.";
  }
}
