import type { WireCard } from "./wire.ts";

/** One exchange as the man in the middle saw it on the terminal's side and on the card's. */
export interface SeenExchange {
  readonly asked: Uint8Array;
  readonly sent: Uint8Array;
  readonly answered: Uint8Array | null;
  readonly received: Uint8Array | null;
}

/** What he changes; a null answer cuts the terminal off. */
export interface Meddling {
  /** Bytes for the card in place of those of the terminal. */
  readonly command?: (command: Uint8Array) => Uint8Array;
  /** Bytes for the terminal in place of those of the card. */
  readonly response?: (response: Uint8Array, command: Uint8Array) => Uint8Array | null;
  /** Answers by himself, and the card is not asked; undefined asks it. */
  readonly instead?: (command: Uint8Array) => Promise<Uint8Array | null | undefined>;
}

/** Instruction byte of a command. */
export function instructionOf(command: Uint8Array): number {
  return command[1] ?? 0;
}

/** The status word of a response, without its data. */
export function statusWordOf(response: Uint8Array | null): number {
  if (response === null || response.length < 2) return 0;
  return ((response.at(-2) ?? 0) << 8) | (response.at(-1) ?? 0);
}

/** A response that is a status word alone. */
export function statusWord(sw: number): Uint8Array {
  return Uint8Array.of(sw >> 8, sw & 0xff);
}

/**
 * Stands between a terminal and a card, hears everything and changes what he likes. To the terminal he is the card; the card
 * behind him may be another one from one command to the next.
 */
export class ManInTheMiddle implements WireCard {
  card: WireCard;
  meddling: Meddling = {};
  readonly seen: SeenExchange[] = [];

  constructor(card: WireCard) {
    this.card = card;
  }

  /** Forgets what was seen and meddles as given from now on. */
  begin(meddling: Meddling = {}): void {
    this.seen.length = 0;
    this.meddling = meddling;
  }

  readonly transmit = async (asked: Uint8Array): Promise<Uint8Array | null> => {
    const own = await this.meddling.instead?.(asked);
    if (own !== undefined) {
      this.seen.push({ asked, sent: new Uint8Array(0), answered: null, received: own });
      return own;
    }
    const sent = this.meddling.command?.(asked) ?? asked;
    const answered = await this.card.transmit(sent);
    const change = this.meddling.response;
    const received = answered === null || change === undefined ? answered : change(answered, asked);
    this.seen.push({ asked, sent, answered, received });
    return received;
  };

  /** He lets no loss of power through to a card that he also uses himself: every tap selects anew. */
  readonly reset = (): void => undefined;

  /** The exchanges of one instruction. */
  of(instruction: number): SeenExchange[] {
    return this.seen.filter(({ asked }) => instructionOf(asked) === instruction);
  }
}

/** A copy with one byte changed. */
export function withByteFlipped(bytes: Uint8Array, at: number, mask = 0x01): Uint8Array {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

/** A copy with other bytes from an offset on. */
export function withBytes(bytes: Uint8Array, at: number, replacement: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed.set(replacement, at);
  return changed;
}
