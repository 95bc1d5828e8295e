import type { CardChannel, KeySet, SecureSession } from "@tallystick/apdu";
import { select, type Selected } from "@tallystick/card";
import { giveAllowance, must, openTestSession, personalizeTestCard } from "@tallystick/card/testing";
import { type AllowanceBody, compressKey, type SelectAnswer, toAddress, uncompressKey } from "@tallystick/protocol";
import { type Cardhost, freePort, startCardhost } from "@tallystick/stack";
import { domain, draw, issuer } from "./issuer.ts";
import { reachCard, type WireCard } from "./wire.ts";

export const PIN = "2580";

/** The applet in cardhost, and a thief's reader that holds it. */
export interface RealCard {
  readonly wire: WireCard;
  /** The same as a channel; throws where the card is torn. */
  readonly channel: CardChannel;
  readonly state: string;
  /** Takes it away; its folder keeps its memory. */
  readonly remove: () => Promise<void>;
}

/** Starts the applet from a folder; a copied folder is a copied card. */
export async function bringCard(state: string): Promise<RealCard> {
  const port = await freePort();
  const host: Cardhost = await startCardhost({ port, state, listen: true });
  const wire = await reachCard(port);
  return {
    wire,
    channel: channelOf(wire),
    state,
    remove: async () => {
      await wire.close();
      await host.stop();
    },
  };
}

/** A wire as the channel that packages speak to. */
export function channelOf(wire: Pick<WireCard, "transmit">): CardChannel {
  return async (command) => {
    const response = await wire.transmit(command);
    if (response === null) throw new Error("the card was torn");
    return response;
  };
}

/** Opens a session of the level that personalization needs. */
export async function openSession(channel: CardChannel, keys: KeySet): Promise<SecureSession> {
  return await openTestSession(channel, draw(8), { keys });
}

/** Makes a blank card one that can pay, without a vault behind it; answers its compressed key. */
export async function personalize(channel: CardChannel, body: AllowanceBody): Promise<Uint8Array> {
  const particulars = { domain, issuer, body, owner: toAddress(draw(20)), pin: Uint8Array.from(PIN, Number) };
  return compressKey(await personalizeTestCard(channel, particulars, { draw }));
}

/** Gives a card a signed allowance. */
export async function allow(channel: CardChannel, cardKey: Uint8Array, body: AllowanceBody): Promise<void> {
  await giveAllowance(channel, uncompressKey(cardKey), { domain, issuer, body });
}

/** What the card shows of itself. */
export async function showOf(channel: CardChannel): Promise<SelectAnswer> {
  const selected: Selected = await must(select(channel));
  if (selected.kind !== "personalized") throw new Error("the card is blank");
  return selected.answer;
}
