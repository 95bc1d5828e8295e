import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { heardAt, isSilent } from "../../issuing/lists/silence.ts";
import { SILENCE_ALARM_MS, SILENT_ROWS } from "./limits.ts";
import { mayHold, type Missing, MissingPaymentReader, type MissingRun } from "./missing-payments.ts";

/** A silent terminal, and what people call it. */
export interface SilentTerminal {
  readonly payee: string;
  readonly terminalId: string;
  readonly name: string | null;
  readonly merchant: string | null;
  /** Milliseconds. */
  readonly heardAt: number;
}

/** Who is silent, of all merchants. */
export interface Silence {
  /** All of them, however few are named. */
  readonly count: number;
  /** Those of them that are silent for a day. */
  readonly forDay: number;
  /** When the last of them had been silent for a day; null where none is. Milliseconds. */
  readonly forDaySince: number | null;
  /** Those that are silent for longest: whatever another one may hold, the first may hold. */
  readonly terminals: readonly SilentTerminal[];
  /** What cards prove and nobody uploaded; null while it is not known, or nobody is silent. */
  readonly runs: readonly MissingRun[] | null;
  /** The part of it that may be in silent terminals; null likewise. */
  readonly missing: Missing | null;
}

/** Looks for silent terminals among all that were certified, however many there are. */
@Injectable()
export class SilentTerminals {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(MissingPaymentReader) private readonly payments: MissingPaymentReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws where the database does not answer. */
  async read(): Promise<Silence> {
    const now = this.clock.now();
    const { rows } = await sql<SilentRow>`
      with silent as (
        select t.payee, t.terminal_id, ${heardAt("t")} as heard
        from (select distinct payee, terminal_id from terminals) t where ${isSilent("t", now)})
      select s.*, n.name, m.name as merchant, (count(*) over ())::int as count,
        (count(*) filter (where s.heard <= ${new Date(now - SILENCE_ALARM_MS)}) over ())::int as for_day,
        max(s.heard) filter (where s.heard <= ${new Date(now - SILENCE_ALARM_MS)}) over () as newest_for_day
      from silent s left join terminal_names n on n.payee = s.payee and n.terminal_id = s.terminal_id
        left join merchant_names m on m.payee = s.payee
      order by s.heard, s.payee, s.terminal_id limit ${SILENT_ROWS}`.execute(this.db);
    const terminals = rows.map(({ payee, terminal_id, name, merchant, heard }) => ({
      ...{ payee: toHex(payee), terminalId: toHex(terminal_id), name, merchant, heardAt: heard.getTime() },
    }));
    const [first] = rows;
    if (first === undefined) return { count: 0, forDay: 0, forDaySince: null, terminals, runs: null, missing: null };
    const runs = await this.payments.read();
    const missing = runs === null ? null : mayHold(first.heard.getTime(), runs);
    const { count, for_day: forDay, newest_for_day: newest } = first;
    const forDaySince = newest === null ? null : newest.getTime() + SILENCE_ALARM_MS;
    return { count, forDay, forDaySince, terminals, runs, missing };
  }

  /** How many there are; throws where the database does not answer. */
  async count(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from (select distinct payee, terminal_id from terminals) t
      where ${isSilent("t", this.clock.now())}`.execute(this.db);
    return rows[0]?.count ?? 0;
  }
}

interface SilentRow {
  readonly payee: Uint8Array;
  readonly terminal_id: Uint8Array;
  readonly name: string | null;
  readonly merchant: string | null;
  readonly heard: Date;
  readonly count: number;
  readonly for_day: number;
  readonly newest_for_day: Date | null;
}
