import type { Command } from "commander";
import { EXIT, type ExitCode } from "@tallystick/program";
import { loadCeremony } from "../ceremony/ceremony-config.ts";
import { type NamedKey, readBackupFile, readRecordFile, readShareFile, shownOf } from "../ceremony/ceremony-files.ts";
import { assertSameKey } from "../ceremony/compare-keys.ts";
import { restoreKeys, runCeremony } from "../ceremony/run-ceremony.ts";
import { verifyRecord } from "../ceremony/verify-record.ts";
import { createEnvironment, type ProgramIo, reportFailure } from "./program-io.ts";

const SCHEMA = "tallystick.key-ceremony-run/1";

interface CeremonyFlags {
  readonly json: boolean;
}

interface RunFlags extends CeremonyFlags {
  readonly config: string;
}

interface RestoreFlags extends RunFlags {
  readonly backup: string;
  readonly share: readonly string[];
}

interface VerifyFlags extends CeremonyFlags {
  readonly config?: string;
  readonly backup?: string;
  readonly share: readonly string[];
  readonly issuerKey: readonly string[];
}

/** `key ceremony …`: draws keys, backs them up, restores them, and verifies the record of it. */
export function addCeremonyCommands(program: Command, io: ProgramIo, finish: (code: ExitCode) => void): void {
  const key = program.command("key").description("the keys of a programme");
  const ceremony = key.command("ceremony").description("draw keys with custodians, and keep a record that verifies");
  const command = (name: string, description: string): Command =>
    ceremony.command(name).description(description).option("--json", "one JSON object a line", false);
  command("run", "draw, back up, restore elsewhere, compare, and write the record")
    .requiredOption("--config <file>", "the ceremony's configuration, JSON")
    .action(async (flags: RunFlags) => finish(await runDraw(flags, io)));
  command("restore", "restore the keys of a backup into the configuration's place, and compare them")
    .requiredOption("--config <file>", "the ceremony's configuration, JSON")
    .requiredOption("--backup <file>", "the backup")
    .requiredOption("--share <file>", "a custodian's share; name as many as are needed", gather, [])
    .action(async (flags: RestoreFlags) => finish(await runRestore(flags, io)));
  command("verify", "whether a record holds: its signatures, and what else is named")
    .argument("<record>", "the record")
    .option("--issuer-key <key>", "a public key that is known from elsewhere; may be named again", gather, [])
    .option("--backup <file>", "the backup that it should be about")
    .option("--share <file>", "a custodian's share; may be named again", gather, [])
    .option("--config <file>", "compare with the keys in this configuration's place")
    .action(async (record: string, flags: VerifyFlags) => finish(await runVerify(record, flags, io)));
}

async function runDraw({ config: file, json }: RunFlags, io: ProgramIo): Promise<ExitCode> {
  return await reporting(json, io, async () => {
    const environment = createEnvironment(io.signal);
    const config = loadCeremony(file, (length) => environment.randomBytes(length));
    const done = await runCeremony(config, environment, (sentence) => {
      io.writeLine(json ? JSON.stringify({ schema: SCHEMA, event: "step", message: sentence }) : `✓ ${sentence}`);
    });
    const end = `The record is ${done.record}. Read every value aloud, and compare it with the custodians' copies.`;
    io.writeLine(json ? JSON.stringify({ schema: SCHEMA, event: "done", ...done }) : end);
  });
}

async function runRestore({ config: file, backup: path, share, json }: RestoreFlags, io: ProgramIo): Promise<ExitCode> {
  return await reporting(json, io, async () => {
    const environment = createEnvironment(io.signal);
    const place = loadCeremony(file, (length) => environment.randomBytes(length)).openPlace();
    const backup = readBackupFile(path);
    await restoreKeys(backup, share, place);
    for (const { wrapped: _wrapped, ...key } of backup.keys) {
      assertSameKey(key, place);
      io.writeLine(keyLine("restored", key, json, `was restored in ${place.name}`));
    }
  });
}

async function runVerify(path: string, flags: VerifyFlags, io: ProgramIo): Promise<ExitCode> {
  const { config: file, backup, share, issuerKey, json } = flags;
  return await reporting(json, io, async () => {
    const environment = createEnvironment(io.signal);
    const place =
      file === undefined ? null : loadCeremony(file, (length) => environment.randomBytes(length)).openPlace();
    const record = verifyRecord(readRecordFile(path), {
      pinned: issuerKey.map((key) => key.toLowerCase()),
      backup: backup === undefined ? null : readBackupFile(backup),
      shares: share.map(readShareFile),
      place,
    });
    for (const { backup: _backup, ...key } of record.keys)
      io.writeLine(keyLine("verified", key, json, `was drawn in ${record.place} at ${record.at}`));
  });
}

function keyLine(event: string, key: NamedKey, json: boolean, what: string): string {
  if (json) return JSON.stringify({ schema: SCHEMA, event, ...key });
  return `✓ ${key.label}, ${shownOf(key)}, ${what}.`;
}

async function reporting(json: boolean, io: ProgramIo, work: () => Promise<void>): Promise<ExitCode> {
  try {
    await work();
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
