import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from "@nestjs/common";
import { type BackOff, Repeater, within } from "@tallystick/program";
import { ChainSender } from "../chain/chain-sender.ts";
import { systemRandom } from "../foundation/clock.ts";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { keyOfSubject } from "../foundation/outbox/outbox.ts";
import { AllowancePolicy } from "../issuing/policy/allowance-policy.ts";
import { StatusLists } from "../issuing/status-list/status-lists.ts";
import { BatchBuilder } from "../vouchers/batches/batch-builder.ts";
import { ChainWatcher } from "../vouchers/chain-events/chain-watcher.ts";
import { GasFees } from "../vouchers/fees/gas-fees.ts";
import { Compensator } from "../vouchers/forks/compensator.ts";
import { Convictions } from "../vouchers/forks/convictions.ts";
import { OutboxRelay } from "./outbox-relay.ts";
import { Queues } from "./queues.ts";
import { Reconciler } from "./reconciler.ts";
import { RedisWatch } from "./redis-watch.ts";

/**
 * Starts and ends the background work of a process with the role `workers`: the relay, the
 * reconciler, the watcher and one queue worker a topic. Every one of them may run in several
 * processes.
 */
@Injectable()
export class Workers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(Workers.name);
  private loops: readonly Repeater[] = [];

  constructor(
    @Inject(Queues) private readonly queues: Queues,
    @Inject(RedisWatch) private readonly redis: RedisWatch,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(ChainSender) private readonly sender: ChainSender,
    @Inject(ChainWatcher) private readonly watcher: ChainWatcher,
    @Inject(BatchBuilder) private readonly batches: BatchBuilder,
    @Inject(Compensator) private readonly compensator: Compensator,
    @Inject(Convictions) private readonly convictions: Convictions,
    @Inject(GasFees) private readonly fees: GasFees,
    @Inject(AllowancePolicy) private readonly policy: AllowancePolicy,
    @Inject(StatusLists) private readonly lists: StatusLists,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes("workers")) return;
    this.queues.work({
      send: (id) => this.sender.advance(id),
      batch: () => this.batches.pass(),
      compensate: (id) => this.compensator.consider(keyOfSubject(id)),
      convict: (card) => this.convictions.convict(keyOfSubject(card)),
      allowance: (card) => this.policy.renew(keyOfSubject(card)),
      "status-list": async () => {
        await this.lists.current();
      },
    });
    const pauseMs = this.config.chain.pollMs;
    const watched = {
      firstMs: LIMITS.watcherFirstPauseMs,
      ceilingMs: LIMITS.watcherMostPauseMs,
      random: systemRandom,
    };
    this.loops = [
      repeater("RedisWatch", LIMITS.probeMs, () => this.redis.pass()),
      repeater("OutboxRelay", LIMITS.relayMs, () => this.relay.pass()),
      repeater("Reconciler", Math.min(LIMITS.reconcilerMs, pauseMs), () => this.reconciler.pass()),
      // Nobody waits for what a transaction cost.
      repeater(
        "GasFees",
        Math.max(LIMITS.reconcilerMs, pauseMs),
        () => this.fees.pass().then(() => undefined),
        watched,
      ),
      repeater("ChainWatcher", pauseMs, () => this.watcher.pass(), watched),
    ];
    for (const loop of this.loops) loop.start();
    this.log.log("Workers run.");
  }

  /**
   * Ends what is under way before connections are closed. What hangs in the answer of a node or of
   * the database is left behind: everything here can run twice.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const ended = Promise.all([...this.loops.map((loop) => loop.stop()), this.queues.stopWorkers()]);
    if ((await within(LIMITS.watchEndMs, ended)) === null) this.log.warn("Some work did not end in time; it is left.");
  }
}

/** Runs passes of a part again and again, logged under its name. */
function repeater(name: string, pauseMs: number, pass: () => Promise<void>, backOff?: BackOff): Repeater {
  const log = new Logger(name);
  return new Repeater({ pass, pauseMs, log, ...(backOff === undefined ? {} : { backOff }) });
}
