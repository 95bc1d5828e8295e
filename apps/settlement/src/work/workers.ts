import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from "@nestjs/common";
import { Allowances } from "../issuing/allowances/allowances.ts";
import { BatchBuilder } from "../vouchers/batches/batch-builder.ts";
import { ChainSender } from "../chain/chain-sender.ts";
import { ChainWatcher } from "../vouchers/chain-events/chain-watcher.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { Compensator } from "../vouchers/forks/compensator.ts";
import { Convictions } from "../vouchers/forks/convictions.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { StatusLists } from "../issuing/status-list/status-lists.ts";
import { Loop } from "./loop.ts";
import { OutboxRelay } from "./outbox-relay.ts";
import { Queues } from "./queues.ts";
import { Reconciler } from "./reconciler.ts";

/**
 * Starts and ends the background work of a process with the role `workers`: the relay, the reconciler, the watcher and
 * one queue worker a topic. Every one of them may run in several processes.
 */
@Injectable()
export class Workers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(Workers.name);
  private loops: readonly Loop[] = [];

  constructor(
    @Inject(Queues) private readonly queues: Queues,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(ChainSender) private readonly sender: ChainSender,
    @Inject(ChainWatcher) private readonly watcher: ChainWatcher,
    @Inject(BatchBuilder) private readonly batches: BatchBuilder,
    @Inject(Compensator) private readonly compensator: Compensator,
    @Inject(Convictions) private readonly convictions: Convictions,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(StatusLists) private readonly lists: StatusLists,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes("workers")) return;
    this.queues.work({
      send: (id) => this.sender.advance(id),
      batch: () => this.batches.pass(),
      compensate: (id) => this.compensator.consider(Buffer.from(id, "hex")),
      convict: (card) => this.convictions.convict(Buffer.from(card, "hex")),
      allowance: (card) => this.allowances.renew(Buffer.from(card, "hex")),
      "status-list": async () => {
        await this.lists.current();
      },
    });
    const pauseMs = this.config.chain.pollMs;
    this.loops = [
      new Loop({ name: "OutboxRelay", pauseMs: LIMITS.relayMs, pass: () => this.relay.pass() }),
      new Loop({
        name: "Reconciler",
        pauseMs: Math.min(LIMITS.reconcilerMs, pauseMs),
        pass: () => this.reconciler.pass(),
      }),
      new Loop({ name: "ChainWatcher", pauseMs, pass: () => this.watcher.pass() }),
    ];
    for (const loop of this.loops) loop.start();
    this.log.log("Workers run.");
  }

  /** Ends what is under way before connections are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.queues.stopWorkers();
  }
}
