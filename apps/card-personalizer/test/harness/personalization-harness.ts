import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCardhost, startPcscd, type Cardhost, type Tear } from "@tallystick/stack";
import { openIssuerHarness, type IssuerHarness } from "./issuer-harness.ts";

/** A card in its own folder, to be put on the reader and taken off. */
export interface HarnessCard {
  insert(tear?: Tear): Promise<Cardhost>;
  /** Takes it off cleanly; nothing when it is not on the reader. */
  remove(): Promise<void>;
}

/** A real reader daemon with one reader, cards for it, and issuers that use it. */
export interface PersonalizationHarness {
  readonly reader: { readonly name: string; readonly port: number };
  readonly socket: string;
  /** A new card; `birth` are cardhost's arguments for what it is made as. */
  card(birth?: readonly string[]): HarnessCard;
  issuer(changes?: Readonly<Record<string, unknown>>): Promise<IssuerHarness>;
  close(): Promise<void>;
}

/** Starts the reader daemon. Everything that was made with it is gone after `close`. */
export async function startPersonalizationHarness(): Promise<PersonalizationHarness> {
  const pcscd = await startPcscd({ readers: 1 });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("the reader daemon has no reader");
  const folder = mkdtempSync(join(tmpdir(), "tallystick-personalization-"));
  const cards: HarnessCard[] = [];
  const issuers: IssuerHarness[] = [];
  return {
    reader,
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
    insert: async (tear) => {
      host = await startCardhost({ ...made, ...(tear === undefined ? {} : { tear }) });
      return host;
    },
    remove: async () => {
      await host?.stop();
      host = null;
    },
  };
}
