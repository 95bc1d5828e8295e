import { createReadStream } from "node:fs";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { parseArgs } from "node:util";
import { EXIT, ProgramError } from "@tallystick/program";
import { loadConfig } from "../foundation/config/load-config.ts";
import { EXPORT_CHUNK } from "../operations/ledger-files/limits.ts";
import { exportLedger, type ExportSums } from "../operations/ledger-files/ledger-export.ts";
import { replayLedger } from "../operations/ledger-files/ledger-replay.ts";
import { closePlatform, createPlatform } from "../platform.ts";
import type { CommandResult } from "./command-result.ts";

export const ledgerCommandsHelp = `Usage: tallystick-settlement ledger export FILE --config FILE
       tallystick-settlement ledger replay FILE

export writes the whole ledger as one moment shows it, a JSON object a line: accounts and operations
in their order, the log with every leaf and root, and all balances. The service may run meanwhile.
FILE must not be there yet; only its owner may read it.

replay builds the ledger of such a file anew, without a database and without settlement, by the
rules of the books, and compares every leaf, every root and every balance. It exits with 0 where
all are equal, and names the first line that differs where one is not.
`;

/** Runs `ledger export|replay`. Rejects with ProgramError for wrong arguments. */
export async function ledgerCommand(args: readonly string[], now: () => number): Promise<CommandResult> {
  const [command, ...rest] = args;
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { config: { type: "string" } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw wrong("The file is missing, or there are several.", "Name it.");
  if (command === "export") {
    if (values.config === undefined) throw wrong("The configuration is missing.", "Name it with --config FILE.");
    return { line: JSON.stringify(await exportTo(file, values.config, now())), exit: EXIT.done };
  }
  if (command === "replay") {
    const outcome = await replayLedger(readable(file));
    return outcome.ok
      ? { line: JSON.stringify({ equal: true, ...outcome.sums }), exit: EXIT.done }
      : { line: JSON.stringify({ equal: false, ...outcome.fault }), exit: EXIT.failed };
  }
  throw wrong("ledger takes export or replay.", "See ledger --help.");
}

/** What could not be written as a whole is not left behind. */
async function exportTo(file: string, configFile: string, nowMs: number): Promise<ExportSums> {
  const config = loadConfig(configFile);
  const handle = await create(file);
  try {
    const platform = createPlatform(config);
    try {
      const { db, domain, asset } = platform;
      let kept = "";
      const sums = await exportLedger(db, { domain, asset, nowMs }, async (text) => {
        kept += text;
        if (kept.length < EXPORT_CHUNK) return;
        await handle.appendFile(kept);
        kept = "";
      });
      await handle.appendFile(kept);
      await handle.sync();
      return sums;
    } finally {
      await closePlatform(platform);
    }
  } catch (error) {
    await unlink(file);
    throw error;
  } finally {
    await handle.close();
  }
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, "wx", 0o600);
  } catch {
    throw wrong(`${file} cannot be made, or is there already.`, "Name a file that is not there, in a folder that is.");
  }
}

async function* readable(file: string): AsyncGenerator<string> {
  try {
    yield* createReadStream(file, { encoding: "utf8" }) as AsyncIterable<string>;
  } catch {
    throw wrong(`${file} cannot be read.`, "Name a file that is there and may be read.");
  }
}

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
