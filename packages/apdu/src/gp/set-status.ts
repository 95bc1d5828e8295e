import { assertRange } from "../iso7816/apdu-error.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { assertAid } from "./application-identifier.ts";

/** SET STATUS (GP Card Specification v2.3.1 §11.10). */
export const INS_SET_STATUS = 0xf0;

export interface SetStatusFields {
  readonly scope: "issuerSecurityDomain" | "application";
  /** New life cycle state; bit 8 set locks an application, clear unlocks it. */
  readonly lifeCycle: number;
  readonly aid: Uint8Array;
}

/** Changes the life cycle state of the card or of one application. */
export function setStatusCommand(fields: SetStatusFields): CommandApdu {
  assertRange("life cycle", fields.lifeCycle, { min: 0, max: 0xff });
  assertAid("aid", fields.aid);
  const p1 = fields.scope === "issuerSecurityDomain" ? 0x80 : 0x40;
  return { cla: 0x80, ins: INS_SET_STATUS, p1, p2: fields.lifeCycle, data: fields.aid };
}
