import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import { Repeater } from "@tallystick/program";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { followCases, openCases } from "./case-rows.ts";
import { CASE_LOOK_MS } from "./limits.ts";

/**
 * Opens a case for everything that a person has to look into, exactly once, and notes when what
 * opened it is over. It derives both from what is stored, so that nothing is lost with a process.
 */
@Injectable()
export class CaseWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(CaseWatch.name);
  private readonly loop: Repeater;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.loop = new Repeater({ pass: () => this.look(), pauseMs: CASE_LOOK_MS, log: this.log });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes("workers")) this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** One look; a second one finds nothing new. */
  async look(): Promise<void> {
    const at = new Date(this.clock.now());
    const opened = await openCases(at).execute(this.db);
    for (const { id, kind, detail } of opened.rows) this.log.warn(`Case ${id} is open: ${kind}: ${detail}`);
    const ended = await followCases(at).execute(this.db);
    for (const { id, kind } of ended.rows) this.log.log(`What opened case ${id} (${kind}) is over.`);
  }
}
