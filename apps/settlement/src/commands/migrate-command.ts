import { EXIT, ProgramError } from "@tallystick/program";
import { parseArgs } from "node:util";
import { loadConfig } from "../foundation/config/load-config.ts";
import { COPY_CONNECT_MS, COPY_STATEMENT_MS } from "../foundation/database/copies/limits.ts";
import { createDatabase, createPool } from "../foundation/database/database.ts";
import { migrate } from "../foundation/database/migrate.ts";
import { planMigrations } from "../foundation/database/migration-plan.ts";
import { migrations } from "../migrations.ts";
import type { CommandResult } from "./command-result.ts";

export const migrateHelp = `Usage: tallystick-settlement migrate --config FILE [--plan]

Brings the database to the layout of this program, as a start does, but serves nothing: its
statements may take two hours. With --plan nothing is changed: every statement that would run is
shown with the tables that it names, how many rows and bytes they have, and whom its lock keeps
waiting (reads, writes or none).
`;

/** Runs `migrate`. Rejects with ProgramError, DATABASE_NEWER among them. */
export async function migrateCommand(args: readonly string[]): Promise<CommandResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: "string" }, plan: { type: "boolean", default: false } },
  });
  if (values.config === undefined)
    throw new ProgramError("USAGE", "The configuration is missing.", {
      ...{ exit: "usage", next: "Name it with --config FILE." },
    });
  const times = { connectMs: COPY_CONNECT_MS, statementMs: COPY_STATEMENT_MS, answerMs: COPY_STATEMENT_MS };
  const db = createDatabase(createPool(loadConfig(values.config).databaseUrl, times));
  try {
    const planned = await planMigrations(db, migrations);
    if (!values.plan) await migrate(db, migrations);
    const made = planned.map(({ name }) => name);
    const line = values.plan ? { schema: "tallystick.migration-plan/1", planned } : { made };
    return { line: JSON.stringify(line), exit: EXIT.done };
  } finally {
    await db.destroy();
  }
}
