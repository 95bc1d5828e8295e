import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { assertAid } from "./application-identifier.ts";

/** SELECT by name (ISO 7816-4 §7.1.1, GP Card Specification v2.3.1 §11.9). */
export const INS_SELECT = 0xa4;
/** The issuer security domain of most cards (GP Card Specification v2.3.1 §H.1). */
export const ISSUER_SECURITY_DOMAIN_AID = Uint8Array.of(0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00);

/**
 * Selects the first or only application of this name; the answer is its file control information.
 */
export function selectCommand(aid: Uint8Array): CommandApdu {
  assertAid("aid", aid);
  return { cla: 0x00, ins: INS_SELECT, p1: 0x04, p2: 0x00, data: aid, le: 256 };
}

/** Selects what the card selects by default, usually its issuer security domain: an empty name. */
export function selectDefaultCommand(): CommandApdu {
  return { cla: 0x00, ins: INS_SELECT, p1: 0x04, p2: 0x00, le: 256 };
}
