import { EXIT, ProgramError } from "@tallystick/program";
import { parseArgs } from "node:util";
import { loadConfig } from "../foundation/config/load-config.ts";
import { PERSON_NAME } from "../foundation/config/person-name.ts";
import { createDatabase, createPool, type Database } from "../foundation/database/database.ts";
import { isUuid } from "../foundation/database/uuid.ts";
import { alarmMessage } from "../operations/alarms/alarm-message.ts";
import { AlarmStore } from "../operations/alarm-records/alarm-store.ts";
import { openWays } from "../operations/alarms/alarm-ways.ts";
import { viewOf } from "../operations/alarms/alarms.controller.ts";
import type { CommandResult } from "./command-result.ts";
import { reasonText } from "./given-arguments.ts";

export const alarmCommandsHelp = `Usage: tallystick-settlement alarms list --config FILE
       tallystick-settlement alarms acknowledge --config FILE --id ID --by NAME [--reason TEXT]
       tallystick-settlement alarms test --config FILE

list shows the open alarms, then the newest that ended. acknowledge says that somebody looks after an
open one: it is told no more until it is over, or until something comes to it, and an entry of the
audit log says who. test sends a trial by every way of the configuration at once, and says which of
them arrived; it needs no database.
`;

const options = {
  config: { type: "string" },
  id: { type: "string" },
  by: { type: "string" },
  reason: { type: "string" },
} as const;

/** Runs `alarms list|acknowledge|test`. Rejects with ProgramError for wrong arguments. */
export async function alarmsCommand(args: readonly string[], now: () => number): Promise<CommandResult> {
  const [command, ...rest] = args;
  const { values } = parseArgs({ args: rest, options });
  if (command === "test") return await tryWays(values.config, now);
  if (command === "list")
    return await withDatabase(values.config, async (store) => ({ alarms: (await store.list()).map(viewOf) }));
  if (command !== "acknowledge") throw wrong("alarms takes list, acknowledge or test.", "See alarms --help.");
  const { id = "", by = "" } = values;
  if (!isUuid(id)) throw wrong("--id is no alarm's id.", "Take it from alarms list.");
  if (!PERSON_NAME.pattern.test(by)) throw wrong(`--by ${PERSON_NAME.message}.`, "Say who looks after it.");
  const reason = values.reason === undefined ? null : reasonText(values.reason);
  return await withDatabase(values.config, async (store) => {
    const alarm = await store.acknowledge(id, { actor: { name: by, role: "admin" }, reason, now: now() });
    if (alarm !== null) return viewOf(alarm);
    throw new ProgramError("NOT_FOUND", "There is no open alarm of this id.", {
      ...{ exit: "failed", next: "It may be over: see alarms list." },
    });
  });
}

/** A trial goes by every way, also by those that wait; exit 7 where one did not arrive. */
async function tryWays(configFile: string | undefined, now: () => number): Promise<CommandResult> {
  const config = loadConfig(configOf(configFile));
  const at = now();
  const alarm = {
    ...{ id: `trial-${at}`, code: "TRIAL", level: "warning" as const, message: "This is a trial.", next: "Nothing." },
    ...{ since: at, acknowledgedAt: null, acknowledgedBy: null, endedAt: null },
  } as const;
  const message = alarmMessage({ alarm, what: "raised", toldAt: null }, config, at);
  const { signal } = new AbortController();
  const ways = await Promise.all(
    openWays(config.alarms, now).map(async ({ way, send }) => ({ way: way.name, fault: await send(message, signal) })),
  );
  const failed = ways.some(({ fault }) => fault !== null);
  return {
    line: JSON.stringify({ schema: "tallystick.alarm-trial/1", ways }),
    exit: failed ? EXIT.network : EXIT.done,
  };
}

async function withDatabase(
  configFile: string | undefined,
  work: (store: AlarmStore) => Promise<object>,
): Promise<CommandResult> {
  const db: Database = createDatabase(createPool(loadConfig(configOf(configFile)).databaseUrl));
  try {
    return { line: JSON.stringify(await work(new AlarmStore(db))), exit: EXIT.done };
  } finally {
    await db.destroy();
  }
}

function configOf(file: string | undefined): string {
  if (file === undefined) throw wrong("The configuration is missing.", "Name it with --config FILE.");
  return file;
}

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
