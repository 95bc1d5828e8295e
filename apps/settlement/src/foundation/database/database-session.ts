import pg from "pg";
import { databaseAwayReason, DatabaseAway } from "./database-away.ts";
import type { DatabaseHosts } from "./database-hosts.ts";

type Connected = (error: Error | null, session?: pg.Client) => void;

/**
 * The class of a pool's sessions. Each may end at any moment, also between two statements of a
 * transaction (a failover, an administrator, a time limit of the server): that fails what runs on
 * it, and nothing else. A session that a statement got no answer on is given up, because whatever
 * follows on it would wait as long.
 */
export function sessionClass(hosts: DatabaseHosts): typeof pg.Client {
  return class DatabaseSession extends pg.Client {
    readonly #url: string;

    constructor(options?: pg.ClientConfig) {
      const url = hosts.current;
      super({ ...options, connectionString: url });
      this.#url = url;
      // What runs on the session is rejected besides; without a listener the process would end.
      this.on("error", () => undefined);
    }

    override connect(): Promise<pg.Client>;
    override connect(done: Connected): void;
    override connect(done?: Connected): Promise<pg.Client> | void {
      const connected = this.#open();
      if (done === undefined) return connected.then(() => this);
      connected.then(
        () => done(null, this),
        (error: unknown) => done(error instanceof Error ? error : new DatabaseAway(String(error))),
      );
    }

    // Every form of `query` is passed on as it is; only what a promise ends with is looked at.
    override query(...values: never[]): never {
      const answer = Reflect.apply(super.query as (...all: never[]) => unknown, this, values);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#giveUp(error));
      return answer as never;
    }

    async #open(): Promise<void> {
      try {
        await super.connect();
        if (hosts.areSeveral) await this.#assertWritable();
      } catch (error) {
        hosts.leave(this.#url);
        throw error;
      }
    }

    /** Where there are several hosts, one that only reads is not the primary. */
    async #assertWritable(): Promise<void> {
      const { rows } = await super.query<{ reads: string }>("select current_setting('transaction_read_only') as reads");
      if (rows[0]?.reads !== "on") return;
      await this.end();
      throw new DatabaseAway("The host that answered only reads; another one is the primary.");
    }

    #giveUp(error: unknown): void {
      if (databaseAwayReason(error) !== "Query read timeout") return;
      hosts.leave(this.#url);
      // With a statement under way it ends at once; the pool then takes it for no other work.
      this.end().catch(() => undefined);
    }
  };
}
