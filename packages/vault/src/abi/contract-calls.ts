import { concatBytes, toHex } from "@tallystick/protocol";
import { type AbiParameter, type AbiValue, type AbiValues, decodeAbi, encodeAbi, signatureHash } from "./abi-codec.ts";
import { VaultError } from "../errors.ts";
import { tokenAbi } from "./token-abi.ts";
import { vaultAbi } from "./vault-abi.ts";

interface FunctionEntry {
  readonly type: "function";
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
  readonly outputs: readonly AbiParameter[];
}

type VaultFunction = Extract<(typeof vaultAbi)[number], { type: "function" }>["name"];
type TokenFunction = Extract<(typeof tokenAbi)[number], { type: "function" }>["name"];

const vaultFunctions = functionsOf(vaultAbi);
const tokenFunctions = functionsOf(tokenAbi);

/** Calldata of a function of the vault; values in the order of its inputs. Throws VaultError OUT_OF_RANGE. */
export function encodeVaultCall(name: VaultFunction, values: readonly AbiValue[]): Uint8Array {
  return encodeCall(entryOf(vaultFunctions, name), values);
}

/** Calldata of a function of the token. Throws VaultError OUT_OF_RANGE. */
export function encodeTokenCall(name: TokenFunction, values: readonly AbiValue[]): Uint8Array {
  return encodeCall(entryOf(tokenFunctions, name), values);
}

/** What a view of the vault answered, by the outputs' names. Throws VaultError OUT_OF_RANGE for an answer that is too short. */
export function decodeVaultAnswer(name: VaultFunction, answer: Uint8Array): AbiValues {
  return decodeAbi(entryOf(vaultFunctions, name).outputs, answer);
}

export function decodeTokenAnswer(name: TokenFunction, answer: Uint8Array): AbiValues {
  return decodeAbi(entryOf(tokenFunctions, name).outputs, answer);
}

/**
 * The arguments of a call that are no tuples, by name, and what stands behind them; null where the calldata is another
 * function's. Solidity takes surplus bytes, so a caller may add some.
 */
export function decodeVaultCall(
  name: VaultFunction,
  calldata: Uint8Array,
): { readonly values: AbiValues; readonly surplus: Uint8Array } | null {
  const entry = entryOf(vaultFunctions, name);
  if (toHex(calldata.slice(0, 4)) !== toHex(selectorOf(entry))) return null;
  const data = calldata.slice(4);
  try {
    return { values: decodeAbi(entry.inputs, data), surplus: data.slice(32 * entry.inputs.length) };
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

function encodeCall(entry: FunctionEntry, values: readonly AbiValue[]): Uint8Array {
  return concatBytes(selectorOf(entry), encodeAbi(entry.inputs, values));
}

function selectorOf(entry: FunctionEntry): Uint8Array {
  return signatureHash(entry).slice(0, 4);
}

function functionsOf(abi: typeof vaultAbi | typeof tokenAbi): ReadonlyMap<string, FunctionEntry> {
  const found = new Map<string, FunctionEntry>();
  for (const entry of abi) if (entry.type === "function") found.set(entry.name, entry);
  return found;
}

function entryOf(functions: ReadonlyMap<string, FunctionEntry>, name: string): FunctionEntry {
  const entry = functions.get(name);
  if (entry === undefined) throw new Error(`The ABI has no function ${name}.`);
  return entry;
}
