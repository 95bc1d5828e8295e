import { randomBytes } from "node:crypto";
import {
  bytesFromHex,
  type CardChannel,
  type CardConnection,
  createKeySet,
  deleteCommand,
  encodeCommand,
  equalBytes,
  exchange,
  exchangeOk,
  installCommand,
  openScp03,
  type SecureSession,
  selectDefaultCommand,
} from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import { selectInstanceCommand } from "@tallystick/card";
import { openSoftwareCard, type SoftwareCard, type SoftwareCardStore } from "../../index.ts";

/** A card that a sequence is run against: in clear, and inside its personalization channel. */
export interface CardUnderTest {
  readonly name: string;
  readonly clear: CardChannel;
  readonly secure: CardChannel;
  encryptSensitive(data: Uint8Array): Promise<Uint8Array>;
  /** A new card with one instance or two, the first selected. */
  renew(instances: 1 | 2): Promise<void>;
  /** Power off and on; what was selected must be selected again. */
  powerCycle(): Promise<void>;
  /**
   * Lets the power go before or after the next durable write; null takes that back. Not every card
   * can be torn here.
   */
  planTear(when: "before" | "after" | null): void;
  /** Whether an error is the torn answer that was planned. */
  isTorn(error: unknown): boolean;
}

class TornError extends Error {
  override readonly name = "TornError";
}

/** A store in memory that can lose the power in the middle of a save. */
class TearingStore implements SoftwareCardStore {
  tear: "before" | "after" | null = null;
  #image: Uint8Array | null = null;

  async load(): Promise<Uint8Array | null> {
    return await Promise.resolve(this.#image);
  }

  async save(image: Uint8Array): Promise<void> {
    await Promise.resolve();
    const when = this.tear;
    this.tear = null;
    if (when !== "before") this.#image = image;
    if (when !== null) throw new TornError(`the power went ${when} the write`);
  }
}

/** One or two software cards with their memory in this process, as the instances of one card. */
export function softwareCardUnderTest(): CardUnderTest {
  let stores: readonly TearingStore[] = [];
  let cards: readonly SoftwareCard[] = [];
  let current = 0;
  const powerOn = async () => {
    const random = (length: number) => Uint8Array.from(randomBytes(length));
    cards = await Promise.all(
      stores.map(async (store, index) => await openSoftwareCard({ store, random, instance: index + 1 })),
    );
    current = 0;
  };
  const selected = () => {
    const card = cards[current];
    if (card === undefined) throw new Error("renew the card first");
    return card;
  };
  return {
    name: "software card",
    clear: async (command) => {
      const named = cards.findIndex((_card, index) => equalBytes(command.slice(5), instanceAid(index + 1)));
      if (command[0] === 0x00 && named >= 0) current = named;
      return await selected().transmit(command);
    },
    secure: (command) => selected().personalize(command),
    encryptSensitive: async (data) => await Promise.resolve(selected().encryptSensitive(data)),
    renew: async (instances) => {
      stores = Array.from({ length: instances }, () => new TearingStore());
      await powerOn();
    },
    powerCycle: powerOn,
    planTear: (when) => {
      for (const [index, store] of stores.entries()) store.tear = index === current ? when : null;
    },
    isTorn: (error) => error instanceof TornError,
  };
}

// The keys that every card leaves its factory with.
const FACTORY_KEY = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const PERSONALIZATION_LEVEL = 0x13;

/**
 * The applet behind a connection to a card with factory keys. Its own tears have a test of their
 * own: the tear matrix.
 */
export function appletUnderTest({ transmit, reset }: Pick<CardConnection, "transmit" | "reset">): CardUnderTest {
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
    powerCycle: async () => {
      session = null;
      await reset();
    },
    planTear: () => undefined,
    isTorn: () => false,
    renew: async (instances) => {
      session = null;
      await exchangeOk(transmit, "SELECT", selectDefaultCommand());
      const domain = await openSession();
      for (const number of [1, 2]) {
        const aid = instanceAid(number);
        await exchange(domain.transmit, deleteCommand(aid));
        if (number > instances) continue;
        const install = installCommand({ packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: aid });
        await exchangeOk(domain.transmit, "INSTALL", install);
      }
      await transmit(encodeCommand(selectInstanceCommand()));
    },
  };
}
