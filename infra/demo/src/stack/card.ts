import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Cardhost, startCardhost, type Tear } from "@tallystick/stack";
import type { ReaderSlot } from "./reader-slot.ts";

/** A simulated card: a folder with its memory, and the process that runs it while it is in a reader. */
export interface Card {
  readonly name: string;
  readonly folder: string;
  /** Puts it into the reader; `tear` makes it lose its power at a durable write. */
  readonly insert: (slot: ReaderSlot, tear?: Tear) => Promise<Cardhost>;
  /** Takes it out; it keeps its memory. */
  readonly remove: () => Promise<void>;
  /** Kill −9 of its process: a loss of power at whatever it was doing. */
  readonly kill: () => Promise<void>;
  /** A second card with the same memory, key and counter: what an attacker with a broken card would have. */
  readonly copy: (name: string) => Card;
}

/** A card whose memory is a folder under `home`; it is blank when the folder does not exist. */
export function createCard(home: string, name: string): Card {
  const folder = join(home, name);
  let host: Cardhost | undefined;
  const remove = async (): Promise<void> => {
    await host?.stop();
    host = undefined;
  };
  return {
    name,
    folder,
    insert: async (slot, tear) => {
      await remove();
      mkdirSync(folder, { recursive: true });
      host = await startCardhost({ ...slot.cardhost, state: folder, ...(tear === undefined ? {} : { tear }) });
      return host;
    },
    remove,
    kill: async () => {
      await host?.kill();
      host = undefined;
    },
    copy: (other) => {
      if (host !== undefined) throw new Error(`take ${name} out of the reader before copying it`);
      cpSync(folder, join(home, other), { recursive: true });
      return createCard(home, other);
    },
  };
}
