import { PRESENCE_POLL_MS, TRANSMIT_TIMEOUT_MS } from "./limits.ts";
import { openConnection } from "./card-connection.ts";
import type { CardHandle, ReaderBinding } from "./reader-binding.ts";
import { isReaderError, ReaderError } from "./reader-error.ts";
import type {
  CardConnection,
  ConnectOptions,
  Reader,
  ReaderProvider,
  ReaderStatus,
  ShareMode,
  WaitOptions,
} from "./reader.ts";
import { createTimeLimit, nowMs, pause } from "./time.ts";

/** Makes the reader port of a binding. */
export function createReaderProvider(binding: ReaderBinding): ReaderProvider {
  const state: ProviderState = { binding, mute: new Set(), connections: new Set() };
  return {
    list: () => listReaders(state),
    reader: (name) => createReader(state, name),
    close: async () => {
      await Promise.all([...state.connections].map((connection) => connection.disconnect()));
      binding.close();
    },
  };
}

interface ProviderState {
  readonly binding: ReaderBinding;
  /**
   * Readers whose library call has not come back: asking them anything more would block another
   * thread.
   */
  readonly mute: Set<string>;
  readonly connections: Set<CardConnection>;
}

async function listReaders({ binding, mute }: ProviderState): Promise<readonly ReaderStatus[]> {
  const readers = await binding.list();
  return readers.map((status) => (mute.has(status.name) ? { ...status, card: "mute" } : status));
}

function createReader(state: ProviderState, name: string): Reader {
  const status = async () => {
    const found = (await listReaders(state)).find((reader) => reader.name === name);
    if (found === undefined) throw new ReaderError("READER_UNKNOWN", { reader: name });
    return found;
  };
  return {
    name,
    status,
    waitForCard: (options) => waitForCard(status, name, options),
    waitForRemoval: (options) => waitForRemoval(status, name, options),
    connect: (options = {}) => connect(state, name, options),
  };
}

async function connect(state: ProviderState, name: string, options: ConnectOptions): Promise<CardConnection> {
  const share = options.share ?? "exclusive";
  const limited = createTimeLimit({ timeoutMs: options.transmitTimeoutMs ?? TRANSMIT_TIMEOUT_MS, reader: name });
  const guard = <T>(work: Promise<T>, late: (result: T | null) => Promise<void> | void, onTimeout?: () => void) =>
    limited(work, () => {
      onTimeout?.();
      state.mute.add(name);
      const settle = async (result: T | null) => {
        await late(result);
        state.mute.delete(name);
      };
      work.then(settle, () => settle(null));
    });
  const open = async (wanted: ShareMode): Promise<CardHandle> => {
    if (state.mute.has(name))
      throw new ReaderError("CARD_MUTE", { reader: name, detail: "an earlier call is pending" });
    return guard(state.binding.connect(name, wanted), async (handle) => await handle?.disconnect());
  };
  const onClose = (closed: CardConnection) => void state.connections.delete(closed);
  const connection = openConnection({ name, share, handle: await open(share), open, guard, onClose });
  state.connections.add(connection);
  return connection;
}

async function waitForCard(
  status: () => Promise<ReaderStatus>,
  name: string,
  { timeoutMs, signal }: WaitOptions,
): Promise<ReaderStatus> {
  const deadline = nowMs() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    let reason: unknown = new ReaderError("CARD_ABSENT", { reader: name });
    try {
      const current = await status();
      if (current.card === "present") return current;
      if (current.card === "mute") reason = new ReaderError("CARD_MUTE", { reader: name });
    } catch (error) {
      // The reader may be plugged in, or the service restarted, while we wait.
      if (!isReaderError(error)) throw error;
      reason = error;
    }
    if (nowMs() >= deadline) throw reason;
    await pause(PRESENCE_POLL_MS, signal);
  }
}

async function waitForRemoval(
  status: () => Promise<ReaderStatus>,
  name: string,
  { timeoutMs, signal }: WaitOptions,
): Promise<void> {
  const deadline = nowMs() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      if ((await status()).card === "absent") return;
    } catch (error) {
      if (isReaderError(error, "READER_UNKNOWN")) return;
      if (!isReaderError(error)) throw error;
    }
    if (nowMs() >= deadline)
      throw new ReaderError("READER_IN_USE", { reader: name, detail: "the card is still there" });
    await pause(PRESENCE_POLL_MS, signal);
  }
}
