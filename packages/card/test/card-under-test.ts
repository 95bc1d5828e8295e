import { randomBytes } from "node:crypto";
import {
  bytesFromHex,
  type CardChannel,
  createKeySet,
  deleteCommand,
  encodeCommand,
  exchange,
  exchangeOk,
  installCommand,
  openScp03,
  type SecureSession,
  selectDefaultCommand,
} from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import { openSoftwareCard, selectInstanceCommand } from "../src/index.ts";

/** A card that a sequence is run against: in clear, and inside its personalization channel. */
export interface CardUnderTest {
  readonly name: string;
  readonly clear: CardChannel;
  readonly secure: CardChannel;
  encryptSensitive(data: Uint8Array): Promise<Uint8Array>;
  /** A new card, installed and selected. */
  renew(): Promise<void>;
}

/** The software card with its memory in this process. */
export function softwareCardUnderTest(): CardUnderTest {
  const open = async () => {
    let stored: Uint8Array | null = null;
    const store = {
      load: async () => await Promise.resolve(stored),
      save: async (image: Uint8Array) => {
        stored = image;
        await Promise.resolve();
      },
    };
    return await openSoftwareCard({ store, random: (length) => Uint8Array.from(randomBytes(length)) });
  };
  let card: Awaited<ReturnType<typeof open>> | null = null;
  const current = () => {
    if (card === null) throw new Error("renew the card first");
    return card;
  };
  return {
    name: "software card",
    clear: (command) => current().transmit(command),
    secure: (command) => current().personalize(command),
    encryptSensitive: async (data) => await Promise.resolve(current().encryptSensitive(data)),
    renew: async () => {
      card = await open();
      await card.transmit(encodeCommand(selectInstanceCommand()));
    },
  };
}

// The keys that every card leaves its factory with.
const FACTORY_KEY = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const PERSONALIZATION_LEVEL = 0x13;

/** The applet behind a channel to a card with factory keys. */
export function appletUnderTest(transmit: CardChannel): CardUnderTest {
  let session: SecureSession | null = null;
  const keys = createKeySet({ version: 0xff, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
  const openSession = async () =>
    await openScp03(transmit, {
      keys,
      hostChallenge: Uint8Array.from(randomBytes(8)),
      securityLevel: PERSONALIZATION_LEVEL,
    });
  const inSession = async () => (session ??= await openSession());
  return {
    name: "applet",
    clear: async (command) => {
      // A SELECT ends the channel, and so does anything of class 84 that it cannot unwrap.
      if (command[0] === 0x00 || command[0] === 0x84) session = null;
      return await transmit(command);
    },
    secure: async (command) => await (await inSession()).transmit(command),
    encryptSensitive: async (data) => (await inSession()).encryptSensitive(data),
    renew: async () => {
      session = null;
      await exchangeOk(transmit, "SELECT", selectDefaultCommand());
      const domain = await openSession();
      const aid = instanceAid(1);
      await exchange(domain.transmit, deleteCommand(aid));
      const install = installCommand({ packageAid: PACKAGE_AID, moduleAid: aid, instanceAid: aid });
      await exchangeOk(domain.transmit, "INSTALL", install);
      await transmit(encodeCommand(selectInstanceCommand()));
    },
  };
}
