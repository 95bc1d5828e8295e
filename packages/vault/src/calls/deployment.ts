import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, fromHex, toAddress, type Address } from "@tallystick/protocol";
import { VaultError } from "../errors.ts";

/** The deployment proxy that stands at this address on most chains; it hands salt and code to CREATE2 (EIP-1014). */
export const DEPLOYMENT_PROXY: Address = toAddress(fromHex("0x4e59b44847b379578588920ca78fbf26c0b4956c"));

const SALT_BYTES = 32;
/** EIP-1014: what tells an address of CREATE2 from all others. */
const CREATE2_PREFIX = 0xff;
const WORD_BYTES = 32;

/** A contract that the deployment proxy makes: where it will stand, and the calldata by which it is made. */
export interface Deployment {
  readonly address: Address;
  /** For DEPLOYMENT_PROXY. A second transaction with it makes nothing: the address is taken. */
  readonly data: Uint8Array;
}

/**
 * A deployment by CREATE2, whose address follows from code and salt alone, so that a contract is never made twice.
 * @param initCode the creation code with its arguments
 * @param salt 32 bytes; throws VaultError OUT_OF_RANGE for any other length
 */
export function deploymentOf(initCode: Uint8Array, salt: Uint8Array): Deployment {
  if (salt.length !== SALT_BYTES)
    throw new VaultError("OUT_OF_RANGE", {
      ...{ field: "salt", expected: `${SALT_BYTES} bytes`, actual: `${salt.length} bytes` },
    });
  const made = concatBytes(Uint8Array.of(CREATE2_PREFIX), DEPLOYMENT_PROXY, salt, keccak_256(initCode));
  return { address: toAddress(keccak_256(made).slice(-DEPLOYMENT_PROXY.length)), data: concatBytes(salt, initCode) };
}

/** The vault's creation code with the arguments of its constructor: the token, and base units in one unit (spec §7.9). */
export function vaultInitCode(
  bytecode: Uint8Array,
  { token, scale }: { readonly token: Uint8Array; readonly scale: bigint },
): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  word.set(token, WORD_BYTES - token.length);
  return concatBytes(bytecode, word, fromHex(`0x${scale.toString(16).padStart(2 * WORD_BYTES, "0")}`));
}
