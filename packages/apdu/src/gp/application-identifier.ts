import { ApduError } from "../iso7816/apdu-error.ts";
import { AID_BYTES_MAX, AID_BYTES_MIN } from "./limits.ts";

/**
 * Refuses an application identifier of fewer than 5 or more than 16 bytes (ISO 7816-4 §8.2.1.2).
 */
export function assertAid(field: string, aid: Uint8Array): void {
  if (aid.length < AID_BYTES_MIN || aid.length > AID_BYTES_MAX) {
    throw new ApduError("WRONG_LENGTH", `${field} must have ${AID_BYTES_MIN} to ${AID_BYTES_MAX} bytes.`, {
      field,
      actual: aid.length,
    });
  }
}
