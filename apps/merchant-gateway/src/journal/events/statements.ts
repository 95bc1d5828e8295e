import type Database from "better-sqlite3";

/** A value that SQLite takes for a parameter. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** A parameter, or a text that may hold a question mark. */
const PARAMETER = /'[^']*'|\?/g;

/**
 * A statement whose plan depends on no value. SQLite looks at the values of bare parameters and compiles
 * such a statement anew whenever they are bound again; at `+?`, which is the same value, it does not look.
 */
function planned(sql: string): string {
  return sql.replace(PARAMETER, (found) => (found === "?" ? "+?" : found));
}

/**
 * What the stores do with a database. Each statement is compiled once: a tap runs some forty, and
 * compiling them costs ten times as much as running them.
 */
export class Statements {
  private readonly database: Pick<Database.Database, "prepare">;
  private readonly prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(database: Pick<Database.Database, "prepare">) {
    this.database = database;
  }

  /**
   * The first row that a query finds. The caller names the row's type, as the table declares it;
   * integers come as bigint.
   */
  one<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  /** All rows that a query finds. */
  many<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  /** The rows of a query one after the other, for what does not fit into memory. */
  each<Row>(sql: string): IterableIterator<Row> {
    return this.prepare(sql).iterate() as IterableIterator<Row>;
  }

  /** Runs a change; answers how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.prepare(sql).run(...values).changes;
  }

  private prepare(sql: string): Database.Statement<unknown[]> {
    const known = this.prepared.get(sql);
    if (known !== undefined) return known;
    const made = this.database.prepare<unknown[]>(planned(sql));
    this.prepared.set(sql, made);
    return made;
  }
}
