import { join } from "node:path";
import type { AllowanceBody } from "@tallystick/protocol";
import { makeWorkFolder, startPcscd, type WorkFolder } from "@tallystick/stack";
import { generousBody } from "./issuer.ts";
import { ManInTheMiddle } from "./man-in-the-middle.ts";
import { bringCard, personalize, type RealCard } from "./real-card.ts";
import { openSettlementDouble, type SettlementDouble } from "./settlement-double.ts";
import { openTerminal, type Terminal, type TerminalReader } from "./terminal.ts";
import { listenAsCard, putIntoReader } from "./wire.ts";

/** An issued card in somebody's hand. */
export interface IssuedCard extends RealCard {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
}

/** A terminal of a merchant, as the gateway's program, and a man in the middle on its reader. */
export interface AttackHarness {
  readonly folder: WorkFolder;
  readonly settlement: SettlementDouble;
  readonly terminal: Terminal;
  readonly middle: ManInTheMiddle;
  readonly card: IssuedCard;
  /** Another card of the same issuer. */
  readonly issue: (name: string, body?: AllowanceBody) => Promise<IssuedCard>;
  /** A card from a folder that holds one already. */
  readonly bring: (state: string) => Promise<RealCard>;
  readonly reader: HarnessReader;
  readonly close: () => Promise<void>;
}

/** A reader: how the terminal's configuration names it, and the card that is laid on it or lifted off. */
export interface HarnessReader {
  readonly asConfigured: TerminalReader;
  readonly lift: () => Promise<void>;
  readonly lay: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A reader of a pcscd of its own, as every PC/SC program sees it. */
export async function pcscReader(card: ManInTheMiddle): Promise<HarnessReader> {
  const pcscd = await startPcscd({ readers: 1 });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("pcscd has no reader");
  let placed = await putIntoReader(reader.port, card);
  const lift = async (): Promise<void> => {
    await placed.remove();
  };
  return {
    asConfigured: { name: reader.name, pcscSocket: pcscd.socket },
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
export async function socketReader(card: ManInTheMiddle): Promise<HarnessReader> {
  const listening = await listenAsCard(() => card);
  const never = (): Promise<never> => Promise.reject(new Error("the card on a socket is never lifted"));
  return {
    asConfigured: { name: "socket", vpcd: { host: "127.0.0.1", port: listening.port } },
    lift: never,
    lay: never,
    close: listening.close,
  };
}

/** Opens a terminal with one issued card on its reader, behind the man in the middle. */
export async function openAttackHarness(options: {
  readonly reader: (card: ManInTheMiddle) => Promise<HarnessReader>;
  readonly body?: AllowanceBody;
}): Promise<AttackHarness> {
  const body = options.body ?? generousBody;
  const folder = makeWorkFolder("attack");
  const settlement = await openSettlementDouble();
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
  const reader = await options.reader(middle);
  const terminal = await openTerminal({
    name: "terminal",
    folder,
    reader: reader.asConfigured,
    settlementUrl: settlement.url,
  });
  return {
    ...{ folder, settlement, terminal, middle, card, issue, bring, reader },
    close: async () => {
      await terminal.stop();
      await reader.close();
      for (const each of cards) await each.remove();
      await settlement.close();
      folder.remove();
    },
  };
}
