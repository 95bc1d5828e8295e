import { Injectable, Inject, Logger, type OnApplicationShutdown } from "@nestjs/common";
import { Queue, Worker, type Job } from "bullmq";
import { within } from "@tallystick/program";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { count } from "../foundation/figures/figures.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { TOPICS, type Topic } from "../foundation/outbox/outbox.ts";
import { connectRedis, type RedisConnection } from "./redis-connection.ts";

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
  private readonly connections: RedisConnection[] = [];
  private readonly workers: { worker: Worker<JobPayload>; connection: RedisConnection }[] = [];
  private readonly told = new Set<string>();
  private opened: ReadonlyMap<Topic, Queue<JobPayload>> | null = null;
  private caller: RedisConnection | null = null;

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
      const connection = this.connect("worker");
      const worker = new Worker<JobPayload>(
        topic,
        async (job: Job<JobPayload>) => {
          await handlers[topic](job.data.subject);
        },
        { connection, prefix: this.prefix(), concurrency: LIMITS.jobsAtOnce },
      );
      worker.on("error", (error) => this.tellOnce(`Worker ${topic}: ${error.message}`));
      worker.on("completed", () => count("tallystick_jobs_total", { topic, result: "completed" }));
      worker.on("failed", (job, error) => {
        count("tallystick_jobs_total", { topic, result: "failed" });
        this.log.warn(`Job ${job?.id ?? "?"}: ${error.message}`);
      });
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
    if (this.caller === null) throw new Error("There is no connection to Redis.");
    await withDeadline(this.caller.set(`${this.prefix()}:probe`, "1", "EX", LIMITS.redisProbeSeconds));
  }

  /** Lets workers rest; jobs that are under way end. */
  async pauseWorkers(): Promise<void> {
    await Promise.allSettled(this.workers.map(({ worker }) => worker.pause(true)));
  }

  async resumeWorkers(): Promise<void> {
    this.told.clear();
    await Promise.allSettled(this.workers.map(({ worker }) => worker.resume()));
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
    const connection = this.connect("caller");
    this.caller = connection;
    const opened = new Map<Topic, Queue<JobPayload>>();
    for (const topic of TOPICS) {
      const queue = new Queue<JobPayload>(topic, { connection, prefix: this.prefix() });
      queue.on("error", (error) => this.tellOnce(`Queue ${topic}: ${error.message}`));
      opened.set(topic, queue);
    }
    this.opened = opened;
    return opened;
  }

  private prefix(): string {
    return `{${this.config.redisPrefix}}`;
  }

  private connect(use: "worker" | "caller"): RedisConnection {
    const connection = connectRedis(this.config, use);
    connection.on("error", (error: Error) => this.log.debug(`Redis: ${error.message}`));
    this.connections.push(connection);
    return connection;
  }

  /** A fault of Redis comes again with each attempt; it is told anew after Redis has worked. */
  private tellOnce(message: string): void {
    if (this.told.has(message) || this.told.size === LIMITS.listRows) return;
    this.told.add(message);
    this.log.warn(message);
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
