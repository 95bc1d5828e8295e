import type { Database } from "../../../foundation/database/database.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { AlarmStore } from "../../alarm-records/alarm-store.ts";
import { type Finding, newestOf, type Probe, warning } from "../findings.ts";

/** Whether alarms reach those who are to be told. */
export class AlarmProbe implements Probe {
  readonly name = "alarms";
  readonly everyMs = LIMITS.fuelProbeMs;
  private readonly store: AlarmStore;
  private readonly names: readonly string[];

  /** `names` are those of the ways that are configured. */
  constructor(db: Database, names: readonly string[]) {
    this.store = new AlarmStore(db);
    this.names = names;
  }

  async look(): Promise<readonly Finding[]> {
    const failing = await this.store.undelivered(this.names);
    if (failing.length === 0) return [];
    const named = failing.map(({ way, fault }) => `${way} (${fault})`).join(", ");
    const message = `Alarms do not arrive by ${named}.`;
    const next = "Correct the receiver, then try it: tallystick-settlement alarms test.";
    const renewed = newestOf(failing.map(({ since }) => since));
    return [{ ...warning("ALARM_UNDELIVERED", message, next), ...renewed }];
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}
