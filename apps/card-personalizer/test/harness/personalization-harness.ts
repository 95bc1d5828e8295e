import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCardhost, startPcscd, type Cardhost, type Tear, type VirtualReader } from "@tallystick/stack";
import { openIssuerHarness, type IssuerHarness } from "./issuer-harness.ts";

/** How a card is put on. */
export interface Insertion {
  /** The reader's port; the first reader's unless given. */
  readonly port?: number;
  /** The card takes the time of this chip, and tells what each command took. */
  readonly latency?: "jcop4";
}

/** A card in its own folder, to be put on a reader and taken off. */
export interface HarnessCard {
  insert(tear?: Tear, how?: Insertion): Promise<Cardhost>;
  /** Takes it off cleanly; nothing when it is not on the reader. */
  remove(): Promise<void>;
}

/** A real reader daemon, cards for it, and issuers that use it. */
export interface PersonalizationHarness {
  /** The first of its readers. */
  readonly reader: VirtualReader;
  readonly readers: readonly VirtualReader[];
  readonly socket: string;
  /** A new card; `birth` are cardhost's arguments for what it is made as. */
  card(birth?: readonly string[]): HarnessCard;
  issuer(changes?: Readonly<Record<string, unknown>>): Promise<IssuerHarness>;
  close(): Promise<void>;
}

/** Starts the reader daemon. Everything that was made with it is gone after `close`. */
export async function startPersonalizationHarness({ readers = 1 } = {}): Promise<PersonalizationHarness> {
  const pcscd = await startPcscd({ readers });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("the reader daemon has no reader");
  const folder = mkdtempSync(join(tmpdir(), "tallystick-personalization-"));
  const cards: HarnessCard[] = [];
  const issuers: IssuerHarness[] = [];
  return {
    reader,
    readers: pcscd.readers,
    socket: pcscd.socket,
    card: (birth = []) => {
      const card = createCard({ state: join(folder, `card-${cards.length}`), port: reader.port, birth });
      cards.push(card);
      return card;
    },
    issuer: async (changes = {}) => {
      const issuer = await openIssuerHarness({ reader: reader.name, pcscSocket: pcscd.socket, ...changes });
      issuers.push(issuer);
      return issuer;
    },
    close: async () => {
      for (const card of cards) await card.remove();
      for (const issuer of issuers) await issuer.close();
      await pcscd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createCard(made: {
  readonly state: string;
  readonly port: number;
  readonly birth: readonly string[];
}): HarnessCard {
  let host: Cardhost | null = null;
  return {
    insert: async (tear, how = {}) => {
      host = await startCardhost({ ...made, ...how, ...(tear === undefined ? {} : { tear }) });
      return host;
    },
    remove: async () => {
      await host?.stop();
      host = null;
    },
  };
}
