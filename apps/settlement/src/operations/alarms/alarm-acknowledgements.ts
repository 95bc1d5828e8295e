import { Inject, Injectable } from "@nestjs/common";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { type Actor, personOf } from "../../foundation/http/roles.ts";
import { type Alarm, AlarmStore } from "../alarm-records/alarm-store.ts";

/** Somebody looks after an alarm (spec §6.14), by the API or on the console. */
@Injectable()
export class AlarmAcknowledgements {
  private readonly store: AlarmStore;

  constructor(
    @Inject(DATABASE) db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.store = new AlarmStore(db);
  }

  /** The first who acknowledges stays. Throws Problem NOT_FOUND where no open alarm has this id, and NAME_NEEDED. */
  async acknowledge(id: string, actor: Actor, reason: string | null): Promise<Alarm> {
    const who = { ...actor, name: personOf(actor) };
    const alarm = await this.store.acknowledge(pathUuid(id), { actor: who, reason, now: this.clock.now() });
    if (alarm === null) throw new Problem("NOT_FOUND", "There is no open alarm of this id.");
    return alarm;
  }
}
