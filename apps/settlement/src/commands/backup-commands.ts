import {
  type Check,
  checkLine,
  type CheckResult,
  EXIT,
  type FailureRule,
  ProgramError,
  runChecks,
} from "@tallystick/program";
import { parseArgs } from "node:util";
import { recordAction } from "../books/audit-log/record-action.ts";
import { systemClock } from "../foundation/clock.ts";
import { loadConfig } from "../foundation/config/load-config.ts";
import type { Config } from "../foundation/config/config.ts";
import type { Database } from "../foundation/database/database.ts";
import { databaseNameOf } from "../foundation/database/copies/database-url.ts";
import { COPY_STATEMENT_MS } from "../foundation/database/copies/limits.ts";
import {
  assertEmpty,
  makeRoom,
  restoreCopy,
  type RestoredDatabase,
} from "../foundation/database/copies/restored-database.ts";
import { describeCopy, readContents, takeCopy } from "../foundation/database/copies/take-copy.ts";
import { migrations } from "../migrations.ts";
import { copyChecks } from "../operations/backup/copy-checks.ts";
import { closePlatform, createPlatform } from "../platform.ts";
import type { CommandResult } from "./command-result.ts";
import { orderOf } from "./given-arguments.ts";

export const backupCommandsHelp = `Usage: tallystick-settlement backup --config FILE --file BACKUP
       tallystick-settlement restore-drill --config FILE --file BACKUP [--json]
       tallystick-settlement restore --config FILE --file BACKUP --by NAME --reason TEXT [--json]

backup writes one consistent state of the database into a new file, by pg_dump, while the service
runs. The file holds everything but the keys: keep it as you keep the database.

restore-drill restores it into a database of its own on the same server and proves it: that it is
this installation's, that replaying every operation makes the balances, that the operations make the
log and its roots, that the chain shows those roots and the same money, and that the chain knows
nothing of this installation that the copy does not. Then the database is taken away again.

restore does the same, and gives the database the name that databaseUrl has, which must be free or
empty. Where anything does not hold, nothing is left and nothing was changed. It is an entry of the
audit log that it restores, by who says --by.

A copy that the chain is ahead of is refused (COPY_BEHIND_CHAIN) with every transaction it lacks, until
restoreGeneration in the configuration is higher than the copy's. docs/operating/backup.md has the rest.
`;

interface Given {
  readonly config: Config;
  readonly file: string;
  readonly json: boolean;
}

const fileOptions = { config: { type: "string" }, file: { type: "string" }, json: { type: "boolean" } } as const;

function given(args: readonly string[]): Given {
  return namedBy(parseArgs({ args: [...args], options: fileOptions }).values);
}

function namedBy(values: { readonly config?: string; readonly file?: string; readonly json?: boolean }): Given {
  if (values.config === undefined) throw wrong("The configuration is missing.", "Name it with --config FILE.");
  if (values.file === undefined) throw wrong("The backup's file is missing.", "Name it with --file BACKUP.");
  return { config: loadConfig(values.config), file: values.file, json: values.json === true };
}

/** Runs `backup`. Rejects with ProgramError; then no file has the name. */
export async function backupCommand(args: readonly string[]): Promise<CommandResult> {
  const { config, file } = given(args);
  const copy = await takeCopy(config.databaseUrl, file);
  return { line: JSON.stringify({ schema: "tallystick.backup/1", ...copy }), exit: EXIT.done };
}

/** What a restore needs beside its arguments. */
export interface RestoreOptions {
  readonly rules: readonly FailureRule[];
  /** Told each line as it comes. */
  readonly write: (line: string) => void;
}

/** Runs `restore-drill`; answers how the program exits. Rejects with ProgramError for wrong arguments. */
export async function restoreDrillCommand(args: readonly string[], options: RestoreOptions): Promise<number> {
  return await restoreAndProve(given(args), options, async () => await Promise.resolve("the copy could be restored"));
}

/** Runs `restore`; answers how the program exits. Rejects with ProgramError for wrong arguments, and DATABASE_NOT_EMPTY. */
export async function restoreCommand(args: readonly string[], options: RestoreOptions): Promise<number> {
  const person = { by: { type: "string" }, reason: { type: "string" } } as const;
  const { values } = parseArgs({ args: [...args], options: { ...fileOptions, ...person } });
  const [asked, order] = [namedBy(values), orderOf(values)];
  const { databaseUrl } = asked.config;
  const name = databaseNameOf(databaseUrl);
  await assertEmpty(databaseUrl, name);
  return await restoreAndProve(asked, options, async (restored) => {
    await recordRestore(restored.db, asked, order);
    await makeRoom(databaseUrl, name);
    await restored.keepAs(name);
    return `the database ${name} holds the copy`;
  });
}

/** Into the copy itself: whoever works with it finds who put it in place, and what was given up by it. */
async function recordRestore(
  db: Database,
  { config, file }: Given,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  const subject = `copy:${(await describeCopy(file)).sha256}`;
  const details = { generation: config.restoreGeneration.toString(), reason };
  const actor = { name: by, role: "admin" } as const;
  const at = new Date(systemClock.now());
  await db.transaction().execute(async (trx) => {
    await recordAction(trx, { action: "restored", actor, subject, details, at });
  });
}

async function restoreAndProve(
  { config, file, json }: Given,
  { rules, write }: RestoreOptions,
  end: (restored: RestoredDatabase) => Promise<string>,
): Promise<number> {
  const run = async (checks: readonly Check[]): Promise<number> =>
    await runChecks(checks, {
      ...{ limitMs: COPY_STATEMENT_MS, rules },
      report: (result: CheckResult) => write(checkLine("settlement", result, json)),
    });
  // Keys and configuration first: a fault of them needs no copy.
  const platform = createPlatform({ ...config, roles: ["api"] });
  const made: RestoredDatabase[] = [];
  try {
    const proved = await run(
      fileChecks(file, async () => {
        const restored = await restoreCopy(config.databaseUrl, file);
        made.push(restored);
        return restored;
      }),
    );
    const [restored] = made;
    if (restored === undefined || proved !== EXIT.done) return proved;
    const holds = await run(copyChecks({ ...platform, db: restored.db, migrations }));
    return holds === EXIT.done ? await run([{ name: "end", run: async () => await end(restored) }]) : holds;
  } finally {
    await closePlatform(platform);
    for (const restored of made) await restored.end();
  }
}

function fileChecks(file: string, restore: () => Promise<RestoredDatabase>): readonly Check[] {
  return [
    {
      name: "file",
      run: async () => {
        await readContents(file);
        const { bytes, sha256 } = await describeCopy(file);
        return `${bytes} bytes, SHA-256 ${sha256}`;
      },
    },
    { name: "restored", needs: ["file"], run: async () => `into ${(await restore()).name}` },
  ];
}

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
