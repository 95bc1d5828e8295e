import { ApduError } from "../iso7816/apdu-error.ts";
import { bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { encodeTlv } from "../iso7816/tlv.ts";
import { assertAid } from "./application-identifier.ts";

/** INSTALL (GP Card Specification v2.3.1 §11.5). */
export const INS_INSTALL = 0xe6;
/** Install and make selectable in one step. */
const P1_INSTALL_AND_MAKE_SELECTABLE = 0x0c;

export interface InstallFields {
  readonly packageAid: Uint8Array;
  readonly moduleAid: Uint8Array;
  readonly instanceAid: Uint8Array;
  /** Privileges, 0 or the one or three bytes of GP v2.3.1 §11.1.2 as a number; default none. */
  readonly privileges?: number;
  /** What the applet's `install` gets inside tag C9. */
  readonly parameters?: Uint8Array;
}

/** INSTALL [for install and make selectable]: answers one byte 00 or nothing. */
export function installCommand(fields: InstallFields): CommandApdu {
  assertAid("package AID", fields.packageAid);
  assertAid("module AID", fields.moduleAid);
  assertAid("instance AID", fields.instanceAid);
  const parameters = encodeTlv([0xc9, fields.parameters ?? new Uint8Array(0)]);
  if (parameters.length > 0x7f) {
    throw new ApduError("TOO_LONG", "Install parameters have at most 125 bytes.", { actual: parameters.length });
  }
  const privileges = fields.privileges ?? 0;
  const data = concatBytes(
    withLength(fields.packageAid),
    withLength(fields.moduleAid),
    withLength(fields.instanceAid),
    withLength(bytesFromNumber(privileges, privileges > 0xff ? 3 : 1)),
    withLength(parameters),
    Uint8Array.of(0), // No install token: we are the issuer (§11.5.2.3.2).
  );
  return { cla: 0x80, ins: INS_INSTALL, p1: P1_INSTALL_AND_MAKE_SELECTABLE, p2: 0x00, data, le: 256 };
}

function withLength(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}
