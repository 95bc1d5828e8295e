import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from "@nestjs/common";
import { GATEWAY, type Gateway } from "./gateway.ts";
import { claimWhatIsLate } from "./claim/late-claim.ts";
import {
  CHAIN_POLL_SECONDS,
  CLAIM_RETRY_SECONDS,
  CLOCK_JOURNAL_SECONDS,
  MAX_SYNC_BACKOFF_SECONDS,
  REFUND_POLL_SECONDS,
  REFUND_RETRY_SECONDS,
} from "./limits.ts";

/** What a till does by itself: exchanges with settlement, and journals the time. */
@Injectable()
export class Background implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(Background.name);
  private timer: NodeJS.Timeout | undefined;
  private clockTimer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private failures = 0;
  private nextClaimAt = 0;
  private chainTimer: NodeJS.Timeout | undefined;
  private chainRound: Promise<void> = Promise.resolve();
  private refundTimer: NodeJS.Timeout | undefined;
  private refundRound: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(@Inject(GATEWAY) private readonly gateway: Gateway) {}

  onApplicationBootstrap(): void {
    this.clockTimer = setInterval(() => {
      this.journalTime();
    }, CLOCK_JOURNAL_SECONDS * 1_000);
    this.journalTime();
    // The first exchange comes at once even without the others: a till that can reach settlement must not wait to sell.
    const { domains, claim } = this.gateway.config;
    if (domains.some(({ chain }) => chain !== null)) this.nextChainPass(0);
    if (claim !== null) this.nextRefund(0);
    if (claim !== null || domains.some(({ settlementUrl }) => settlementUrl !== null)) this.next(0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.chainTimer);
    clearTimeout(this.refundTimer);
    clearInterval(this.clockTimer);
    await this.round;
    await this.chainRound;
    await this.refundRound;
    this.gateway.close();
  }

  private next(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.exchange();
    }, delayMs);
  }

  private async exchange(): Promise<void> {
    const { config, exchange } = this.gateway;
    try {
      const { faults, uploaded } = await exchange.run();
      const [fault] = faults;
      const faulted = fault !== undefined;
      if (faulted && this.failures === 0)
        this.log.warn(`The exchange with settlement failed: ${fault.code} ${fault.message}`);
      if (!faulted && this.failures > 0) this.log.log("The exchange with settlement works again.");
      if (uploaded.new > 0) this.log.log(`${uploaded.new} payments were sent to settlement.`);
      this.failures = faulted ? this.failures + 1 : 0;
    } catch (error) {
      this.failures += 1;
      this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    await this.claimLate();
    if (!config.sync.background) return;
    const seconds = Math.min(config.sync.intervalSeconds * 2 ** Math.min(this.failures, 8), MAX_SYNC_BACKOFF_SECONDS);
    this.next(Math.max(seconds, config.sync.intervalSeconds) * 1_000);
  }

  /** Brings to the vault what nobody else has settled in time (spec §5.5). */
  private async claimLate(): Promise<void> {
    const now = this.gateway.clock.now();
    if (now < this.nextClaimAt) return;
    this.nextClaimAt = now + CLAIM_RETRY_SECONDS;
    try {
      // The same key may be about to give money back, so this waits for its turn.
      for (const { settled, withdrawn } of await this.gateway.refunds.inTurn(() => claimWhatIsLate(this.gateway))) {
        this.log.log(`${settled} payments that nobody had settled were claimed; ${withdrawn} units were paid out.`);
      }
    } catch (error) {
      this.log.error(`The claim failed and is tried again in an hour: ${String(error)}`);
    }
  }

  private nextChainPass(delayMs: number): void {
    if (this.stopped) return;
    this.chainTimer = setTimeout(() => {
      this.chainRound = this.readChains();
    }, delayMs);
  }

  /** Reads what owners ask back from the vault (spec §5.5). */
  private async readChains(): Promise<void> {
    const before = this.gateway.chainWatch.faults().length;
    try {
      await this.gateway.chainWatch.passAll();
      const [fault] = this.gateway.chainWatch.faults();
      if (fault !== undefined && before === 0)
        this.log.warn(`The chain cannot be read: ${fault.code} ${fault.message}`);
    } catch (error) {
      this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    if (this.gateway.config.sync.background) this.nextChainPass(CHAIN_POLL_SECONDS * 1_000);
  }

  private nextRefund(delayMs: number): void {
    if (this.stopped) return;
    this.refundTimer = setTimeout(() => {
      this.refundRound = this.advanceRefunds();
    }, delayMs);
  }

  /** Follows refunds to their end, and goes on with what a stop has left (spec §6.2). */
  private async advanceRefunds(): Promise<void> {
    let seconds = REFUND_POLL_SECONDS;
    try {
      const [fault] = await this.gateway.refunds.advance();
      if (fault !== undefined) {
        seconds = REFUND_RETRY_SECONDS;
        this.log.warn(`Giving back waits: ${fault.code} ${fault.message}`);
      }
    } catch (error) {
      seconds = REFUND_RETRY_SECONDS;
      this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    if (this.gateway.config.sync.background) this.nextRefund(seconds * 1_000);
  }

  private journalTime(): void {
    const { engine, clock, journal } = this.gateway;
    if (engine.isBusy || clock.confirmation() === null) return;
    journal.write(() => {
      journal.knowledge.raiseClockFloor(clock.now());
    });
    engine.tidy();
    journal.tidy();
  }
}
