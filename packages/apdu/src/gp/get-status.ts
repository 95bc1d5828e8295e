import { ApduError } from "../iso7816/apdu-error.ts";
import { byteAt, concatBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { exchange, statusError } from "../iso7816/exchange.ts";
import { GET_STATUS_ROUNDS_MAX } from "./limits.ts";
import { SW_SUCCESS } from "../iso7816/status-word.ts";
import { encodeTlv, parseTlv, requireTlv, type Tlv } from "../iso7816/tlv.ts";

/** GET STATUS (GP Card Specification v2.3.1 §11.4). */
export const INS_GET_STATUS = 0xf2;
const SW_MORE_DATA = 0x6310;
const SW_NOT_FOUND = 0x6a88;

/** Which part of the card's registry: its P1. */
export const REGISTRY_SCOPES = {
  issuerSecurityDomain: 0x80,
  applications: 0x40,
  loadFiles: 0x20,
  loadFilesAndModules: 0x10,
} as const;
export type RegistryScope = keyof typeof REGISTRY_SCOPES;

/** One entry of the registry (GP v2.3.1 §11.4.3.1, table 11-36). */
export interface RegistryEntry {
  readonly aid: Uint8Array;
  /** GlobalPlatform life cycle state. */
  readonly lifeCycle: number;
  /** One or three bytes of privileges as a number; 0 for load files. */
  readonly privileges: number;
  readonly modules: readonly Uint8Array[];
}

/** Command for the first or next part, all names, answers as TLV. */
export function getStatusCommand(
  scope: RegistryScope,
  { next = false }: { readonly next?: boolean } = {},
): CommandApdu {
  const data = encodeTlv([0x4f, new Uint8Array(0)]);
  return { cla: 0x80, ins: INS_GET_STATUS, p1: REGISTRY_SCOPES[scope], p2: next ? 0x03 : 0x02, data, le: 256 };
}

/** Reads the whole scope, over several answers if need be; an empty registry is an empty list. */
export async function readRegistry(channel: CardChannel, scope: RegistryScope): Promise<readonly RegistryEntry[]> {
  const parts: Uint8Array[] = [];
  for (let round = 0; round < GET_STATUS_ROUNDS_MAX; round++) {
    const { data, sw } = await exchange(channel, getStatusCommand(scope, { next: round > 0 }));
    if (sw === SW_NOT_FOUND && round === 0) return [];
    if (sw !== SW_SUCCESS && sw !== SW_MORE_DATA) throw statusError("GET STATUS", sw);
    parts.push(data);
    // An entry may be cut in two between answers, so only the whole is parsed (§11.4.3.2).
    if (sw === SW_SUCCESS) return parseRegistry(concatBytes(...parts));
  }
  throw new ApduError("TOO_LONG", "The card goes on announcing registry entries.", { rounds: GET_STATUS_ROUNDS_MAX });
}

/** Entries of tag E3 from complete answer data. */
export function parseRegistry(data: Uint8Array): readonly RegistryEntry[] {
  return parseTlv(data).map((entry) => {
    if (entry.tag !== 0xe3)
      throw new ApduError("WRONG_VALUE", "A registry entry must have tag E3.", { tag: entry.tag });
    const children = entry.children ?? [];
    return {
      aid: requireTlv(children, 0x4f).value,
      // Load files of some cards have a second byte here that means nothing to us.
      lifeCycle: byteAt(requireTlv(children, 0x9f70).value, 0),
      privileges: privilegesOf(children.find((child) => child.tag === 0xc5)),
      modules: children.filter((child) => child.tag === 0x84).map((child) => child.value),
    };
  });
}

function privilegesOf(object: Tlv | undefined): number {
  if (object === undefined) return 0;
  if (object.value.length !== 1 && object.value.length !== 3) {
    throw new ApduError("WRONG_LENGTH", "Privileges have one or three bytes.", { actual: object.value.length });
  }
  return object.value.reduce((sum, value) => sum * 256 + value, 0);
}
