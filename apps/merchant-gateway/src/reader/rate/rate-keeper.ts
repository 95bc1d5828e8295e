import { type CardConnection, isReaderError, type Reader } from "@tallystick/apdu";
import { knownReader, type KnownReader, parseRates, type Rate, type SpokenRates } from "./known-readers.ts";
import { BYTE_AT_106_MS, TAP_AIR_BYTES, WANTED_RATE } from "./limits.ts";

/** What is known of the rate at which a reader and the cards on it speak. */
export interface ReaderRate {
  /**
   * `untold`: its manual is not among those known here, or its driver has no way to it; `unasked`: no card was there yet;
   * `told`: it said; `refused`: it answered an error and is left as it is.
   */
  readonly state: "untold" | "unasked" | "told" | "refused";
  /** kbit/s with the last card, of the slower direction; null where it is not told. */
  readonly kbps: Rate | null;
  /** The most that it offers to cards. */
  readonly mostKbps: Rate | null;
  /** By how many milliseconds a first meeting is slower than at 424, by the model; null where the rate is not told. */
  readonly slowerByMs: number | null;
}

export interface RateKeeperParts {
  /** The reader's name at the PC/SC service, as it is now. */
  readonly name: () => string;
  /** Whether readers are set to 424 kbit/s. */
  readonly raises: boolean;
  readonly warn: (message: string) => void;
}

/**
 * What a reader tells of its rate, asked before a card is let go, when its tap has been answered; and a reader that offers
 * cards less than 424 kbit/s is told to offer that, which counts from the next card on. Both only for readers whose manual is
 * known. One that answers an error is left as it is, and asked no more until another one is put in its place.
 */
export class RateKeeper {
  private readonly parts: RateKeeperParts;
  private spoken: SpokenRates | null = null;
  private refused = false;
  private hasWay = true;

  constructor(parts: RateKeeperParts) {
    this.parts = parts;
  }

  /** Another reader is behind it now. */
  forget(): void {
    this.spoken = null;
    this.refused = false;
    this.hasWay = true;
  }

  get rate(): ReaderRate {
    const kbps = this.spoken?.current ?? null;
    const most = this.spoken?.most ?? null;
    const tells = knownReader(this.parts.name()) !== null && this.hasWay;
    const state = this.refused ? "refused" : !tells ? "untold" : kbps === null ? "unasked" : "told";
    return { state, kbps, mostKbps: most, slowerByMs: kbps === null ? null : slowerByMs(kbps) };
  }

  /** Asks the reader while its card is held; never rejects. */
  async look(connection: CardConnection): Promise<void> {
    const known = knownReader(this.parts.name());
    if (known === null || this.refused) return;
    this.hasWay = connection.escape !== undefined;
    if (connection.escape === undefined) return;
    try {
      const before = await this.ask(known, connection.escape, known.read);
      if (before === null || known.raise === null || !this.parts.raises || before.most >= WANTED_RATE) return;
      await this.ask(known, connection.escape, known.raise);
    } catch (error) {
      // A card or reader that has just gone refuses nothing; one that is silent would hold up every card.
      if (isReaderError(error) && error.code !== "READER_FAULT" && error.code !== "CARD_MUTE") return;
      this.refuse(known, error instanceof Error ? error.message : String(error));
    }
  }

  private async ask(
    known: KnownReader,
    escape: NonNullable<CardConnection["escape"]>,
    command: Uint8Array,
  ): Promise<SpokenRates | null> {
    const answer = await escape(command);
    const rates = parseRates(known, answer);
    if (rates === null) this.refuse(known, `it answered ${Buffer.from(answer).toString("hex")}`);
    else this.spoken = rates;
    return rates;
  }

  private refuse({ model, source }: KnownReader, why: string): void {
    this.refused = true;
    this.parts.warn(
      `${this.parts.name()} does not take the command for its rate (${model}: ${source}): ${why} It is left as it is.`,
    );
  }
}

/** The same reader; whoever lets a card of it go has the keeper look first. */
export function withRate(reader: Reader, keeper: RateKeeper): Reader {
  return {
    get name() {
      return reader.name;
    },
    status: () => reader.status(),
    waitForCard: (options) => reader.waitForCard(options),
    waitForRemoval: (options) => reader.waitForRemoval(options),
    connect: async (options) => {
      const connection = await reader.connect(options);
      return {
        reader: connection.reader,
        get atr() {
          return connection.atr;
        },
        transmit: (command) => connection.transmit(command),
        reset: (how) => connection.reset(how),
        exclusively: (work) => connection.exclusively(work),
        disconnect: async () => {
          await keeper.look(connection);
          await connection.disconnect();
        },
      };
    },
  };
}

function slowerByMs(rate: Rate): number {
  const perByte = (kbps: Rate): number => (BYTE_AT_106_MS * 106) / kbps;
  return Math.max(0, Math.round(TAP_AIR_BYTES * (perByte(rate) - perByte(WANTED_RATE))));
}
