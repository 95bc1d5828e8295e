import type Database from "better-sqlite3";

/** What the stores need of a database. */
export type Statements = Pick<Database.Database, "prepare">;

/** Prepares each statement once: a tap runs two dozen, and preparing them costs more than running them. */
export function preparedOnce(database: Database.Database): Statements {
  const known = new Map<string, Database.Statement>();
  const prepare = (source: string): Database.Statement => {
    const found = known.get(source);
    if (found !== undefined) return found;
    const made = database.prepare(source);
    known.set(source, made);
    return made;
  };
  // The library's own type, which tells parameters and rows by type arguments alone.
  return { prepare: prepare as Database.Database["prepare"] };
}
