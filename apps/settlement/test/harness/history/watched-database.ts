import type pg from "pg";
import { createDatabase, createPool, type Database } from "../../../src/foundation/database/database.ts";

/** One statement that went to the server. */
export interface Statement {
  readonly text: string;
  /** Pages that it touched, in the server's cache or not; 0 where it was not explained. */
  readonly buffers: number;
  /** Plan nodes that read a whole table or index, by name. */
  readonly scans: readonly string[];
  readonly ms: number;
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly PlanNode[];
}

/** A database of the program's own kind that remembers every statement it was given. */
export class WatchedDatabase {
  readonly db: Database;
  statements: Statement[] = [];
  /**
   * Lets the server explain and run every statement once before it counts, and takes that back; the
   * statement then runs as ever.
   */
  explain = false;

  constructor(url: string) {
    const pool = createPool(url);
    pool.on("connect", (client) => this.#watch(client));
    this.db = createDatabase(pool);
  }

  #watch(client: pg.PoolClient): void {
    const query = client.query.bind(client) as unknown as (text: string, values?: unknown[]) => Promise<pg.QueryResult>;
    let open = false;
    const watched = async (text: string, values?: unknown[]): Promise<pg.QueryResult> => {
      const plan =
        this.explain && /^\s*(select|insert|update|delete|with)/i.test(text)
          ? await explained(query, { text, values, open })
          : null;
      const begun = performance.now();
      const result = await query(text, values);
      if (/^(begin|start transaction)/i.test(text)) open = true;
      if (/^(commit|rollback)$/i.test(text)) open = false;
      const ms = performance.now() - begun;
      const buffers = plan === null ? 0 : plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      this.statements.push({ text, buffers, scans: plan === null ? [] : scansOf(plan), ms });
      return result;
    };
    (client as unknown as { query: typeof watched }).query = watched;
  }
}

async function explained(
  query: (text: string, values?: unknown[]) => Promise<pg.QueryResult>,
  { text, values, open }: { readonly text: string; readonly values: unknown[] | undefined; readonly open: boolean },
): Promise<PlanNode> {
  if (open) await query("savepoint explained");
  const { rows } = await query(`explain (analyze, buffers, format json) ${text}`, values);
  if (open) await query("rollback to savepoint explained");
  return (rows[0] as { "QUERY PLAN": [{ Plan: PlanNode }] })["QUERY PLAN"][0].Plan;
}

function scansOf(node: PlanNode): string[] {
  const whole =
    node["Node Type"] === "Seq Scan" || (/Index.* Scan/.test(node["Node Type"]) && node["Index Cond"] === undefined);
  const own = whole ? [`${node["Node Type"]} ${node["Relation Name"]}`] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}
