import { endianness } from "node:os";
import { ReaderError } from "../reader/reader-error.ts";
import type { ReaderStatus } from "../reader/reader.ts";

/**
 * Messages between clients and the service of pcsc-lite over its socket: a header (length and
 * command), then a structure of 32-bit words in the byte order of the machine, which comes back
 * with its result in the last word.
 */
export const PCSCD_COMMAND = {
  establishContext: 0x01,
  connect: 0x04,
  reconnect: 0x05,
  disconnect: 0x06,
  beginTransaction: 0x07,
  endTransaction: 0x08,
  transmit: 0x09,
  version: 0x11,
  getReadersState: 0x12,
} as const;

/**
 * The version spoken here. A service of another one says which, and refuses a client that it is too
 * new or too old for.
 */
export const PCSCD_VERSION = { major: 4, minor: 4 } as const;

const WORD = 4;
const HEADER_BYTES = 2 * WORD;
const READER_NAME_BYTES = 128;
const ATR_BYTES_MAX = 33;
/**
 * Name, event counter, state, sharing, ATR rounded up to whole words, length of the ATR, protocol.
 */
const READER_STATE_BYTES = READER_NAME_BYTES + 3 * WORD + 36 + 2 * WORD;
/** The service reports so many readers, connected or not. */
const READER_STATES = 16;
export const READERS_STATE_BYTES = READER_STATES * READER_STATE_BYTES;

/** Bits of a reader's state. A card that answers no reset is "swallowed". */
const STATE_PRESENT = 0x04;
const STATE_SWALLOWED = 0x08;

const IS_LITTLE_ENDIAN = endianness() === "LE";

/** A 32-bit word of a structure by its index. */
export function wordAt(bytes: Uint8Array, index: number): number {
  return viewOf(bytes).getUint32(index * WORD, IS_LITTLE_ENDIAN);
}

/** A message: header, 32-bit words, and what follows the structure. */
export function encodePcscdMessage(
  command: number,
  words: readonly number[],
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const length = words.length * WORD;
  const message = new Uint8Array(HEADER_BYTES + length + payload.length);
  const view = viewOf(message);
  view.setUint32(0, length, IS_LITTLE_ENDIAN);
  view.setUint32(WORD, command, IS_LITTLE_ENDIAN);
  for (let i = 0; i < words.length; i++) view.setUint32(HEADER_BYTES + i * WORD, words[i] ?? 0, IS_LITTLE_ENDIAN);
  message.set(payload, HEADER_BYTES + length);
  return message;
}

/**
 * The 32-bit words that hold a reader's name, closed by zeros. A name is bytes for the service, and not always UTF-8
 * (a reader of Latin-1 is shown with U+FFFD): with `states`, the bytes of the reader that is shown by this name are
 * sent back as they came. Throws READER_UNKNOWN for a name that no reader can have.
 */
export function encodeReaderName(name: string, states: Uint8Array = new Uint8Array(0)): readonly number[] {
  const listed = readerStates(states).map(nameBytesOf);
  const known = name === "" ? undefined : listed.find((each) => decodeName(each) === name);
  return wordsOfName(known ?? encodeName(name));
}

function encodeName(name: string): Uint8Array {
  const bytes = new Uint8Array(READER_NAME_BYTES);
  const { read, written } = new TextEncoder().encodeInto(name, bytes);
  if (name === "" || read < name.length || written === READER_NAME_BYTES || bytes.subarray(0, written).includes(0))
    throw new ReaderError("READER_UNKNOWN", { reader: name });
  return bytes.subarray(0, written);
}

function wordsOfName(name: Uint8Array): readonly number[] {
  const bytes = new Uint8Array(READER_NAME_BYTES);
  bytes.set(name);
  return Array.from({ length: READER_NAME_BYTES / WORD }, (_value, index) => wordAt(bytes, index));
}

/** The place of each reader in the service's report. */
function readerStates(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / READER_STATE_BYTES) }, (_value, index) =>
    bytes.subarray(index * READER_STATE_BYTES, (index + 1) * READER_STATE_BYTES),
  );
}

function nameBytesOf(state: Uint8Array): Uint8Array {
  const end = state.subarray(0, READER_NAME_BYTES).indexOf(0);
  return state.subarray(0, end === -1 ? READER_NAME_BYTES : end);
}

function decodeName(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The readers that the service reports; empty places are left out. */
export function decodeReadersState(bytes: Uint8Array): readonly ReaderStatus[] {
  return readerStates(bytes)
    .map(decodeReaderState)
    .filter(({ name }) => name !== "");
}

function decodeReaderState(bytes: Uint8Array): ReaderStatus {
  const name = decodeName(nameBytesOf(bytes));
  const state = wordAt(bytes, READER_NAME_BYTES / WORD + 1);
  const sharing = wordAt(bytes, READER_NAME_BYTES / WORD + 2);
  const atrStart = READER_NAME_BYTES + 3 * WORD;
  const atrLength = Math.min(wordAt(bytes, (atrStart + 36) / WORD), ATR_BYTES_MAX);
  const isPresent = (state & STATE_PRESENT) !== 0;
  return {
    name,
    card: !isPresent ? "absent" : (state & STATE_SWALLOWED) !== 0 ? "mute" : "present",
    atr: isPresent && atrLength > 0 ? bytes.slice(atrStart, atrStart + atrLength) : null,
    inUse: sharing !== 0,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
