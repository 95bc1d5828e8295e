import { Inject, Injectable, Logger } from "@nestjs/common";
import { CLOCK, type Clock } from "../foundation/clock.ts";
import { Queues } from "./queues.ts";
import { redisFault, type RedisFault } from "./redis-connection.ts";

/**
 * Asks Redis again and again to take a write, which is what queues need. While it refuses, workers
 * rest: each of their attempts would fail, and fill the log, hundreds of times a second.
 */
@Injectable()
export class RedisWatch {
  private readonly log = new Logger(RedisWatch.name);
  private fault: (RedisFault & { readonly since: Date }) | null = null;

  constructor(
    @Inject(Queues) private readonly queues: Queues,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the last pass found, and since when it has been so; null where Redis works. */
  get found(): (RedisFault & { readonly since: Date }) | null {
    return this.fault;
  }

  async pass(): Promise<void> {
    const before = this.fault;
    const fault = await this.queues.writeProbe().then(() => null, redisFault);
    if (fault?.message === before?.message) return;
    this.fault = fault === null ? null : { ...fault, since: new Date(this.clock.now()) };
    if (fault === null) {
      this.log.log("Redis takes writes again.");
      await this.queues.resumeWorkers();
      return;
    }
    this.log.warn(`${fault.code}: ${fault.message} ${fault.next}`);
    if (before === null) await this.queues.pauseWorkers();
  }
}
