import type { Command } from "commander";
import type { GatewayConfig } from "../../config/gateway-config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { BACKUP_SCHEMA, type BackupNote } from "../../journal/backup/backup-note.ts";
import { makeBackup } from "../../journal/backup/make-backup.ts";
import { restoreBackup } from "../../journal/backup/restore-backup.ts";
import { readTerminalKey } from "../../keys/terminal-key.ts";

/** What `backup` and `restore` print. */
export interface BackupLine extends BackupNote {
  readonly event: "made" | "restored";
  readonly file: string;
  /** Where the journal went that was there before. */
  readonly movedTo: string | null;
  /** Events that the witness saw and the backup does not hold. */
  readonly missing: number | null;
}

/** The schema of what they print: that of a backup's own note. */
export const BACKUP_LINE_SCHEMA = BACKUP_SCHEMA;

interface BackupOptions {
  readonly config: string;
}

/** Adds `backup FILE` and `restore FILE`. */
export function addBackupCommands(program: Command, report: (line: BackupLine) => void): void {
  const add = (name: "backup" | "restore", description: string, file: string): Command =>
    program
      .command(name)
      .description(description)
      .argument("<file>", file)
      .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
      .option("--json", "print JSON lines for programs instead of sentences");
  add(
    "backup",
    "Keep a copy of the journal with the fingerprint of the terminal's key; the key itself is not in it.",
    "the file to write; it must not be there yet",
  ).action((file: string, { config }: BackupOptions) => {
    const parts = partsOf(loadConfig(config));
    const note = makeBackup({ ...parts, file, now: Math.floor(Date.now() / 1_000) });
    report({ ...note, event: "made", file, movedTo: null, missing: null });
  });
  add(
    "restore",
    "Put a backup in the journal's place. Refused where the journal that is there has come further.",
    "a file that backup has written",
  ).action((file: string, { config }: BackupOptions) => {
    const { note, movedTo, missing } = restoreBackup({ ...partsOf(loadConfig(config)), file });
    report({ ...note, event: "restored", file, movedTo, missing });
  });
}

function partsOf({ journalPath, witnessPath, payee, terminalId, terminalKeyFile }: GatewayConfig) {
  const { publicKey: terminalKey } = readTerminalKey(terminalKeyFile);
  return { journalPath, witnessPath, identity: { payee, terminalId, terminalKey } };
}

/** What they print for people. */
export function backupSentence({ event, file, events, terminalKey, movedTo, missing }: BackupLine): string {
  if (event === "made")
    return `Kept the journal up to event ${events} in ${file}. The terminal's key is not in it; its fingerprint is ${terminalKey}.`;
  const moved = movedTo === null ? "" : ` What was there before is in ${movedTo}.`;
  const lacks =
    missing === null || missing === 0
      ? ""
      : ` The journal had come ${missing} events further: what was sold since the backup is missing. Start once with --accept-restored-journal if nothing newer is to be found.`;
  return `Put the journal of ${file} back, up to event ${events}.${moved}${lacks}`;
}
