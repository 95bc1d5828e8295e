import type { ReaderStatus, ShareMode } from "./reader.ts";

/**
 * What a library for readers must offer; `createReaderProvider` makes the port of it. All failures
 * are `ReaderError`s. A binding holds no state of its own but what its library needs, and recreates
 * that after the service was restarted.
 */
export interface ReaderBinding {
  list(): Promise<readonly ReaderStatus[]>;
  connect(name: string, share: ShareMode): Promise<CardHandle>;
  close(): void;
}

/** One connection of a library. It is never disconnected while a command is under way. */
export interface CardHandle {
  readonly atr: Uint8Array;
  /**
   * PC/SC's transaction, where the library offers it; without it a shared card is taken exclusively
   * instead.
   */
  readonly transaction?: CardTransaction;
  /** A command to the reader itself, where the library offers a way to it. */
  readonly escape?: (command: Uint8Array) => Promise<Uint8Array>;
  /** Passes on what came, also fewer than two bytes. */
  transmit(command: Uint8Array): Promise<Uint8Array>;
  /** Takes the card again and resets it. */
  reset(share: ShareMode): Promise<void>;
  /**
   * False when the service has noticed that the card went away and not yet that one came back.
   * Taking a card again before that would leave the service's own record of the card wrong for as
   * long as the card stays.
   */
  mayReset(): boolean | Promise<boolean>;
  /** Lets the card go as it is. Never throws or rejects. */
  disconnect(): Promise<void> | void;
}

/**
 * Between `begin` and `end` the service lets no other connection reach the card, of this process or
 * another.
 */
export interface CardTransaction {
  /**
   * Waits a while for another program's transaction to end, and then rejects with READER_IN_USE.
   */
  begin(): Promise<void>;
  end(): Promise<void>;
}
