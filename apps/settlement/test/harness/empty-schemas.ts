import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";

const CONNECTIONS = 8;

/**
 * Databases with nothing in them: schemas of one database, each with connections that look on it
 * alone.
 */
export class EmptySchemas {
  readonly #url: string;
  readonly #opened: Kysely<unknown>[] = [];
  #made = 0;

  constructor({ url }: { readonly url: string }) {
    this.#url = url;
  }

  async create(): Promise<Kysely<unknown>> {
    const schema = `empty_${this.#made++}`;
    const options = `-c search_path=${schema}`;
    const pool = new pg.Pool({ connectionString: this.#url, max: CONNECTIONS, options });
    // A connection that is still closing when its server stops hears of it; nobody waits for it
    // any more.
    pool.on("error", () => undefined);
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    this.#opened.push(db);
    await sql`create schema ${sql.id(schema)}`.execute(db);
    return db;
  }

  /** Closes the connections of all that were made so far. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((db) => db.destroy()));
  }
}
