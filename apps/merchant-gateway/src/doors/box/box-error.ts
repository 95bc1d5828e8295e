import { type ExitKind, ProgramError } from "@tallystick/program";

/** Why a command at the box did nothing. */
export type BoxErrorCode =
  | "PERSON_NAME_REFUSED"
  | "PIN_REFUSED"
  | "PERSON_KNOWN"
  | "PERSON_UNKNOWN"
  | "PEOPLE_FULL"
  | "OWNER_FIRST"
  | "OWNER_LAST"
  | "DEVICE_UNKNOWN"
  | "BOX_UNREACHABLE"
  | "BOX_COMMAND_REFUSED";

/** An expected refusal of a command at the box. */
export class BoxError extends ProgramError {
  override readonly name = "BoxError";

  constructor(code: BoxErrorCode, message: string, next: string, exit: ExitKind = "usage") {
    super(code, message, { exit, next });
  }
}
