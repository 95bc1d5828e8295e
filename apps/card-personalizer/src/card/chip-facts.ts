import {
  bytesToHex,
  exchange,
  getDataCommand,
  SW_SUCCESS,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
  type CardChannel,
} from "@tallystick/apdu";
import { getDataObject } from "@tallystick/card";
import { CPLC_BYTES } from "../limits.ts";

/** What the chip says of its making (GP Card Specification v2.3.1 §H.6), 0x and 84 digits; null where it does not say. */
export async function readCplc(channel: CardChannel): Promise<string | null> {
  const { data, sw } = await exchange(channel, getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE));
  if (sw !== SW_SUCCESS || data.length < CPLC_BYTES) return null;
  // Some chips answer it with its tag, some bare.
  return `0x${bytesToHex(data.slice(-CPLC_BYTES)).toLowerCase()}`;
}

/** Version, build and capabilities of the applet (spec §4.7, DF01), 0x and 10 digits; null where it does not say. */
export async function readAppletVersion(channel: CardChannel): Promise<string | null> {
  const answer = await getDataObject(channel, "version");
  return answer.ok ? `0x${bytesToHex(answer.value).toLowerCase()}` : null;
}
