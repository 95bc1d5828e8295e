import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from "@nestjs/common";
import { ChainError } from "../chain/chain-error.ts";
import { claimWhatIsLate } from "../claim/late-claim.ts";
import {
  CHAIN_POLL_SECONDS,
  CLAIM_RETRY_SECONDS,
  CLOCK_JOURNAL_SECONDS,
  FOLLOW_POLL_SECONDS,
  MAX_SYNC_BACKOFF_SECONDS,
  REFUND_POLL_SECONDS,
  REFUND_RETRY_SECONDS,
} from "../limits.ts";
import type { Gateway } from "./gateway.ts";
import { Repeater } from "./repeater.ts";

export type BackgroundParts = Pick<
  Gateway,
  "config" | "journal" | "clock" | "engine" | "exchange" | "chainWatch" | "refunds"
>;

/** What a terminal does by itself: exchanges with settlement, reads the chain, brings refunds to their end, and journals the time. */
export class Background implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly parts: BackgroundParts;
  private readonly log = new Logger(Background.name);
  private clockTimer: NodeJS.Timeout | undefined;
  private readonly repeaters: Repeater[] = [];
  private failures = 0;
  private nextClaimAt = 0;

  constructor(parts: BackgroundParts) {
    this.parts = parts;
  }

  onApplicationBootstrap(): void {
    this.clockTimer = setInterval(() => {
      this.journalTime();
    }, CLOCK_JOURNAL_SECONDS * 1_000);
    this.journalTime();
    const { config, exchange } = this.parts;
    const { domains, claim, sync } = config;
    const online = exchange.hasSettlement();
    // The first round comes at once even without the others: a terminal that can reach settlement must not wait to sell.
    if (online || claim !== null) this.repeat(() => this.exchange());
    if (domains.some(({ chain }) => chain !== null)) this.repeat(() => this.readChains());
    if (claim !== null) this.repeat(() => this.advanceRefunds());
    if (online && sync.background) this.repeat(() => this.followNew(), FOLLOW_POLL_SECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.clockTimer);
    await Promise.all(this.repeaters.map((repeater) => repeater.stop()));
    await this.parts.engine.rest();
    this.parts.journal.close();
  }

  /** Repeats work that answers the seconds until its next round; what it throws is logged, and it is tried again. */
  private repeat(work: () => Promise<number>, firstAfterSeconds = 0): void {
    const { sync } = this.parts.config;
    const repeater = new Repeater(async () => {
      let seconds = sync.intervalSeconds;
      try {
        seconds = await work();
      } catch (error) {
        this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      return sync.background ? seconds : null;
    });
    this.repeaters.push(repeater);
    repeater.start(firstAfterSeconds);
  }

  private async exchange(): Promise<number> {
    const { config, exchange } = this.parts;
    const failuresBefore = this.failures;
    this.failures += 1;
    const { faults, uploaded } = await exchange.run();
    const [fault] = faults;
    if (fault !== undefined && failuresBefore === 0)
      this.log.warn(`The exchange with settlement failed: ${fault.code} ${fault.message}`);
    if (fault === undefined && failuresBefore > 0) this.log.log("The exchange with settlement works again.");
    if (uploaded.new > 0) this.log.log(`${uploaded.new} payments were sent to settlement.`);
    if (fault === undefined) this.failures = 0;
    await this.claimLate();
    const seconds = Math.min(config.sync.intervalSeconds * 2 ** Math.min(this.failures, 8), MAX_SYNC_BACKOFF_SECONDS);
    return Math.max(seconds, config.sync.intervalSeconds);
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
      // What waits for its block is checked again in the next round: a higher fee may be due before the hour is over.
      this.nextClaimAt = now;
      this.log.warn(error.message);
    }
  }

  /** Where the newest payments are, more often than the whole exchange goes. */
  private async followNew(): Promise<number> {
    await this.parts.exchange.followNew();
    return FOLLOW_POLL_SECONDS;
  }

  /** Reads what owners ask back from the vault (spec §5.5). */
  private async readChains(): Promise<number> {
    const { chainWatch } = this.parts;
    const failedBefore = chainWatch.faults().length > 0;
    await chainWatch.passAll();
    const [fault] = chainWatch.faults();
    if (fault !== undefined && !failedBefore) this.log.warn(`The chain cannot be read: ${fault.code} ${fault.message}`);
    return CHAIN_POLL_SECONDS;
  }

  /** Follows refunds to their end, and goes on with what a stop has left (spec §5.9). */
  private async advanceRefunds(): Promise<number> {
    const [fault] = await this.parts.refunds.advance();
    if (fault === undefined) return REFUND_POLL_SECONDS;
    this.log.warn(`A refund waits: ${fault.code} ${fault.message}`);
    return REFUND_RETRY_SECONDS;
  }

  private journalTime(): void {
    const { engine, clock, journal } = this.parts;
    if (engine.isBusy || clock.confirmation() === null) return;
    journal.write(() => {
      journal.clockFloor.raise(clock.now());
    });
    engine.tidy();
    journal.tidy();
  }
}
