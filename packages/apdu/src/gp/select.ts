import { ApduError } from "../iso7816/apdu-error.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { parseTlv, type Tlv } from "../iso7816/tlv.ts";
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

/**
 * The name in file control information (tag 84 inside 6F, ISO 7816-4 §7.4.3). Tags that are not known are passed over;
 * null where there is no name, or where the answer is no BER-TLV: a card may answer its domain's SELECT with anything.
 */
export function nameInFileControlInformation(data: Uint8Array): Uint8Array | null {
  try {
    return findName(parseTlv(data));
  } catch (error) {
    if (error instanceof ApduError) return null;
    throw error;
  }
}

function findName(objects: readonly Tlv[]): Uint8Array | null {
  for (const { tag, value, children } of objects) {
    if (tag === 0x84) return value;
    const inside = tag === 0x6f && children !== null ? findName(children) : null;
    if (inside !== null) return inside;
  }
  return null;
}
