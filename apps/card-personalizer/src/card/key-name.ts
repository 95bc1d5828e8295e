import { getDataObject } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { cardRefused } from "../failures.ts";

/** Name of every card of a stock that is named by keys, as long as it has made none. */
export const UNKEYED = "unkeyed";

const ABSENT = 0x6a88;

/** The name of a card by the address of its own key. */
export function keyName(address: string): string {
  return `key-${address.slice(2)}`;
}

/** What a journal ties a reference to whose card has no key yet: a name of its own. */
export function unkeyedName(reference: string): string {
  return `${UNKEYED}-${reference}`;
}

/** Whether a name is that of a card without a key; it may be another reference's, which gave the card up. */
export function isUnkeyedName(cardName: string): boolean {
  return cardName.startsWith(`${UNKEYED}-`);
}

/** The name by key of the card whose applet is selected. It is a claim until the card has signed with that key. */
export async function readKeyName(channel: CardChannel): Promise<string> {
  const answer = await getDataObject(channel, "publicKey");
  if (answer.ok) return keyName(toHex(addressOfKey(answer.value)));
  if (answer.sw === ABSENT) return UNKEYED;
  throw cardRefused("GET DATA public key", answer.message);
}
