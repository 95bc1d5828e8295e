import { join } from "node:path";
import type { AllowanceBody } from "@tallystick/protocol";
import { makeWorkFolder, startPcscd, type WorkFolder } from "@tallystick/stack";
import { generousBody } from "./issuer.ts";
import { ManInTheMiddle } from "./man-in-the-middle.ts";
import { bringCard, personalize, type RealCard } from "./real-card.ts";
import { openSettlementDesk, type SettlementDesk } from "./settlement-double.ts";
import { openTill, type Till, type TillReader } from "./terminal.ts";
import { listenAsCard, putIntoReader } from "./wire.ts";

/** An issued card in somebody's hand. */
export interface IssuedCard extends RealCard {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
}

/** A shop with the gateway's program, and a man in the middle on its reader. */
export interface ShopCounter {
  readonly folder: WorkFolder;
  readonly desk: SettlementDesk;
  readonly till: Till;
  readonly middle: ManInTheMiddle;
  readonly card: IssuedCard;
  /** Another card of the same issuer. */
  readonly issue: (name: string, body?: AllowanceBody) => Promise<IssuedCard>;
  /** A card from a folder that holds one already. */
  readonly bring: (state: string) => Promise<RealCard>;
  readonly counter: CounterReader;
  readonly close: () => Promise<void>;
}

/** The reader on the counter: what the till is told of it, and the card that is laid on it or lifted off. */
export interface CounterReader {
  readonly asTold: TillReader;
  readonly lift: () => Promise<void>;
  readonly lay: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A reader of a pcscd of its own, as every PC/SC program sees it. */
export async function pcscReader(card: ManInTheMiddle): Promise<CounterReader> {
  const pcscd = await startPcscd({ readers: 1 });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("pcscd has no reader");
  let placed = await putIntoReader(reader.port, card);
  const lift = async (): Promise<void> => {
    await placed.remove();
  };
  return {
    asTold: { name: reader.name, pcscSocket: pcscd.socket },
    lift,
    lay: async () => {
      placed = await putIntoReader(reader.port, card);
    },
    close: async () => {
      await lift();
      await pcscd.stop();
    },
  };
}

/** A socket that takes the place of the reader, where PC/SC adds nothing to the attack. */
export async function socketReader(card: ManInTheMiddle): Promise<CounterReader> {
  const listening = await listenAsCard(() => card);
  const never = (): Promise<never> => Promise.reject(new Error("the card on a socket is never lifted"));
  return {
    asTold: { name: "socket", vpcd: { host: "127.0.0.1", port: listening.port } },
    lift: never,
    lay: never,
    close: listening.close,
  };
}

/** Opens the shop with one issued card on its reader, behind the man in the middle. */
export async function openShopCounter(options: {
  readonly reader: (card: ManInTheMiddle) => Promise<CounterReader>;
  readonly body?: AllowanceBody;
}): Promise<ShopCounter> {
  const body = options.body ?? generousBody;
  const folder = makeWorkFolder("attack");
  const desk = await openSettlementDesk();
  const cards: RealCard[] = [];
  const bring = async (state: string): Promise<RealCard> => {
    const card = await bringCard(state);
    cards.push(card);
    return card;
  };
  const issue = async (name: string, allowed = body): Promise<IssuedCard> => {
    const card = await bring(join(folder.path, name));
    return { ...card, cardKey: await personalize(card.channel, allowed) };
  };
  const card = await issue("card");
  const middle = new ManInTheMiddle(card.wire);
  const counter = await options.reader(middle);
  const till = await openTill({ name: "till", folder, reader: counter.asTold, settlementUrl: desk.url });
  return {
    ...{ folder, desk, till, middle, card, issue, bring, counter },
    close: async () => {
      await till.stop();
      await counter.close();
      for (const each of cards) await each.remove();
      await desk.close();
      folder.remove();
    },
  };
}
