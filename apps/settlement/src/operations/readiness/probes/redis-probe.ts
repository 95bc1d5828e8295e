import { LIMITS } from "../../../foundation/limits/limits.ts";
import type { Queues } from "../../../jobs/queues.ts";
import { redisFault } from "../../../jobs/redis-connection.ts";
import { type Finding, type Probe, type ProbeFault, reason } from "../findings.ts";

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
    const { code, message, next } = redisFault(how.kind === "threw" ? how.error : null);
    if (how.kind === "threw") return [reason(code, message, next)];
    const silent = `Redis has not answered for ${Math.round(how.forMs / 1_000)} s: vouchers are taken and wait.`;
    return [reason(code, silent, next)];
  }
}
