import {
  bytesToHex,
  exchange,
  getDataCommand,
  ISSUER_SECURITY_DOMAIN_AID,
  parseChipName,
  parseKeyInformation,
  selectCommand,
  selectDefaultCommand,
  SW_SUCCESS,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
  TAG_KEY_INFORMATION,
  type CardChannel,
} from "@tallystick/apdu";
import { FORMER_OWN_KEY_VERSION } from "../../keys/card-keys.ts";
import type { StockProfile } from "../../config/stock-schema.ts";
import { Failure } from "../../failures.ts";

/**
 * The chip on the reader against the stock's profile, as far as it says without a key: its serial number, and the versions of
 * its keys. Throws Failure KEY_VERSION_UNKNOWN where it has none that the profile knows.
 */
export async function chipLook(channel: CardChannel, stock: StockProfile): Promise<string> {
  const aid = stock.securityDomain;
  const byName = await exchange(channel, aid === undefined ? selectDefaultCommand() : selectCommand(aid));
  if (byName.sw !== SW_SUCCESS && aid === undefined) await exchange(channel, selectCommand(ISSUER_SECURITY_DOMAIN_AID));
  const cplc = await exchange(channel, getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE));
  const name = cplc.sw === SW_SUCCESS ? parseChipName(cplc.data) : null;
  const keys = await exchange(channel, getDataCommand(TAG_KEY_INFORMATION));
  const versions =
    keys.sw === SW_SUCCESS ? [...new Set(parseKeyInformation(keys.data).map(({ version }) => version))] : [];
  const chip = name === null ? "a chip that does not name itself" : `chip ${bytesToHex(name)}`;
  if (versions.length === 0) return `${chip}; it shows its keys' versions inside its channel only`;
  const known = [stock.keyVersion, stock.ownKeyVersion, FORMER_OWN_KEY_VERSION];
  const text = versions.map((version) => version.toString(16).toUpperCase().padStart(2, "0")).join(", ");
  if (versions.some((version) => known.includes(version)))
    return `${chip}, keys of version ${text}, as the profile says`;
  throw new Failure("KEY_VERSION_UNKNOWN", `It holds version ${text}.`);
}
