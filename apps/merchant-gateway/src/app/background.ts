import { randomInt } from "node:crypto";
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from "@nestjs/common";
import { type BackOff, type NextPass, Repeater, type Timer } from "@tallystick/program";
import { ChainError } from "../chain/chain-error.ts";
import { claimWhatIsLate } from "../claim/late-claim.ts";
import {
  CHAIN_POLL_SECONDS,
  CLAIM_RETRY_SECONDS,
  CLOCK_JOURNAL_SECONDS,
  FOLLOW_POLL_SECONDS,
  MAX_SYNC_BACKOFF_SECONDS,
  OUTCOME_POLL_SECONDS,
  REFUND_POLL_SECONDS,
  REFUND_RETRY_SECONDS,
} from "../limits.ts";
import { DISK_POLL_SECONDS } from "../journal/limits.ts";
import { WEBHOOK_POLL_SECONDS } from "../webhooks/limits.ts";
import type { Gateway } from "./gateway.ts";

export interface BackgroundParts extends Pick<
  Gateway,
  | "config"
  | "journal"
  | "clock"
  | "engine"
  | "sales"
  | "exchange"
  | "chainWatch"
  | "outcomes"
  | "refunds"
  | "disk"
  | "webhooks"
> {
  /** The machine's timer when left out. */
  readonly timer?: Timer;
}

/** Something that is done again and again. */
interface Loop {
  readonly name: string;
  readonly pass: () => Promise<NextPass | void>;
  readonly pauseSeconds: number;
  readonly firstAfterSeconds?: number;
  readonly backOff?: BackOff;
}

/**
 * What a terminal does by itself: exchanges with settlement, reads the chain, brings refunds to
 * their end, and journals the time.
 */
export class Background implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly parts: BackgroundParts;
  private readonly log = new Logger(Background.name);
  private readonly repeaters: Repeater[] = [];
  private nextClaimAt = 0;

  constructor(parts: BackgroundParts) {
    this.parts = parts;
  }

  onApplicationBootstrap(): void {
    this.journalTime();
    this.start({
      name: "Clock",
      pass: () => Promise.resolve(this.journalTime()),
      pauseSeconds: CLOCK_JOURNAL_SECONDS,
      firstAfterSeconds: CLOCK_JOURNAL_SECONDS,
    });
    this.start({ name: "Disk", pass: () => Promise.resolve(this.lookAtDisk()), pauseSeconds: DISK_POLL_SECONDS });
    for (const loop of this.webhookLoops()) this.start(loop);
    for (const loop of this.loops()) this.start(this.parts.config.sync.background ? loop : once(loop));
  }

  async onApplicationShutdown(): Promise<void> {
    this.parts.webhooks.end();
    await Promise.all(this.repeaters.map((repeater) => repeater.stop()));
    await this.parts.sales.rest();
    await this.parts.engine.rest();
    this.parts.journal.close();
  }

  /**
   * Their first pass comes at once also where nothing repeats: a terminal that can reach settlement
   * must not wait to sell.
   */
  private loops(): readonly Loop[] {
    const { config, exchange, outcomes, refunds } = this.parts;
    const { domains, claim, sync } = config;
    const online = exchange.hasSettlement();
    const loops: Loop[] = [];
    if (online || claim !== null)
      loops.push({
        name: "Exchange",
        pass: () => this.exchange(),
        pauseSeconds: sync.intervalSeconds,
        backOff: {
          firstMs: sync.intervalSeconds * 2_000,
          ceilingMs: Math.max(MAX_SYNC_BACKOFF_SECONDS, sync.intervalSeconds) * 1_000,
          random: () => randomInt(2 ** 32) / 2 ** 32,
        },
      });
    if (domains.some(({ chain }) => chain !== null))
      loops.push({ name: "Chain", pass: () => this.readChains(), pauseSeconds: CHAIN_POLL_SECONDS });
    if (outcomes.hasChain())
      loops.push({ name: "Paid out", pass: () => this.followOutcomes(), pauseSeconds: OUTCOME_POLL_SECONDS });
    if (refunds.hasChain())
      loops.push({
        name: "Refunds",
        pass: () => this.advanceRefunds(),
        pauseSeconds: REFUND_POLL_SECONDS,
        backOff: { firstMs: REFUND_RETRY_SECONDS * 1_000, ceilingMs: REFUND_RETRY_SECONDS * 1_000, random: () => 1 },
      });
    if (online && sync.background)
      loops.push({
        name: "Newest payments",
        pass: async () => void (await exchange.followNew()),
        pauseSeconds: FOLLOW_POLL_SECONDS,
        firstAfterSeconds: FOLLOW_POLL_SECONDS,
      });
    return loops;
  }

  /** Each endpoint by itself: one that hangs keeps no other one waiting. */
  private webhookLoops(): readonly Loop[] {
    const { webhooks } = this.parts;
    if (webhooks.names.length === 0) return [];
    const pauseSeconds = WEBHOOK_POLL_SECONDS;
    return [
      { name: "Webhooks", pass: () => Promise.resolve(webhooks.gather()), pauseSeconds },
      ...webhooks.names.map((name) => ({ name: `Webhook ${name}`, pass: () => webhooks.deliver(name), pauseSeconds })),
    ];
  }

  private start({ name, pass, pauseSeconds, firstAfterSeconds = 0, backOff }: Loop): void {
    const { timer } = this.parts;
    const repeater = new Repeater({
      ...{ pass, pauseMs: pauseSeconds * 1_000, log: new Logger(name) },
      ...(backOff === undefined ? {} : { backOff }),
      ...(timer === undefined ? {} : { timer }),
    });
    this.repeaters.push(repeater);
    repeater.start(firstAfterSeconds * 1_000);
  }

  /**
   * One exchange, and a claim where that is due. Throws its first fault, so that the next one comes
   * later.
   */
  private async exchange(): Promise<void> {
    const { faults, uploaded } = await this.parts.exchange.run();
    if (uploaded.new > 0) this.log.log(`${uploaded.new} payments were sent to settlement.`);
    await this.claimLate();
    const [fault] = faults;
    if (fault !== undefined) throw new Error(`The exchange with settlement failed: ${fault.code} ${fault.message}`);
  }

  /** Brings to the vault what nobody else has settled in time (spec §5.5). */
  private async claimLate(): Promise<void> {
    const { clock, refunds } = this.parts;
    const now = clock.now();
    if (now < this.nextClaimAt) return;
    this.nextClaimAt = now + CLAIM_RETRY_SECONDS;
    try {
      // The same key may be about to give money back, so this waits for its turn.
      for (const { settled, withdrawn } of await refunds.inTurn(() => claimWhatIsLate(this.parts))) {
        this.log.log(`${settled} payments that nobody had settled were claimed; ${withdrawn} units were paid out.`);
      }
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== "CLAIM_WAITING") {
        this.log.error(`The claim failed and is tried again in an hour: ${String(error)}`);
        return;
      }
      // What waits for its block is checked again in the next round: a higher fee may be due before
      // the hour is over.
      this.nextClaimAt = now;
      this.log.warn(error.message);
    }
  }

  /** Looks up which payments final blocks show at their end (spec §5.8). */
  private async followOutcomes(): Promise<void> {
    const { fault } = await this.parts.outcomes.passGuarded();
    if (fault !== null) throw new Error(`The chain cannot be read: ${fault.code} ${fault.message}`);
  }

  /** Reads what owners ask back from the vault (spec §5.5). */
  private async readChains(): Promise<void> {
    const { chainWatch } = this.parts;
    await chainWatch.passAll();
    const [fault] = chainWatch.faults();
    if (fault !== undefined) throw new Error(`The chain cannot be read: ${fault.code} ${fault.message}`);
  }

  /** Follows refunds to their end, and continues what a stop has left (spec §5.9). */
  private async advanceRefunds(): Promise<void> {
    const [fault] = await this.parts.refunds.advance();
    if (fault !== undefined) throw new Error(`A refund waits: ${fault.code} ${fault.message}`);
  }

  /** Not while a card is asked: bringing bytes to the disk takes its time. */
  private lookAtDisk(): void {
    const { engine, disk } = this.parts;
    if (engine.isAsking) return;
    const before = disk.fault?.code;
    const fault = disk.look();
    if (fault !== null && fault.code !== before) this.log.warn(`${fault.code}: ${fault.message}`);
  }

  private journalTime(): void {
    const { config, engine, clock, journal } = this.parts;
    const judged = config.domains.map(({ domainBytes }) => clock.of(domainBytes));
    if (engine.isAsking || judged.every((each) => each.fault() !== null)) return;
    journal.write(() => {
      for (const each of judged) each.raiseFloor();
    });
    engine.tidy();
    journal.tidy();
  }
}

/** The first pass of a loop alone. */
function once(loop: Loop): Loop {
  const log = new Logger(loop.name);
  const pass = async (): Promise<NextPass> => {
    try {
      await loop.pass();
    } catch (error) {
      log.warn(error instanceof Error ? error.message : String(error));
    }
    return "never";
  };
  return { ...loop, pass };
}
