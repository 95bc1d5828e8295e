import { ProgramError } from "@tallystick/program";

/** Why a backup is not made or not put back; nothing was changed. */
export type BackupErrorCode =
  | "BACKUP_EXISTS"
  | "BACKUP_UNREADABLE"
  | "BACKUP_NOT_A_BACKUP"
  | "BACKUP_NO_JOURNAL"
  | "BACKUP_OTHER_TERMINAL"
  | "BACKUP_OLDER";

const nextSteps: { readonly [code in BackupErrorCode]: string } = {
  BACKUP_EXISTS: "Name a file that is not there yet; nothing was overwritten.",
  BACKUP_UNREADABLE: "Check the path, its rights and the space on the disk.",
  BACKUP_NOT_A_BACKUP: "Name a file that the command backup has written, copied whole.",
  BACKUP_NO_JOURNAL: "There is nothing to keep yet: check the path of the journal in the configuration.",
  BACKUP_OTHER_TERMINAL: "Use the configuration and the key file of the terminal that the backup is of.",
  BACKUP_OLDER:
    "The journal that is there has come further; keep it. Only where it is lost or damaged move it away, and run the command again.",
};

/** A backup that cannot be made or used. */
export class BackupError extends ProgramError {
  override readonly name = "BackupError";
  declare readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string) {
    super(code, message, { exit: "store", next: nextSteps[code] });
  }
}
