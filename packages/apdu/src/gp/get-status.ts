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
const SW_WRONG_PARAMETERS = 0x6a86;

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

/** How the answer is written: entries of BER-TLV, or the older run of fields (§11.4.2.2, bit 2 of P2). */
export type RegistryForm = "tlv" | "fields";

/** Command for the first or next part, all names. */
export function getStatusCommand(
  scope: RegistryScope,
  { next = false, form = "tlv" }: { readonly next?: boolean; readonly form?: RegistryForm } = {},
): CommandApdu {
  const data = encodeTlv([0x4f, new Uint8Array(0)]);
  const p2 = (form === "tlv" ? 0x02 : 0x00) | (next ? 0x01 : 0x00);
  return { cla: 0x80, ins: INS_GET_STATUS, p1: REGISTRY_SCOPES[scope], p2, data, le: 256 };
}

/**
 * Reads the whole scope, over several answers if need be; an empty registry is an empty list. A card that refuses the
 * command's parameters (6A86) is asked again in the older form, and for load files without their modules: old cards
 * know no other. Throws STATUS for every other refusal, and where all of them are refused.
 */
export async function readRegistry(channel: CardChannel, scope: RegistryScope): Promise<readonly RegistryEntry[]> {
  const scopes: readonly RegistryScope[] = scope === "loadFilesAndModules" ? [scope, "loadFiles"] : [scope];
  for (const each of scopes) {
    for (const form of ["tlv", "fields"] as const) {
      const entries = await readForm(channel, each, form);
      if (entries !== null) return entries;
    }
  }
  throw statusError("GET STATUS", SW_WRONG_PARAMETERS);
}

/** Null where the card does not know this scope in this form. */
async function readForm(
  channel: CardChannel,
  scope: RegistryScope,
  form: RegistryForm,
): Promise<readonly RegistryEntry[] | null> {
  const parts: Uint8Array[] = [];
  for (let round = 0; round < GET_STATUS_ROUNDS_MAX; round++) {
    const { data, sw } = await exchange(channel, getStatusCommand(scope, { next: round > 0, form }));
    if (sw === SW_NOT_FOUND && round === 0) return [];
    if (sw === SW_WRONG_PARAMETERS && round === 0) return null;
    if (sw !== SW_SUCCESS && sw !== SW_MORE_DATA) throw statusError("GET STATUS", sw);
    parts.push(data);
    // An entry may be cut in two between answers, so only the whole is parsed (§11.4.3.2).
    if (sw === SW_SUCCESS) {
      const whole = concatBytes(...parts);
      return form === "tlv" ? parseRegistry(whole) : parseRegistryFields(whole, scope);
    }
  }
  throw new ApduError("TOO_LONG", "The card goes on announcing registry entries.", { rounds: GET_STATUS_ROUNDS_MAX });
}

/** Entries of the older form: name, life cycle, privileges, and for load files their modules (§11.4.3.1, table 11-35). */
export function parseRegistryFields(data: Uint8Array, scope: RegistryScope): readonly RegistryEntry[] {
  const entries: RegistryEntry[] = [];
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > data.length) throw new ApduError("TRUNCATED", "A registry entry ends too early.", { at });
    at += length;
    return data.slice(at - length, at);
  };
  const takeName = (): Uint8Array => take(byteAt(take(1), 0));
  while (at < data.length) {
    const aid = takeName();
    const state = take(2);
    const count = scope === "loadFilesAndModules" ? byteAt(take(1), 0) : 0;
    const modules = Array.from({ length: count }, takeName);
    entries.push({ aid, lifeCycle: byteAt(state, 0), privileges: byteAt(state, 1), modules });
  }
  return entries;
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
