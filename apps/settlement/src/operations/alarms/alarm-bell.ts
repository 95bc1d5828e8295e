import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import { Repeater, within } from "@tallystick/program";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { databaseAwayReason } from "../../foundation/database/database-away.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Readiness } from "../readiness/readiness.ts";
import { alarmMessage } from "./alarm-message.ts";
import { type Alarm, AlarmStore, type Found, type Telling } from "../alarm-records/alarm-store.ts";
import { type OpenWay, openWays } from "./alarm-ways.ts";
import { BELL_MS, TELLING_MS } from "./limits.ts";

/**
 * Tells persons what readiness finds, in a process with the role `workers` (spec §6.14): an alarm is
 * told by every way whose time has come, again until somebody acknowledges it, and once more when it
 * is over. Where the database is away, alarms of it are told from memory.
 */
@Injectable()
export class AlarmBell implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(AlarmBell.name);
  private readonly store: AlarmStore;
  private readonly ways: readonly OpenWay[];
  private readonly ending = new AbortController();
  private readonly loop: Repeater;
  /** Ways that something is being told by: a slow one keeps no other one waiting. */
  private readonly telling = new Map<OpenWay, Promise<void>>();
  /** What is told while nothing can be stored. */
  private unstored: { readonly alarm: Alarm; toldAt: number } | null = null;
  /** Whether the last pass could store nothing. */
  private outage = false;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(Readiness) private readonly readiness: Pick<Readiness, "report">,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.store = new AlarmStore(db);
    this.ways = openWays(config.alarms, () => clock.now());
    this.loop = new Repeater({ pass: () => this.pass(), pauseMs: BELL_MS, log: this.log });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes("workers") && this.ways.length > 0) this.loop.start(BELL_MS);
  }

  /** A message that is under way is told again by the next start: receivers know it by its id. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await within(LIMITS.watchEndMs, Promise.allSettled([this.loop.stop(), ...this.telling.values()]));
  }

  /** One look at what is found and at what is to be told. */
  async pass(): Promise<void> {
    const { afterSeconds, endAfterSeconds } = this.config.alarms;
    const report = await this.readiness.report();
    const now = this.clock.now();
    const found: readonly Found[] = [
      ...report.reasons.map((note) => ({ ...note, level: "reason" as const })),
      ...report.warnings.map((note) => ({ ...note, level: "warning" as const })),
    ].filter(({ since }) => Date.parse(since) <= now - afterSeconds * 1_000);
    try {
      // What is told from memory is over with the first pass that stores, whatever its probe still says.
      const stored = found.filter(({ code }) => code !== this.unstored?.alarm.code);
      await this.store.takeIn(stored, { now, endAfterSeconds, afterOutage: this.outage });
      this.outage = false;
      const begun = this.ways.filter((open) => !this.telling.has(open)).map((open) => this.begin(open, now));
      await within(TELLING_MS, Promise.all(begun));
    } catch (error) {
      if (databaseAwayReason(error) === null) throw error;
      this.outage = true;
      await this.tellUnstored(found, now);
      return;
    }
    await this.tellOver(now);
  }

  private begin(open: OpenWay, now: number): Promise<void> {
    const work = this.tellDue(open, now).finally(() => this.telling.delete(open));
    this.telling.set(open, work);
    return work;
  }

  private async tellDue(open: OpenWay, now: number): Promise<void> {
    const { repeatSeconds } = this.config.alarms;
    for (const telling of await this.store.due(open.way, { now, repeatSeconds })) await this.tell(open, telling);
  }

  private async tell({ way, send }: OpenWay, telling: Telling): Promise<void> {
    const { alarm, what, attempts } = telling;
    const fault = await send(alarmMessage(telling, this.config, this.clock.now()), this.ending.signal);
    if (fault === null) {
      await this.store.told(telling, this.clock.now());
      this.log.log(`Alarm ${alarm.code} ${alarm.id}: ${what} by ${way.name}.`);
      return;
    }
    await this.store.failed(telling, fault, this.clock.now());
    if (attempts === 0) this.log.warn(`Alarm ${alarm.code} ${alarm.id} is not told by ${way.name}: ${fault}.`);
  }

  /**
   * Where nothing can be stored, that is what is told, by the ways that wait for nothing: never
   * something that stood before, which was told already and would hide it.
   */
  private async tellUnstored(found: readonly Found[], now: number): Promise<void> {
    const first = found.find(({ code }) => code.startsWith("DATABASE_"));
    if (first === undefined) return;
    const { repeatSeconds } = this.config.alarms;
    const known = this.unstored;
    if (known !== null && now - known.toldAt < repeatSeconds * 1_000) return;
    const { code, level, message, next, since } = first;
    const alarm = known?.alarm ?? {
      ...{ id: `unstored-${Date.parse(since)}`, code, level, message, next, since: Date.parse(since) },
      ...{ acknowledgedAt: null, acknowledgedBy: null, endedAt: null },
    };
    if (await this.sendToFirst(alarm, known === null ? "raised" : "repeated", now))
      this.unstored = { alarm, toldAt: now };
  }

  private async tellOver(now: number): Promise<void> {
    if (this.unstored === null) return;
    const { alarm } = this.unstored;
    if (await this.sendToFirst({ ...alarm, endedAt: now }, "ended", now)) this.unstored = null;
  }

  /** True where one way took it. */
  private async sendToFirst(alarm: Alarm, what: Telling["what"], now: number): Promise<boolean> {
    const message = alarmMessage({ alarm, what, toldAt: this.unstored?.toldAt ?? null }, this.config, now);
    const first = this.ways.filter(({ way }) => way.afterSeconds === 0);
    const faults = await Promise.all(first.map(({ send }) => send(message, this.ending.signal)));
    this.log.warn(`Alarm ${alarm.code} while nothing can be stored: ${what}.`);
    return faults.includes(null);
  }
}
