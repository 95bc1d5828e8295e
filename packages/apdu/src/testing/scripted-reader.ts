import type { CardHandle, CardTransaction, ReaderBinding } from "../reader/reader-binding.ts";
import { ReaderError } from "../reader/reader-error.ts";
import type { ReaderStatus, ShareMode } from "../reader/reader.ts";

/** Name of the reader that a scripted binding has. */
export const SCRIPTED_READER = "scripted";
const ATR = Uint8Array.of(0x3b, 0x80);

/**
 * A binding in memory: what it is asked is written down, and what it does next can be changed
 * between any two calls.
 */
export interface ScriptedReader {
  readonly binding: ReaderBinding;
  /** Every call that came, such as "connect shared" or "transmit 80100000". */
  readonly calls: string[];
  /** What the reader says; an error is thrown instead. */
  status: readonly ReaderStatus[] | Error;
  /**
   * Called for every call by its name, before it is done; what it throws the call throws, and it
   * may wait.
   */
  before: (call: string) => Promise<void> | void;
  answer: (command: Uint8Array) => Uint8Array;
  mayReset: boolean;
}

/** The status of a reader with a card, changed as wished. */
export function scriptedStatus(changes: Partial<ReaderStatus> = {}): ReaderStatus {
  return { name: SCRIPTED_READER, card: "present", atr: ATR, inUse: false, ...changes };
}

/** A binding with one reader and a card that answers 9000. */
export function createScriptedReader(
  options: { readonly transactions?: boolean; readonly escapes?: boolean } = {},
): ScriptedReader {
  let handles = 0;
  const call = async <T>(name: string, result: () => T): Promise<T> => {
    scripted.calls.push(name);
    await scripted.before(name);
    return result();
  };
  const createHandle = (): CardHandle => {
    const atr = Uint8Array.of(...ATR, ++handles);
    const transaction: CardTransaction = {
      begin: () => call("begin", () => undefined),
      end: () => call("end", () => undefined),
    };
    return {
      atr,
      ...(options.transactions === true ? { transaction } : {}),
      ...(options.escapes === true
        ? {
            escape: (command) => call(`escape ${Buffer.from(command).toString("hex")}`, () => scripted.answer(command)),
          }
        : {}),
      transmit: (command) => call(`transmit ${Buffer.from(command).toString("hex")}`, () => scripted.answer(command)),
      reset: (share) => call(`reset ${share}`, () => undefined),
      mayReset: () => scripted.mayReset,
      disconnect: () => call("disconnect", () => undefined),
    };
  };
  const scripted: ScriptedReader = {
    calls: [],
    status: [scriptedStatus()],
    before: () => undefined,
    answer: () => Uint8Array.of(0x90, 0x00),
    mayReset: true,
    binding: {
      list: async () => {
        if (scripted.status instanceof Error) throw scripted.status;
        return scripted.status;
      },
      connect: (name: string, share: ShareMode) =>
        call(`connect ${share}`, () => {
          if (name !== SCRIPTED_READER) throw new ReaderError("READER_UNKNOWN", { reader: name });
          return createHandle();
        }),
      close: () => void scripted.calls.push("close"),
    },
  };
  return scripted;
}
