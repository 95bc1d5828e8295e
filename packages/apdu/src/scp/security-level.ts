import { ApduError } from "../iso7816/apdu-error.ts";

/** Every command carries a MAC. */
export const C_MAC = 0x01;
/** Command data is enciphered; needs C-MAC. */
export const C_DECRYPTION = 0x02;
/** Every answer but a refusal carries a MAC; needs C-MAC. */
export const R_MAC = 0x10;
/** Response data is enciphered; needs C-DECRYPTION and R-MAC. */
export const R_ENCRYPTION = 0x20;

const SCP03_LEVELS: readonly number[] = [0x01, 0x03, 0x11, 0x13, 0x33];

/**
 * Refuses a security level that GP Amendment D v1.1.2 §7.1.2.1 does not list (authentication
 * without MAC included).
 */
export function assertScp03Level(level: number): void {
  if (!SCP03_LEVELS.includes(level)) {
    throw new ApduError("UNSUPPORTED", `Security level ${level.toString(16)} is none of 01, 03, 11, 13 and 33.`, {
      level,
    });
  }
}
