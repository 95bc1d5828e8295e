import type { CardChannel } from "../iso7816/card-channel.ts";

/** What a reader says about itself without touching the card. */
export interface ReaderStatus {
  readonly name: string;
  readonly card: "absent" | "present" | "mute";
  /** Answer to reset; null while no card is present. */
  readonly atr: Uint8Array | null;
  /**
   * Somebody holds a connection to the card; the library pcsclite says so only when a card comes or
   * goes.
   */
  readonly inUse: boolean;
}

/** How to hold a card: `shared` with other programs, or `exclusive`. */
export type ShareMode = "shared" | "exclusive";

export interface ConnectOptions {
  /** Default `exclusive`: a payment terminal shares its card with nobody. */
  readonly share?: ShareMode;
  /** Time limit of one command in milliseconds; past it the card counts as mute. */
  readonly transmitTimeoutMs?: number;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ResetOptions {
  /** How long to go on trying, in milliseconds. */
  readonly timeoutMs?: number;
  /**
   * Says whether the card is really back, usually by a SELECT: a reader may answer for a card that
   * has gone.
   */
  readonly ready?: (transmit: CardChannel) => Promise<boolean>;
}

/** The way to one card. A failure of `transmit` other than a status word is a `ReaderError`. */
export interface CardConnection {
  readonly reader: string;
  readonly atr: Uint8Array;
  readonly transmit: CardChannel;
  /**
   * Resets the card and tries until it is back or the time is out; the handle stays usable if it
   * works.
   */
  reset(options?: ResetOptions): Promise<void>;
  /**
   * Runs `work` while no other program can reach the card, so that its commands follow one another
   * and nobody comes between. It is a transaction of PC/SC where the binding has them: others may
   * hold the card and wait, READER_IN_USE if one of them has a transaction for too long. Elsewhere
   * a shared card is taken exclusively for that time: READER_IN_USE if anybody holds it. Select the
   * application anew inside a shared card's `work`: somebody may have used or reset the card
   * before.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /**
   * A command to the reader itself, of its maker (CCID's PC_to_RDR_Escape), while its card is held; answers what the reader
   * says. Undefined where the binding has no way to it. Rejects with READER_FAULT where reader or driver refuses. Only for
   * readers whose manual defines the command: to another one it may mean anything.
   */
  readonly escape?: (command: Uint8Array) => Promise<Uint8Array>;
  /** Lets the card go. Never rejects, and may be called twice. */
  disconnect(): Promise<void>;
}

/** One reader by name. It need not be plugged in until it is used. */
export interface Reader {
  readonly name: string;
  /** Rejects with READER_UNKNOWN or NO_SERVICE. */
  status(): Promise<ReaderStatus>;
  /**
   * Resolves when a card is present; rejects with CARD_ABSENT when the time is out, or with the
   * signal's reason.
   */
  waitForCard(options: WaitOptions): Promise<ReaderStatus>;
  /**
   * Resolves when no card is present (or the reader has gone); rejects with READER_IN_USE when the
   * time is out.
   */
  waitForRemoval(options: WaitOptions): Promise<void>;
  /**
   * Rejects with NO_SERVICE, READER_UNKNOWN, READER_IN_USE, CARD_ABSENT, CARD_MUTE or READER_FAULT.
   */
  connect(options?: ConnectOptions): Promise<CardConnection>;
}

/** A family of readers: the PC/SC service, or cards reached over a socket. */
export interface ReaderProvider {
  /**
   * All readers, in the order of the service; empty when there is none. Rejects with NO_SERVICE.
   */
  list(): Promise<readonly ReaderStatus[]>;
  reader(name: string): Reader;
  /** Ends all that this provider holds. May be called twice. */
  close(): Promise<void>;
}
