import { ApduError, assertRange } from "./apdu-error.ts";
import { byteAt, bytesFromNumber, concatBytes } from "./bytes.ts";
import {
  COMMAND_BYTES_MAX,
  EXTENDED_COMMAND_DATA_MAX,
  EXTENDED_RESPONSE_DATA_MAX,
  RESPONSE_BYTES_MAX,
  SHORT_COMMAND_DATA_MAX,
  SHORT_RESPONSE_DATA_MAX,
  SHORT_RESPONSE_ROOM_BYTES,
} from "./limits.ts";

/** A command APDU by its fields (ISO 7816-4 §5.1). */
export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** Command data; absent or empty means that Lc is absent. */
  readonly data?: Uint8Array;
  /** Longest response data expected, 1 to 65,536; absent means that Le is absent. */
  readonly le?: number;
  /**
   * Forces extended lengths where short ones would do; needed lengths choose them by themselves.
   */
  readonly extended?: boolean;
}

/** Bytes of a command APDU, cases 1 to 4, short where it fits. Throws OUT_OF_RANGE. */
export function encodeCommand(command: CommandApdu): Uint8Array {
  const { cla, ins, p1, p2, le } = command;
  const data = command.data ?? new Uint8Array(0);
  for (const [field, value] of Object.entries({ cla, ins, p1, p2 })) assertRange(field, value, { min: 0, max: 0xff });
  assertRange("cla", cla, { min: 0, max: 0xfe });
  assertRange("data length", data.length, { min: 0, max: EXTENDED_COMMAND_DATA_MAX });
  if (le !== undefined) assertRange("le", le, { min: 1, max: EXTENDED_RESPONSE_DATA_MAX });

  const header = Uint8Array.of(cla, ins, p1, p2);
  if (data.length === 0 && le === undefined) return header;
  if (isExtended(command)) return concatBytes(header, encodeExtendedBody(data, le));
  const lc = data.length === 0 ? data : concatBytes(Uint8Array.of(data.length), data);
  return le === undefined ? concatBytes(header, lc) : concatBytes(header, lc, Uint8Array.of(le % 256));
}

/** Whether `encodeCommand` will use extended lengths. */
export function isExtended(command: CommandApdu): boolean {
  const length = command.data?.length ?? 0;
  return command.extended === true || length > SHORT_COMMAND_DATA_MAX || (command.le ?? 0) > SHORT_RESPONSE_DATA_MAX;
}

/**
 * Whether the bytes of a command have extended lengths: a zero stands where a short one has Lc (ISO
 * 7816-4 §5.1).
 */
export function isExtendedEncoding(command: Uint8Array): boolean {
  return command.length > 5 && command[4] === 0;
}

/** How many bytes to keep free for the answer to an encoded command. */
export function responseRoom(command: Uint8Array): number {
  return isExtendedEncoding(command) ? RESPONSE_BYTES_MAX : SHORT_RESPONSE_ROOM_BYTES;
}

function encodeExtendedBody(data: Uint8Array, le: number | undefined): Uint8Array {
  const lc = data.length === 0 ? data : concatBytes(bytesFromNumber(data.length, 3), data);
  if (le === undefined) return lc;
  const encodedLe = bytesFromNumber(le % 65_536, 2);
  // Without Lc the zero byte that marks the extended form belongs to Le (ISO 7816-4 §5.1, case 2E).
  return data.length === 0 ? concatBytes(Uint8Array.of(0), encodedLe) : concatBytes(lc, encodedLe);
}

/** Fields of a command APDU; refuses every encoding that ISO 7816-4 §5.1 does not know. */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  if (bytes.length < 4) {
    throw new ApduError("TRUNCATED", `A command needs 4 bytes of header, but has ${bytes.length}.`, {
      actual: bytes.length,
    });
  }
  if (bytes.length > COMMAND_BYTES_MAX) {
    throw new ApduError("TOO_LONG", `A command has at most ${COMMAND_BYTES_MAX} bytes, but has ${bytes.length}.`, {
      actual: bytes.length,
    });
  }
  const header = { cla: byteAt(bytes, 0), ins: byteAt(bytes, 1), p1: byteAt(bytes, 2), p2: byteAt(bytes, 3) };
  if (header.cla === 0xff) throw new ApduError("WRONG_VALUE", "CLA FF is reserved (ISO 7816-4 §5.1.1).");
  const body = bytes.subarray(4);
  if (body.length === 0) return header;
  const first = byteAt(body, 0);
  if (body.length === 1) return { ...header, le: first === 0 ? 256 : first };
  return first === 0 ? parseExtendedBody(header, body) : parseShortBody(header, body);
}

type Header = Pick<CommandApdu, "cla" | "ins" | "p1" | "p2">;

function parseShortBody(header: Header, body: Uint8Array): CommandApdu {
  const lc = byteAt(body, 0);
  const data = body.slice(1, 1 + lc);
  const rest = assertBody(body, { needed: 1 + lc, leBytes: 1 });
  if (rest.length === 0) return { ...header, data };
  const le = byteAt(rest, 0);
  return { ...header, data, le: le === 0 ? 256 : le };
}

function parseExtendedBody(header: Header, body: Uint8Array): CommandApdu {
  if (body.length < 3) throw new ApduError("TRUNCATED", "An extended length has three bytes.", { actual: body.length });
  const length = byteAt(body, 1) * 256 + byteAt(body, 2);
  if (body.length === 3) return { ...header, le: length === 0 ? 65_536 : length, extended: true };
  if (length === 0) throw new ApduError("WRONG_VALUE", "An extended Lc of zero is not allowed.");
  const data = body.slice(3, 3 + length);
  const rest = assertBody(body, { needed: 3 + length, leBytes: 2 });
  if (rest.length === 0) return { ...header, data, extended: true };
  const le = byteAt(rest, 0) * 256 + byteAt(rest, 1);
  return { ...header, data, le: le === 0 ? 65_536 : le, extended: true };
}

/** What follows Lc and data: nothing, or exactly one Le. */
function assertBody(body: Uint8Array, { needed, leBytes }: { needed: number; leBytes: number }): Uint8Array {
  const surplus = body.length - needed;
  if (surplus < 0) {
    throw new ApduError("TRUNCATED", `Lc announces more bytes than the command has.`, { missing: -surplus });
  }
  if (surplus !== 0 && surplus !== leBytes) {
    throw new ApduError("SURPLUS_BYTES", `The command has ${surplus} bytes after its data.`, { surplus });
  }
  return body.subarray(needed);
}
