/** Why somebody may not come in, or may not do what was asked; nothing was done. */
export type DoorErrorCode =
  | "PAIRING_NEEDED"
  | "PAIRING_CODE_WRONG"
  | "PAIRING_SLOWED"
  | "DEVICES_FULL"
  | "DEVICE_UNKNOWN"
  | "PERSON_NEEDED"
  | "ROLE_TOO_LOW"
  | "PIN_WRONG"
  | "PIN_LOCKED";

/** An expected refusal at the door. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  readonly code: DoorErrorCode;
  /** When it is worth asking again; null where that is no question of time. */
  readonly retryAfterSeconds: number | null;

  constructor(code: DoorErrorCode, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
