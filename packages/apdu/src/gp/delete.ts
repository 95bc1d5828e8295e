import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { encodeTlv } from "../iso7816/tlv.ts";
import { assertAid } from "./application-identifier.ts";

/** DELETE (GP Card Specification v2.3.1 §11.2). */
export const INS_DELETE = 0xe4;

/** Deletes an application or load file; `related` takes a load file's applications with it. */
export function deleteCommand(aid: Uint8Array, { related = false }: { readonly related?: boolean } = {}): CommandApdu {
  assertAid("aid", aid);
  return { cla: 0x80, ins: INS_DELETE, p1: 0x00, p2: related ? 0x80 : 0x00, data: encodeTlv([0x4f, aid]), le: 256 };
}
