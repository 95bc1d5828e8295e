import type { CommandApdu } from "../iso7816/command-apdu.ts";

/** EXTERNAL AUTHENTICATE (GP Card Specification v2.3.1 §D.4.2, Amendment D v1.1.2 §7.1.2). */
export const INS_EXTERNAL_AUTHENTICATE = 0x82;

/** Plain command; the session adds the MAC. P1 is the security level of all that follows. */
export function externalAuthenticateCommand(fields: {
  readonly securityLevel: number;
  readonly hostCryptogram: Uint8Array;
}): CommandApdu {
  return {
    cla: 0x80,
    ins: INS_EXTERNAL_AUTHENTICATE,
    p1: fields.securityLevel,
    p2: 0x00,
    data: fields.hostCryptogram,
  };
}
