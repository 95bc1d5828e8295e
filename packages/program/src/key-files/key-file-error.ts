import { ProgramError } from "../lines/program-error.ts";

/** Why a key file cannot be used or made. */
export type KeyFileErrorCode =
  | "KEY_FILE_DEVELOPMENT"
  | "KEY_FILE_MISSING"
  | "KEY_FILE_EXISTS"
  | "KEY_FILE_EXPOSED"
  | "KEY_FILE_MALFORMED"
  | "KEY_FILE_INACCESSIBLE";

const nextSteps: Readonly<Record<KeyFileErrorCode, string>> = {
  KEY_FILE_DEVELOPMENT: "Use a key that was drawn for this; docs/operating/key-ceremony.md says how.",
  KEY_FILE_MISSING: "Make a key, or correct its path in the configuration.",
  KEY_FILE_EXISTS: "Use the key that is there; remove it only when nothing depends on it any more.",
  KEY_FILE_EXPOSED: "Run chmod 600 on it, and consider the key known to others.",
  KEY_FILE_MALFORMED: "Put the right file there; the documentation shows its form.",
  KEY_FILE_INACCESSIBLE: "Check the path, its rights and the disk.",
};

/**
 * A key file that cannot be used or made. Its text names the file and fields, never what they hold.
 */
export class KeyFileError extends ProgramError {
  override readonly name = "KeyFileError";
  declare readonly code: KeyFileErrorCode;
  readonly path: string;

  constructor(code: KeyFileErrorCode, path: string, message: string) {
    super(code, message, { exit: "keys", next: nextSteps[code] });
    this.path = path;
  }
}
