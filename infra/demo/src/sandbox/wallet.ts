import { type Card, createCard } from "../stack/card.ts";
import type { ReaderSlot } from "../stack/reader-slot.ts";
import { MAX_COPIES, TEAR_WAIT_MS } from "./limits.ts";
import type { Notes } from "./notes.ts";
import type { PlannedCard } from "./plan.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A card as the page shows it. */
export interface WalletCard extends PlannedCard {
  /** The terminal on whose reader it lies; null in the pocket. */
  readonly place: string | null;
  /** It will be pulled away in the middle of its next payment. */
  readonly tears: boolean;
  /** The card whose key it has, too; null for one that the issuer made. */
  readonly copyOf: string | null;
}

/** The simulated cards: what a hand can do with them. */
export interface Wallet {
  readonly list: () => readonly WalletCard[];
  readonly addressOf: (name: string) => string;
  /** Holds a card to a terminal's reader; one that lies there is taken away first. */
  readonly hold: (name: string, terminal: string, options?: { readonly tear?: boolean }) => Promise<void>;
  readonly take: (name: string) => Promise<void>;
  /** A second card with the same key and the same counter. */
  readonly copy: (name: string) => Promise<WalletCard>;
  /** Takes every card away. */
  readonly empty: () => Promise<void>;
}

interface Held {
  readonly card: Card;
  readonly planned: PlannedCard;
  readonly copyOf: string | null;
  place: string | null;
  tears: boolean;
}

/** Takes a card off its reader, where it lies on one. */
async function takeAway(each: Held): Promise<void> {
  if (each.place === null) return;
  await each.card.remove();
  each.place = null;
  each.tears = false;
}

const shown = ({ planned, place, tears, copyOf }: Held): WalletCard => ({ ...planned, place, tears, copyOf });

/** What a copy says of itself. */
function copyOf({ planned }: Held, number: number): PlannedCard {
  return {
    ...planned,
    name: `${planned.name}-copy-${number}`,
    title: `${planned.title} (copy ${number})`,
    about: "The same key and counter. What both sign with one counter convicts them.",
  };
}

/** Makes the wallet of the planned cards, all of them in the pocket. */
export function createWallet(options: {
  readonly cards: readonly PlannedCard[];
  readonly readers: ReadonlyMap<string, ReaderSlot>;
  readonly notes: Notes;
  readonly open: (name: string) => Card;
}): Wallet {
  const { readers, notes } = options;
  const held = new Map<string, Held>(
    options.cards.map((planned) => [
      planned.name,
      { card: options.open(planned.name), planned, copyOf: null, place: null, tears: false },
    ]),
  );
  const find = (name: string): Held => {
    const found = held.get(name);
    if (found === undefined) throw new SandboxError("CARD_UNKNOWN", `There is no card ${name} in the wallet.`);
    return found;
  };
  /** Once the card has lost its power in the middle, the hand is away, too. */
  const awaitTear = (each: Held, torn: Promise<unknown>): void => {
    torn
      .then(async () => {
        if (!each.tears) return;
        notes.add(`${each.planned.title}'s card was pulled away in the middle: it has signed, and nobody read it.`);
        await takeAway(each);
      })
      // It was taken away before, or nobody asked it for anything: nothing was torn.
      .catch(() => undefined);
  };
  const hold: Wallet["hold"] = async (name, terminal, { tear = false } = {}) => {
    const each = find(name);
    const slot = readers.get(terminal);
    if (slot === undefined) throw new SandboxError("TERMINAL_UNKNOWN", `There is no terminal ${terminal}.`);
    for (const other of held.values()) if (other === each || other.place === terminal) await takeAway(other);
    const host = await each.card.insert(slot, tear ? { event: 1, when: "after" } : undefined);
    each.place = terminal;
    each.tears = tear;
    notes.add(`${each.planned.title}'s card lies on the reader of terminal ${terminal}${tear ? ", loosely" : ""}.`);
    if (tear) awaitTear(each, host.nextEvent("torn", TEAR_WAIT_MS));
  };
  return {
    list: () => [...held.values()].map(shown),
    addressOf: (name) => find(name).planned.address,
    hold,
    take: async (name) => {
      const each = find(name);
      if (each.place !== null) notes.add(`${each.planned.title}'s card was taken away from terminal ${each.place}.`);
      await takeAway(each);
    },
    copy: async (name) => {
      const each = find(name);
      const copies = [...held.values()].filter(({ copyOf }) => copyOf !== null).length;
      if (copies >= MAX_COPIES)
        throw new SandboxError("TOO_MANY_COPIES", `There are ${copies} copies; that is as many as fit the wallet.`);
      // A memory is copied while nobody writes to it.
      await takeAway(each);
      const planned = copyOf(each, copies + 1);
      const copy: Held = { card: each.card.copy(planned.name), planned, copyOf: name, place: null, tears: false };
      held.set(planned.name, copy);
      notes.add(
        `${each.planned.title}'s card was copied, key and all. No chip we know allows it; here it can be tried.`,
      );
      return shown(copy);
    },
    empty: async () => {
      for (const each of held.values()) await takeAway(each);
    },
  };
}

/** Opens cards whose memories are folders. */
export function cardsIn(folder: string): (name: string) => Card {
  return (name) => createCard(folder, name);
}
