import type { Statements } from "../events/statements.ts";

/** The lowest time that can be true; SQLite refuses to lower it. */
export class ClockFloorStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Seconds. */
  read(): number {
    const row = this.statements.one<{ readonly seconds: bigint }>("SELECT seconds FROM clock_floor");
    return Number(row?.seconds ?? 0n);
  }

  /** A lower value changes nothing. */
  raise(seconds: number): void {
    this.statements.run("UPDATE clock_floor SET seconds = ? WHERE seconds < ?", seconds, seconds);
  }
}
