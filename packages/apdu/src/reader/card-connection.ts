import type { CardChannel } from "../iso7816/card-channel.ts";
import { RESET_RETRY_MS, RESET_TIMEOUT_MS } from "./limits.ts";
import type { CardHandle } from "./reader-binding.ts";
import { isReaderError, ReaderError } from "./reader-error.ts";
import type { CardConnection, ResetOptions, ShareMode } from "./reader.ts";
import { nowMs, pause } from "./time.ts";
import { createTurns } from "./turns.ts";

interface ConnectionParts {
  readonly name: string;
  readonly share: ShareMode;
  readonly handle: CardHandle;
  /** Opens another handle when the old one is beyond repair. */
  readonly open: (share: ShareMode) => Promise<CardHandle>;
  /**
   * Puts a time limit on a call; at the limit it runs `onTimeout`, and `late` when the call comes
   * back after all.
   */
  readonly guard: <T>(work: Promise<T>, late: () => Promise<void> | void, onTimeout: () => void) => Promise<T>;
  readonly onClose: (connection: CardConnection) => void;
}

/**
 * The port's connection over a binding's handle: one command at a time, a time limit, torn answers
 * as errors of their own.
 */
export function openConnection(parts: ConnectionParts): CardConnection {
  const held = new HeldCard(parts);
  const inTurn = createTurns();
  const transmitOne = (command: Uint8Array) => held.transmit(command);
  const connection: CardConnection = {
    reader: parts.name,
    get atr() {
      return held.atr;
    },
    transmit: (command) => inTurn(() => held.transmit(command)),
    reset: (options = {}) => inTurn(() => resetUntilReady(() => held.takeAgain(), transmitOne, options)),
    exclusively: async (work) => {
      await inTurn(() => held.takeAlone());
      try {
        return await work();
      } finally {
        // A card that went away meanwhile has nothing left to share; the next command will say so.
        await inTurn(() => held.shareAgain()).catch(() => undefined);
      }
    },
    ...(parts.handle.escape === undefined
      ? {}
      : { escape: (command: Uint8Array) => inTurn(() => held.escape(command)) }),
    disconnect: () =>
      inTurn(async () => {
        if (held.isClosed) return;
        await held.letGo();
        parts.onClose(connection);
      }),
  };
  return connection;
}

/** After these a handle will never work again: the service or the reader it belongs to has gone. */
const BEYOND_REPAIR: ReadonlySet<string> = new Set(["NO_SERVICE", "READER_UNKNOWN", "NOT_CONNECTED", "READER_FAULT"]);

/** The handle of a connection and its state. Its methods are called strictly in turn. */
class HeldCard {
  readonly #parts: ConnectionParts;
  #handle: CardHandle | null;
  #atr: Uint8Array;
  #share: ShareMode;
  #closed = false;
  /** How many pieces of exclusive work are under way; they may lie inside one another. */
  #alone = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#handle = parts.handle;
    this.#atr = parts.handle.atr;
    this.#share = parts.share;
  }

  get atr(): Uint8Array {
    return this.#atr;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const handle = this.#usable();
    const response = await this.#guard(handle, handle.transmit(command));
    if (response.length >= 2) return response;
    throw new ReaderError("TORN", { reader: this.#parts.name, detail: `${response.length} bytes` });
  }

  /** Passes the reader a command of its own. */
  async escape(command: Uint8Array): Promise<Uint8Array> {
    const handle = this.#usable();
    if (handle.escape === undefined) throw new ReaderError("READER_FAULT", { reader: this.#parts.name });
    return await this.#guard(handle, handle.escape(command));
  }

  /** Resets the card, by a new handle where the old one is beyond repair. */
  async takeAgain(): Promise<void> {
    const { name, open } = this.#parts;
    if (this.#closed) throw new ReaderError("NOT_CONNECTED", { reader: name });
    const handle = this.#handle;
    if (handle !== null) {
      try {
        if (!(await handle.mayReset())) throw new ReaderError("CARD_ABSENT", { reader: name });
        await this.#guard(handle, handle.reset(this.#share));
        return;
      } catch (error) {
        if (!isReaderError(error) || !BEYOND_REPAIR.has(error.code)) throw error;
        await handle.disconnect();
        this.#handle = null;
      }
    }
    this.#handle = await open(this.#share);
    this.#atr = this.#handle.atr;
    if (this.#alone > 0) await this.#handle.transaction?.begin();
  }

  async takeAlone(): Promise<void> {
    const handle = this.#usable();
    if (this.#alone === 0 && this.#parts.share === "shared") {
      if (handle.transaction === undefined) await this.#changeShare(handle, "exclusive");
      else await handle.transaction.begin();
    }
    this.#alone += 1;
  }

  async shareAgain(): Promise<void> {
    this.#alone -= 1;
    if (this.#alone > 0 || this.#parts.share === "exclusive") return;
    const handle = this.#usable();
    if (handle.transaction === undefined) await this.#changeShare(handle, "shared");
    else await handle.transaction.end();
  }

  async letGo(): Promise<void> {
    this.#closed = true;
    const handle = this.#handle;
    this.#handle = null;
    await handle?.disconnect();
  }

  #usable(): CardHandle {
    if (this.#handle === null) throw new ReaderError("NOT_CONNECTED", { reader: this.#parts.name });
    return this.#handle;
  }

  /** A call that has not come back in time keeps its handle until it does. */
  #guard<T>(handle: CardHandle, work: Promise<T>): Promise<T> {
    return this.#parts.guard(
      work,
      () => handle.disconnect(),
      () => (this.#handle = null),
    );
  }

  /**
   * Taking a shared card exclusively by SCardReconnect would wait without end inside pcsc-lite; a
   * new connection answers at once.
   */
  async #changeShare(handle: CardHandle, wanted: ShareMode): Promise<void> {
    await handle.disconnect();
    this.#handle = null;
    try {
      this.#handle = await this.#parts.open(wanted);
      this.#share = wanted;
    } catch (error) {
      this.#handle = await this.#parts.open(this.#share);
      throw error;
    }
  }
}

/**
 * Resets again and again until the card is really back. Right after a tear the reader may still
 * answer for the card that has gone, which is why `ready` belongs into the loop.
 */
async function resetUntilReady(
  takeAgain: () => Promise<void>,
  transmit: CardChannel,
  { timeoutMs = RESET_TIMEOUT_MS, ready }: ResetOptions,
): Promise<void> {
  const deadline = nowMs() + timeoutMs;
  for (;;) {
    let reason: unknown = new ReaderError("CARD_MUTE", { detail: "the card came back but is not ready" });
    try {
      await takeAgain();
      if (ready === undefined || (await ready(transmit))) return;
    } catch (error) {
      if (!isReaderError(error) || error.code === "READER_IN_USE") throw error;
      reason = error;
    }
    if (nowMs() >= deadline) throw reason;
    await pause(RESET_RETRY_MS);
  }
}
