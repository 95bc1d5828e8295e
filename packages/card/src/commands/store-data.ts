import { type CardChannel, type CommandApdu, storeDataGroupCommand } from "@tallystick/apdu";
import {
  type Address,
  type CardState,
  checkPuk,
  type Domain,
  encodeDomain,
  encodePinBlock,
} from "@tallystick/protocol";
import { exactLength, noData } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";

/** The data grouping items that the applet takes inside SCP03 (spec §4.7). */
export const dataGroups = Object.freeze({
  state: 0x7f01,
  domain: 0x7f02,
  issuerKey: 0x7f03,
  address: 0x7f04,
  owner: 0x7f05,
  pin: 0x7f06,
} as const);

/** The domain, written once. */
export function storeDomainCommand(domain: Domain): CommandApdu {
  return storeDataGroupCommand(dataGroups.domain, encodeDomain(domain));
}

/** The issuer's public key (uncompressed, 65) with its id. */
export function storeIssuerKeyCommand(issuer: { readonly keyId: number; readonly publicKey: Uint8Array }): CommandApdu {
  if (!Number.isInteger(issuer.keyId) || issuer.keyId < 0 || issuer.keyId > 255)
    throw new RangeError(`A key id is 0 to 255; ${issuer.keyId} came.`);
  const value = new Uint8Array(66);
  value[0] = issuer.keyId;
  value.set(exactLength(issuer.publicKey, 65, "issuer public key"), 1);
  return storeDataGroupCommand(dataGroups.issuerKey, value);
}

/** The card's own address, written once after GENERATE KEY. */
export function storeAddressCommand(address: Address): CommandApdu {
  return storeDataGroupCommand(dataGroups.address, address);
}

/** The owner, written once before the first allowance. */
export function storeOwnerCommand(owner: Address): CommandApdu {
  return storeDataGroupCommand(dataGroups.owner, owner);
}

/**
 * STORE DATA 7F06 (spec §4.7): both secrets under the secure channel's DEK, inside that channel.
 */
export function storePinCommand(
  encryptSensitive: (data: Uint8Array) => Uint8Array,
  secrets: { readonly pin: Uint8Array; readonly puk: Uint8Array },
): CommandApdu {
  const blocks = Uint8Array.of(...encodePinBlock(secrets.pin), ...encodePinBlock(checkPuk(secrets.puk)));
  const encrypted = encryptSensitive(blocks);
  blocks.fill(0);
  return storeDataGroupCommand(dataGroups.pin, encrypted);
}

/** The applet's state: suspended, back, or terminated permanently. */
export function storeStateCommand(state: CardState): CommandApdu {
  return storeDataGroupCommand(dataGroups.state, Uint8Array.of(state));
}

/** Sends one of the commands above. 6985: another value was written before. */
export async function storeData(channel: CardChannel, command: CommandApdu): Promise<CommandResult<null>> {
  return await runCommand(channel, command, (data) => noData(data, "STORE DATA"));
}
