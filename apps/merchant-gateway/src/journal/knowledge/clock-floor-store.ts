import { CLOCK_SKEW_SECONDS, toHex } from "@tallystick/protocol";
import type { ClockFloor, ClockFloors } from "../../clock/clock-floors.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

type Part = "signed" | "local";

interface FloorRow {
  readonly part: Part;
  readonly seconds: bigint;
  readonly head_seq: bigint | null;
}

/**
 * The lowest times that can be true, by domain and part. SQLite refuses to lower one without the
 * receipt that shows why.
 */
export class ClockFloorStore implements ClockFloors {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  read(domainBytes: Uint8Array): ClockFloor {
    const rows = this.rows(domainBytes);
    const of = (part: Part): number | null => {
      const row = rows.find((each) => each.part === part);
      return row === undefined ? null : Number(row.seconds);
    };
    return { signed: of("signed") ?? 0, local: of("local") ?? this.before() };
  }

  raiseLocal(domainBytes: Uint8Array, seconds: number): void {
    if (seconds > this.read(domainBytes).local) this.set(domainBytes, "local", seconds);
  }

  raiseSigned(domainBytes: Uint8Array, { seq, issuedAt }: { readonly seq: number; readonly issuedAt: number }): void {
    const row = this.rows(domainBytes).find(({ part }) => part === "signed");
    if (row !== undefined && row.head_seq !== null && BigInt(seq) <= row.head_seq) return;
    const least = Math.max(0, issuedAt - CLOCK_SKEW_SECONDS);
    this.set(domainBytes, "signed", Math.max(least, Number(row?.seconds ?? 0n)));
    this.statements.run(
      "UPDATE clock_floor_part SET head_seq = ? WHERE domain = ? AND part = 'signed'",
      ...[seq, domainBytes],
    );
  }

  answer(
    domainBytes: Uint8Array,
    { time, uploadSeq, now }: { readonly time: number; readonly uploadSeq: number; readonly now: number },
  ): void {
    const least = Math.max(0, time - CLOCK_SKEW_SECONDS);
    const { signed, local } = this.read(domainBytes);
    if (signed > time) this.lower(domainBytes, "signed", { from: signed, to: least, uploadSeq, now });
    else if (signed < least) this.set(domainBytes, "signed", least);
    if (local > time) this.lower(domainBytes, "local", { from: local, to: least, uploadSeq, now });
  }

  /** The one floor of all domains, of a journal that was made before they had their own. */
  private before(): number {
    const row = this.statements.one<{ readonly seconds: bigint }>("SELECT seconds FROM clock_floor");
    return Number(row?.seconds ?? 0n);
  }

  private rows(domainBytes: Uint8Array): readonly FloorRow[] {
    return this.statements.many<FloorRow>(
      "SELECT part, seconds, head_seq FROM clock_floor_part WHERE domain = ?",
      domainBytes,
    );
  }

  private set(domainBytes: Uint8Array, part: Part, seconds: number, loweredBy: number | null = null): void {
    this.statements.run(
      `INSERT INTO clock_floor_part (domain, part, seconds, lowered_by) VALUES (?, ?, ?, ?)
       ON CONFLICT (domain, part) DO UPDATE SET seconds = excluded.seconds, lowered_by = excluded.lowered_by`,
      ...[domainBytes, part, seconds, loweredBy],
    );
  }

  private lower(
    domainBytes: Uint8Array,
    part: Part,
    change: { readonly from: number; readonly to: number; readonly uploadSeq: number; readonly now: number },
  ): void {
    const { from, to, uploadSeq, now } = change;
    this.set(domainBytes, part, to, uploadSeq);
    const subject = `${toHex(domainBytes)}/${part}`;
    this.events.append({ at: now, kind: "clock", subject, state: "lowered", details: { from, to, uploadSeq } });
  }
}
