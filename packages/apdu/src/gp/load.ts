import { ApduError, assertRange } from "../iso7816/apdu-error.ts";
import { concatBytes } from "../iso7816/bytes.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { encodeTlv } from "../iso7816/tlv.ts";
import { assertAid } from "./application-identifier.ts";
import { INS_INSTALL } from "./install.ts";
import { LOAD_BLOCK_BYTES, LOAD_BLOCKS_MAX } from "./limits.ts";

/** LOAD (GP Card Specification v2.3.1 §11.6). */
export const INS_LOAD = 0xe8;
const P1_FOR_LOAD = 0x02;
const P1_MORE_BLOCKS = 0x00;
const P1_LAST_BLOCK = 0x80;
const TAG_LOAD_FILE_DATA_BLOCK = 0xc4;

/**
 * INSTALL [for load] of a package into a security domain, without hash, parameters and token: what a card may verify of a
 * load file differs from chip to chip, and the sender knows its hash. A load that was begun and not ended leaves nothing.
 */
export function installForLoadCommand(fields: {
  readonly packageAid: Uint8Array;
  readonly securityDomainAid: Uint8Array;
}): CommandApdu {
  assertAid("package AID", fields.packageAid);
  assertAid("security domain AID", fields.securityDomainAid);
  const names = [fields.packageAid, fields.securityDomainAid];
  const data = concatBytes(...names.flatMap((aid) => [Uint8Array.of(aid.length), aid]), Uint8Array.of(0, 0, 0));
  return { cla: 0x80, ins: INS_INSTALL, p1: P1_FOR_LOAD, p2: 0x00, data, le: 256 };
}

/**
 * The LOAD commands of a load file data block, in their order; each fits a secure channel with enciphered commands in S8 and
 * in S16 mode. Throws ApduError OUT_OF_RANGE for an empty data block, TOO_LONG for one of more than 256 blocks.
 */
export function loadCommands(dataBlock: Uint8Array): readonly CommandApdu[] {
  assertRange("bytes of the load file data block", dataBlock.length, { min: 1, max: Number.MAX_SAFE_INTEGER });
  const file = encodeTlv([TAG_LOAD_FILE_DATA_BLOCK, dataBlock]);
  const count = Math.ceil(file.length / LOAD_BLOCK_BYTES);
  if (count > LOAD_BLOCKS_MAX)
    throw new ApduError("TOO_LONG", "A load file has at most 256 blocks.", { actual: count });
  return Array.from({ length: count }, (_, block) => ({
    ...{ cla: 0x80, ins: INS_LOAD, p1: block === count - 1 ? P1_LAST_BLOCK : P1_MORE_BLOCKS, p2: block },
    data: file.slice(block * LOAD_BLOCK_BYTES, (block + 1) * LOAD_BLOCK_BYTES),
    le: 256,
  }));
}
