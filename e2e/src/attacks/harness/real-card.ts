import {
  C_DECRYPTION,
  C_MAC,
  type CardChannel,
  createKeySet,
  exchangeOk,
  installCommand,
  type KeySet,
  openScp03,
  R_MAC,
  type SecureSession,
  selectCommand,
  selectDefaultCommand,
} from "@tallystick/apdu";
import {
  generateKey,
  open,
  select,
  type Selected,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
  updateAllowance,
} from "@tallystick/card";
import {
  addressOfKey,
  type AllowanceBody,
  compressKey,
  encodeAllowanceBody,
  instanceAid,
  PACKAGE_AID,
  type SelectAnswer,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";
import { type Cardhost, freePort, startCardhost } from "@tallystick/stack";
import { domain, draw, issuer, signAllowance } from "./issuer.ts";
import { reachCard, type WireCard } from "./wire.ts";

/** The key that cards leave the factory with. */
const FACTORY_KEY = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);
export const FACTORY_VERSION = 0xff;

export const PIN = "2580";
const PUK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

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

export function factoryKeys(): KeySet {
  return createKeySet({ version: FACTORY_VERSION, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
}

/** Opens a session of the level that personalization needs. */
export async function openSession(channel: CardChannel, keys: KeySet): Promise<SecureSession> {
  const securityLevel = C_MAC | C_DECRYPTION | R_MAC;
  return await openScp03(channel, { keys, hostChallenge: draw(8), securityLevel });
}

async function must<T>(
  work: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }>,
): Promise<T> {
  const result = await work;
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

/** Makes a blank card one that can pay, in the order of spec §4.8, without a vault behind it; answers its compressed key. */
export async function personalize(channel: CardChannel, body: AllowanceBody): Promise<Uint8Array> {
  const aid = instanceAid(1);
  await exchangeOk(channel, "SELECT", selectDefaultCommand());
  const domainSession = await openSession(channel, factoryKeys());
  const install = installCommand({ packageAid: PACKAGE_AID, moduleAid: aid, instanceAid: aid });
  await exchangeOk(domainSession.transmit, "INSTALL", install);
  domainSession.close();
  await exchangeOk(channel, "SELECT", selectCommand(aid));
  const session = await openSession(channel, factoryKeys());
  const { transmit } = session;
  await must(storeData(transmit, storeDomainCommand(domain)));
  const issuerKey = { keyId: body.issuerKeyId, publicKey: uncompressKey(issuer.publicKey) };
  await must(storeData(transmit, storeIssuerKeyCommand(issuerKey)));
  const cardKey = compressKey(await must(generateKey(transmit)));
  await must(storeData(transmit, storeAddressCommand(addressOfKey(cardKey))));
  await must(storeData(transmit, storeOwnerCommand(toAddress(draw(20)))));
  const secrets = { pin: Uint8Array.from(PIN, Number), puk: PUK };
  await must(
    storeData(
      transmit,
      storePinCommand((data) => session.encryptSensitive(data), secrets),
    ),
  );
  await must(open(transmit));
  await allow(transmit, cardKey, body);
  session.close();
  return cardKey;
}

/** Gives a card a signed allowance; the first one needs the personalization's session. */
export async function allow(channel: CardChannel, cardKey: Uint8Array, body: AllowanceBody): Promise<void> {
  const signature = await signAllowance(cardKey, body);
  await must(updateAllowance(channel, { body: encodeAllowanceBody(body), signature }));
}

/** What the card shows of itself. */
export async function showOf(channel: CardChannel): Promise<SelectAnswer> {
  const selected: Selected = await must(select(channel));
  if (selected.kind !== "personalized") throw new Error("the card is blank");
  return selected.answer;
}
