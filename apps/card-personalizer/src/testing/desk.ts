import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCardhost, startPcscd, type Cardhost, type Tear } from "@tallystick/stack";
import { openOffice, type Office } from "./office.ts";

/** A card in its own folder, to be put on the reader and taken off. */
export interface DeskCard {
  insert(tear?: Tear): Promise<Cardhost>;
  /** Takes it off cleanly; nothing when it is not on the reader. */
  remove(): Promise<void>;
}

/** A real reader daemon with one reader, and offices that use it. */
export interface Desk {
  readonly reader: { readonly name: string; readonly port: number };
  readonly socket: string;
  card(): DeskCard;
  office(changes?: Readonly<Record<string, unknown>>): Promise<Office>;
  close(): Promise<void>;
}

/** Sets a desk up. Everything that it made is gone after `close`. */
export async function setUpDesk(): Promise<Desk> {
  const pcscd = await startPcscd({ readers: 1 });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("the reader daemon has no reader");
  const folder = mkdtempSync(join(tmpdir(), "tallystick-desk-"));
  const cards: DeskCard[] = [];
  const offices: Office[] = [];
  return {
    reader,
    socket: pcscd.socket,
    card: () => {
      const card = createCard(join(folder, `card-${cards.length}`), reader.port);
      cards.push(card);
      return card;
    },
    office: async (changes = {}) => {
      const office = await openOffice({ reader: reader.name, pcscSocket: pcscd.socket, ...changes });
      offices.push(office);
      return office;
    },
    close: async () => {
      for (const card of cards) await card.remove();
      for (const office of offices) await office.close();
      await pcscd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createCard(state: string, port: number): DeskCard {
  let host: Cardhost | null = null;
  return {
    insert: async (tear) => {
      host = await startCardhost({ port, state, ...(tear === undefined ? {} : { tear }) });
      return host;
    },
    remove: async () => {
      await host?.stop();
      host = null;
    },
  };
}
