import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, toHex } from "@tallystick/protocol";
import { VaultError } from "../errors.ts";

/** A parameter of the ABI, as solc describes it; of a tuple, with its components. */
export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiParameter[];
}

/** A value of a parameter: bytes for addresses, `bytes32` and `bytes`, whole numbers for the rest, a list for a tuple. */
export type AbiValue = Uint8Array | bigint | readonly AbiValue[];

/** Values by the parameters' names. */
export type AbiValues = Readonly<Record<string, Uint8Array | bigint>>;

const WORD = 32;

/** Keccak-256 of a function's or an event's signature, such as `settle(bytes)` (ABI specification). */
export function signatureHash(entry: { readonly name: string; readonly inputs: readonly AbiParameter[] }): Uint8Array {
  return keccak_256(new TextEncoder().encode(`${entry.name}(${entry.inputs.map(typeName).join(",")})`));
}

/** Head and tail of a call's arguments or of an event's data. Throws VaultError OUT_OF_RANGE for a value its type cannot hold. */
export function encodeAbi(parameters: readonly AbiParameter[], values: readonly AbiValue[]): Uint8Array {
  if (parameters.length !== values.length) throw outOfRange("values", `${parameters.length}`, `${values.length}`);
  const parts = parameters.map((parameter, index) => {
    const value = values[index] as AbiValue;
    return { dynamic: isDynamic(parameter), bytes: encodeValue(parameter, value) };
  });
  let tail = parts.reduce((sum, part) => sum + (part.dynamic ? WORD : part.bytes.length), 0);
  const heads: Uint8Array[] = [];
  const tails: Uint8Array[] = [];
  for (const { dynamic, bytes } of parts) {
    heads.push(dynamic ? numberWord(BigInt(tail)) : bytes);
    if (!dynamic) continue;
    tails.push(bytes);
    tail += bytes.length;
  }
  return concatBytes(...heads, ...tails);
}

/** Reads values that are no tuples, by name. Throws VaultError OUT_OF_RANGE where the data ends early. */
export function decodeAbi(parameters: readonly AbiParameter[], data: Uint8Array): AbiValues {
  const values: Record<string, Uint8Array | bigint> = {};
  parameters.forEach((parameter, index) => {
    const word = slice(data, WORD * index, WORD);
    values[parameter.name] = parameter.type === "bytes" ? bytesAt(data, word) : wordValue(parameter.type, word);
  });
  return values;
}

/** The value of one word of a type that is not dynamic. */
export function wordValue(type: string, word: Uint8Array): Uint8Array | bigint {
  if (type === "address") return word.slice(12);
  return type === "bytes32" ? word.slice() : BigInt(toHex(word));
}

function bytesAt(data: Uint8Array, offset: Uint8Array): Uint8Array {
  const at = place(offset, data);
  const length = place(slice(data, at, WORD), data);
  return slice(data, at + WORD, length);
}

/** A number that says where something stands in the data, or how long it is. */
function place(word: Uint8Array, data: Uint8Array): number {
  const value = BigInt(toHex(word));
  if (value > BigInt(data.length)) throw outOfRange("offset", `at most ${data.length}`, String(value));
  return Number(value);
}

function slice(data: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > data.length) throw outOfRange("ABI data", `${at + length} bytes or more`, `${data.length} bytes`);
  return data.slice(at, at + length);
}

function encodeValue(parameter: AbiParameter, value: AbiValue): Uint8Array {
  const { type, name } = parameter;
  if (type === "tuple") {
    if (!Array.isArray(value)) throw outOfRange(name, "a list of values", typeof value);
    return encodeAbi(parameter.components ?? [], value as readonly AbiValue[]);
  }
  if (type === "address") return concatBytes(new Uint8Array(12), exactly(value, 20, name));
  if (type === "bytes32") return exactly(value, 32, name);
  if (type !== "bytes") return uintWord(value, type, name);
  if (!(value instanceof Uint8Array)) throw outOfRange(name, "bytes", typeof value);
  const padding = new Uint8Array((WORD - (value.length % WORD)) % WORD);
  return concatBytes(numberWord(BigInt(value.length)), value, padding);
}

function uintWord(value: AbiValue, type: string, name: string): Uint8Array {
  const bits = /^uint([0-9]+)$/.exec(type)?.[1];
  if (bits === undefined || typeof value !== "bigint") throw outOfRange(name, type, typeof value);
  if (value < 0n || value >> BigInt(bits) !== 0n) throw outOfRange(name, type, String(value));
  return numberWord(value);
}

function numberWord(value: bigint): Uint8Array {
  const word = new Uint8Array(WORD);
  for (let at = WORD - 1, rest = value; rest > 0n; at -= 1, rest >>= 8n) word[at] = Number(rest & 0xffn);
  return word;
}

function exactly(value: AbiValue, length: number, name: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value;
  throw outOfRange(name, `${length} bytes`, value instanceof Uint8Array ? `${value.length} bytes` : typeof value);
}

function isDynamic({ type, components }: AbiParameter): boolean {
  return type === "bytes" || (type === "tuple" && (components ?? []).some(isDynamic));
}

function typeName({ type, components }: AbiParameter): string {
  return type === "tuple" ? `(${(components ?? []).map(typeName).join(",")})` : type;
}

function outOfRange(field: string, expected: string, actual: string): VaultError {
  return new VaultError("OUT_OF_RANGE", { field, expected, actual });
}
