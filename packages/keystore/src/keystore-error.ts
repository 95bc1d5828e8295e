import { ProgramError } from "@tallystick/program";

/** Why a key of an HSM cannot be used, or a backup not restored. */
export type KeystoreErrorCode =
  | "HSM_LIBRARY_MISSING"
  | "HSM_NOT_FOUND"
  | "HSM_AMBIGUOUS"
  | "HSM_PIN_MISSING"
  | "HSM_PIN_WRONG"
  | "HSM_PIN_LOCKED"
  | "HSM_KEY_MISSING"
  | "HSM_KEY_AMBIGUOUS"
  | "HSM_KEY_EXISTS"
  | "HSM_KEY_UNSUITABLE"
  | "HSM_GONE"
  | "HSM_BUSY"
  | "HSM_FAULT"
  | "BACKUP_UNREADABLE";

const nextSteps: Readonly<Record<KeystoreErrorCode, string>> = {
  HSM_LIBRARY_MISSING: "Install the HSM's PKCS#11 library, and name its file as library in the key file.",
  HSM_NOT_FOUND: "Connect the HSM, or correct tokenLabel in the key file; the tokens that are there are named.",
  HSM_AMBIGUOUS: "Name the serial of the right one in the key file.",
  HSM_PIN_MISSING: "Name a file with the PIN as pinFile, or a variable as pinVariable, in the key file.",
  HSM_PIN_WRONG: "Correct the PIN before the next start: every wrong try brings the HSM nearer to its lock.",
  HSM_PIN_LOCKED: "Have its security officer set a new PIN.",
  HSM_KEY_MISSING: "Correct keyLabel in the key file, or make or restore the key by key ceremony.",
  HSM_KEY_AMBIGUOUS: "Give each key a label of its own.",
  HSM_KEY_EXISTS: "Use the key that is there, or choose another label.",
  HSM_KEY_UNSUITABLE: "Use a key that was made for this; docs/operating/key-ceremony.md says how.",
  HSM_GONE: "Connect it again; the next call opens it anew.",
  HSM_BUSY: "Ask again when it has caught up.",
  HSM_FAULT: "Look into the HSM's own log; the code is PKCS#11's.",
  BACKUP_UNREADABLE: "Bring as many shares of this very backup as its record says.",
};

/** A key of an HSM that cannot be used. Its text names labels and codes, never a PIN or a key. */
export class KeystoreError extends ProgramError {
  override readonly name = "KeystoreError";
  declare readonly code: KeystoreErrorCode;

  constructor(code: KeystoreErrorCode, message: string) {
    super(code, message, { exit: "keys", next: nextSteps[code] });
  }
}
