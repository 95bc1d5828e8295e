import { Injectable, Inject, Logger, type OnApplicationShutdown } from "@nestjs/common";
import { Queue, Worker, type Job } from "bullmq";
import { Redis } from "ioredis";
import { within } from "@tallystick/program";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { TOPICS, type Topic } from "../foundation/outbox/outbox.ts";

export interface JobPayload {
  readonly subject: string;
}

export type JobHandler = (subject: string) => Promise<void>;

/**
 * A job that stays, even a failed one, would block its successor of the same id; what failed is
 * derived again.
 */
const jobOptions = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * BullMQ on Redis. It only wakes workers: payloads hold ids, and whatever is lost here the
 * reconciler derives again from PostgreSQL. The keys of all queues share one hash tag, so that a
 * Redis Cluster keeps them together.
 */
@Injectable()
export class Queues implements OnApplicationShutdown {
  private readonly log = new Logger(Queues.name);
  private readonly connections: Redis[] = [];
  private readonly workers: { worker: Worker<JobPayload>; connection: Redis }[] = [];
  private opened: ReadonlyMap<Topic, Queue<JobPayload>> | null = null;
  private calling: Redis | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Adds a wake-up call; the id of the same subject deduplicates while the old job waits. */
  async add(topic: Topic, subject: string): Promise<void> {
    const queue = this.queues().get(topic);
    if (queue === undefined) throw new Error(`There is no queue ${topic}.`);
    await withDeadline(queue.add(topic, { subject }, { ...jobOptions, jobId: `${topic}-${subject}` }));
  }

  /**
   * Starts one worker a topic; called after the application is complete, never from a constructor.
   */
  work(handlers: Readonly<Record<Topic, JobHandler>>): void {
    for (const topic of TOPICS) {
      const connection = this.connect(null);
      const worker = new Worker<JobPayload>(
        topic,
        async (job: Job<JobPayload>) => {
          await handlers[topic](job.data.subject);
        },
        { connection, prefix: this.prefix(), concurrency: LIMITS.jobsAtOnce },
      );
      worker.on("error", (error) => this.log.warn(`Worker ${topic}: ${error.message}`));
      worker.on("failed", (job, error) => this.log.warn(`Job ${job?.id ?? "?"}: ${error.message}`));
      this.workers.push({ worker, connection });
    }
  }

  /** Waiting, active and failed jobs a topic, or null when Redis does not answer. */
  async counts(): Promise<Readonly<Record<Topic, Record<string, number>>> | null> {
    const entries: [Topic, Record<string, number>][] = [];
    try {
      for (const [topic, queue] of this.queues()) {
        entries.push([topic, await withDeadline(queue.getJobCounts("waiting", "active", "delayed", "failed"))]);
      }
    } catch {
      return null;
    }
    return Object.fromEntries(entries) as Record<Topic, Record<string, number>>;
  }

  /** Resolves when there is a connection; a service never waits for it. Rejects where there is none. */
  async connected(): Promise<void> {
    const [queue] = this.queues().values();
    await withDeadline(queue?.waitUntilReady() ?? Promise.resolve());
  }

  /** Writes one key that is forgotten again. Rejects with what Redis says where it takes no writes. */
  async writeProbe(): Promise<void> {
    this.queues();
    if (this.calling === null) throw new Error("There is no connection to Redis.");
    await withDeadline(this.calling.set(`${this.prefix()}:probe`, "1", "EX", LIMITS.redisProbeSeconds));
  }

  /** Waits for the jobs that are under way; what waits is derived again at the next start. */
  async stopWorkers(): Promise<void> {
    // Without Redis a worker cannot close in an orderly way: it is cut off together with its
    // blocking connection.
    await Promise.allSettled(
      this.workers.map(({ worker, connection }) => withDeadline(worker.close(connection.status !== "ready"))),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    const closed = [...(this.opened?.values() ?? [])].map((queue) => queue.close());
    await within(LIMITS.connectionsEndMs, Promise.allSettled(closed));
    for (const connection of this.connections) connection.disconnect();
  }

  private queues(): ReadonlyMap<Topic, Queue<JobPayload>> {
    if (this.opened !== null) return this.opened;
    const connection = this.connect(1);
    this.calling = connection;
    const opened = new Map<Topic, Queue<JobPayload>>();
    for (const topic of TOPICS) {
      const queue = new Queue<JobPayload>(topic, { connection, prefix: this.prefix() });
      queue.on("error", (error) => this.log.warn(`Queue ${topic}: ${error.message}`));
      opened.set(topic, queue);
    }
    this.opened = opened;
    return opened;
  }

  private prefix(): string {
    return `{${this.config.redisPrefix}}`;
  }

  /** Workers block on Redis without a limit (null); callers must learn at once that it is away. */
  private connect(maxRetriesPerRequest: number | null): Redis {
    const connection = new Redis(this.config.redisUrl, {
      maxRetriesPerRequest,
      enableOfflineQueue: maxRetriesPerRequest === null,
      retryStrategy: (attempt) => Math.min(attempt * LIMITS.redisRetryStepMs, LIMITS.redisRetryMostMs),
    });
    connection.on("error", (error) => this.log.debug(`Redis: ${error.message}`));
    this.connections.push(connection);
    return connection;
  }
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("Redis does not answer.")), LIMITS.redisTimeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
