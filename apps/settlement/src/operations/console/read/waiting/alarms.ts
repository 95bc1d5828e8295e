import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../../foundation/database/database.ts";
import { type Alarm, AlarmStore } from "../../../alarm-records/alarm-store.ts";
import { tellingsOf } from "../../../alarm-records/alarm-tellings.ts";
import { LONG_ROWS } from "../../limits.ts";

/** How far the telling of an alarm by one way is; times in ISO 8601. */
export interface ToldBy {
  readonly way: string;
  /** When it was told last; null where it was not told. */
  readonly toldAt: string | null;
  /** When it is told, or told again, if nobody acknowledges the alarm before; null where nothing is to come. */
  readonly from: string | null;
  readonly fault: string | null;
}

/** An alarm that is not over, and whom it reached. */
export type OpenAlarm = Alarm & { readonly told: readonly ToldBy[] };

/** Alarms for their page. */
export interface AlarmsView {
  /** Whether any way is configured: without one nobody is told, and nothing is kept. */
  readonly ways: boolean;
  readonly open: readonly OpenAlarm[];
  /** The newest that are over. */
  readonly ended: readonly Alarm[];
}

/** Alarms as they are told to persons. */
@Injectable()
export class AlarmReader {
  private readonly store: AlarmStore;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.store = new AlarmStore(db);
  }

  async read(): Promise<AlarmsView> {
    const alarms = (await this.store.list()).slice(0, LONG_ROWS);
    const open = alarms.filter(({ endedAt }) => endedAt === null);
    const tellings = await tellingsOf(
      this.db,
      open.map(({ id }) => id),
    );
    return {
      ways: this.config.alarms.ways.length > 0,
      open: open.map((alarm) => ({
        ...alarm,
        told: toldBy(
          alarm,
          tellings.filter((each) => each.alarm === alarm.id),
          this.config.alarms,
        ),
      })),
      ended: alarms.filter(({ endedAt }) => endedAt !== null),
    };
  }
}

/** What was told, and by which way it is told next while nobody acknowledges it. Pure. */
export function toldBy(
  { since, level, acknowledgedAt }: Pick<Alarm, "since" | "level" | "acknowledgedAt">,
  tellings: readonly { readonly way: string; readonly toldAt: number | null; readonly fault: string | null }[],
  {
    ways,
    repeatSeconds,
  }: {
    readonly ways: readonly { readonly name: string; readonly afterSeconds: number; readonly warnings: boolean }[];
    readonly repeatSeconds: number;
  },
): readonly ToldBy[] {
  const text = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const repeats = (way: string): boolean => acknowledgedAt === null && ways.some(({ name }) => name === way);
  const told = tellings.map(({ way, toldAt, fault }) => ({
    ...{ way, toldAt: text(toldAt), fault },
    from: repeats(way) && fault === null && toldAt !== null ? text(toldAt + repeatSeconds * 1_000) : null,
  }));
  const next = ways.filter(
    ({ name, warnings, afterSeconds }) =>
      told.every(({ way }) => way !== name) &&
      (warnings || level === "reason") &&
      (acknowledgedAt === null || afterSeconds === 0),
  );
  return [
    ...told,
    ...next.map(({ name, afterSeconds }) => ({
      ...{ way: name, toldAt: null, fault: null },
      from: text(since + afterSeconds * 1_000),
    })),
  ];
}
