import type { CardChannel } from "../card-channel.ts";
import { RESET_RETRY_MS, RESET_TIMEOUT_MS } from "../limits.ts";
import type { CardHandle } from "./reader-binding.ts";
import { isReaderError, ReaderError } from "./reader-error.ts";
import type { CardConnection, ResetOptions, ShareMode } from "./reader.ts";
import { nowMs, pause } from "./time.ts";

interface ConnectionParts {
  readonly name: string;
  readonly share: ShareMode;
  readonly handle: CardHandle;
  /** Opens another handle when the old one is beyond repair. */
  readonly open: (share: ShareMode) => Promise<CardHandle>;
  /** Puts a time limit on a call; `late` runs when a call that was given up comes back after all. */
  readonly guard: <T>(work: Promise<T>, late: (result: T | null) => Promise<void> | void) => Promise<T>;
  readonly onClose: (connection: CardConnection) => void;
}

/** The port's connection over a binding's handle: one command at a time, a time limit, torn answers told apart. */
export function openConnection(parts: ConnectionParts): CardConnection {
  let handle: CardHandle | null = parts.handle;
  let atr = parts.handle.atr;
  let share = parts.share;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const guarded = <T>(current: CardHandle, work: Promise<T>): Promise<T> => {
    const result = parts.guard(work, async () => await current.disconnect());
    return result.catch((error: unknown) => {
      // A call that has not come back keeps its handle until it does.
      if (isReaderError(error, "CARD_MUTE") && handle === current) handle = null;
      throw error;
    });
  };
  const transmitOne = async (command: Uint8Array) => {
    if (handle === null || closed) throw new ReaderError("NOT_CONNECTED", { reader: parts.name });
    const response = await guarded(handle, handle.transmit(command));
    if (response.length >= 2) return response;
    throw new ReaderError("TORN", { reader: parts.name, detail: `${response.length} bytes` });
  };
  const takeAgain = async () => {
    if (closed) throw new ReaderError("NOT_CONNECTED", { reader: parts.name });
    if (handle !== null) {
      try {
        if (!handle.mayReset()) throw new ReaderError("CARD_ABSENT", { reader: parts.name });
        await guarded(handle, handle.reset(share));
        return;
      } catch (error) {
        if (!isReaderError(error) || !BEYOND_REPAIR.has(error.code)) throw error;
        await (handle as CardHandle | null)?.disconnect();
        handle = null;
      }
    }
    handle = await parts.open(share);
    atr = handle.atr;
  };
  // Taking a shared card exclusively by SCardReconnect would wait for ever inside pcsc-lite; a new connection answers at once.
  const changeShare = async (wanted: ShareMode) => {
    if (handle === null || closed) throw new ReaderError("NOT_CONNECTED", { reader: parts.name });
    await handle.disconnect();
    handle = null;
    try {
      handle = await parts.open(wanted);
      share = wanted;
    } catch (error) {
      handle = await parts.open(share);
      throw error;
    }
  };
  const connection: CardConnection = {
    reader: parts.name,
    get atr() {
      return atr;
    },
    transmit: (command) => inTurn(() => transmitOne(command)),
    reset: (options = {}) => inTurn(() => resetUntilReady(takeAgain, transmitOne, options)),
    exclusively: async (work) => {
      if (parts.share === "exclusive") return work();
      await inTurn(() => changeShare("exclusive"));
      try {
        return await work();
      } finally {
        // A card that went away meanwhile has nothing left to share; the next command will say so.
        await inTurn(() => changeShare(parts.share)).catch(() => undefined);
      }
    },
    disconnect: () =>
      inTurn(async () => {
        if (closed) return;
        closed = true;
        await handle?.disconnect();
        handle = null;
        parts.onClose(connection);
      }),
  };
  return connection;
}

/** After these a handle will never work again: the service or the reader it belongs to has gone. */
const BEYOND_REPAIR: ReadonlySet<string> = new Set(["NO_SERVICE", "READER_UNKNOWN", "NOT_CONNECTED", "READER_FAULT"]);

/**
 * Resets again and again until the card is really back. Right after a tear the reader may still answer for the card that
 * has gone, which is why `ready` belongs into the loop.
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
