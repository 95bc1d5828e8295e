import { TRANSACTION_RETRY_MS, TRANSACTION_WAIT_MS } from "../reader/limits.ts";
import { pcscError, type PcscCall, pcscReason } from "./pcsc-error.ts";
import { createReaderProvider } from "../reader/create-reader-provider.ts";
import type { CardHandle, CardTransaction, ReaderBinding } from "../reader/reader-binding.ts";
import { isReaderError, ReaderError } from "../reader/reader-error.ts";
import type { ReaderProvider, ReaderStatus, ShareMode } from "../reader/reader.ts";
import { nowMs, pause, withTimeLimit } from "../reader/time.ts";
import { decodeReadersState, encodeReaderName, PCSCD_COMMAND, READERS_STATE_BYTES, wordAt } from "./pcscd-message.ts";
import { PcscdSocket } from "./pcscd-socket.ts";

export interface PcscdOptions {
  /** Path of the service's socket; default is where pcsc-lite puts it on Linux. */
  readonly socket?: string;
}

const DEFAULT_SOCKET = "/run/pcscd/pcscd.comm";
const SCOPE_SYSTEM = 2;
const SHARE_MODES: { readonly [share in ShareMode]: number } = { exclusive: 1, shared: 2 };
const PROTOCOL_ANY = 3;
const LEAVE_CARD = 0;
const RESET_CARD = 1;

/**
 * Readers of the PC/SC service of this machine, as `createPcscProvider` gives them, without a
 * library: it speaks to the socket of pcsc-lite's service itself. It saves two changes of thread a
 * command, needs nothing compiled, and has PC/SC's transactions. It is for Linux; the protocol of
 * that socket is pcsc-lite's own and no promise to others, so a service that refuses version 4.4 of
 * it counts as none, and the libraries remain.
 */
export function createPcscdProvider({ socket = DEFAULT_SOCKET }: PcscdOptions = {}): ReaderProvider {
  return createReaderProvider(new PcscdBinding(socket));
}

/** The same below the port, for a library's binding that leaves some readers to it. */
export function createPcscdBinding({ socket = DEFAULT_SOCKET }: PcscdOptions = {}): ReaderBinding {
  return new PcscdBinding(socket);
}

class PcscdBinding implements ReaderBinding {
  readonly #path: string;
  #watching: Promise<PcscdSocket> | null = null;
  #listing: Promise<readonly ReaderStatus[]> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Askers at the same time share one answer: a socket takes one call at a time. */
  list(): Promise<readonly ReaderStatus[]> {
    this.#listing ??= this.#ask().finally(() => (this.#listing = null));
    return this.#listing;
  }

  async connect(name: string, share: ShareMode): Promise<CardHandle> {
    // A name that no reader can have is refused without asking the service.
    encodeReaderName(name);
    const socket = await PcscdSocket.open(this.#path);
    try {
      const words = encodeReaderName(name, await readersState(socket));
      const context = await socket.call(PCSCD_COMMAND.establishContext, [SCOPE_SYSTEM, 0, 0]);
      assertDone(wordAt(context, 2), { call: "connect", reader: name });
      const request = [wordAt(context, 1), ...words, SHARE_MODES[share], PROTOCOL_ANY, 0, 0, 0];
      const answer = await withoutTransaction(socket.slowCall(PCSCD_COMMAND.connect, request), name);
      const [card, protocol, result] = [-3, -2, -1].map((place) => wordAt(answer, request.length + place));
      assertDone(result ?? 0, { call: "connect", reader: name });
      const atr = (await statesBy(socket)).find((status) => status.name === name)?.atr ?? new Uint8Array(0);
      return new PcscdHandle(socket, { name, card: card ?? 0, protocol: protocol ?? 0, atr });
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  close(): void {
    const watching = this.#watching;
    this.#watching = null;
    void watching?.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }

  async #ask(): Promise<readonly ReaderStatus[]> {
    try {
      return await statesBy(await this.#watch());
    } catch (error) {
      // The socket may belong to a service that was restarted; a fresh one shows whether there is a
      // service at all.
      this.close();
      if (!isReaderError(error, "NO_SERVICE")) throw error;
    }
    try {
      return await statesBy(await this.#watch());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #watch(): Promise<PcscdSocket> {
    this.#watching ??= PcscdSocket.open(this.#path);
    return this.#watching;
  }
}

class PcscdHandle implements CardHandle {
  readonly atr: Uint8Array;
  readonly transaction: CardTransaction;
  readonly #socket: PcscdSocket;
  readonly #name: string;
  readonly #card: number;
  #protocol: number;

  constructor(
    socket: PcscdSocket,
    opened: { readonly name: string; readonly card: number; readonly protocol: number; readonly atr: Uint8Array },
  ) {
    this.#socket = socket;
    this.#name = opened.name;
    this.#card = opened.card;
    this.#protocol = opened.protocol;
    this.atr = opened.atr;
    this.transaction = { begin: () => this.#begin(), end: () => this.#end() };
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const deadline = nowMs() + TRANSACTION_WAIT_MS;
    for (;;) {
      const { result, response } = await this.#socket.transmit(this.#card, this.#protocol, command);
      if (result === 0) return response;
      const error = failure(result, { call: "transmit", reader: this.#name });
      // The service refuses a command before it reaches the card while another program has a
      // transaction.
      if (error.code !== "READER_IN_USE" || nowMs() >= deadline) throw error;
      await pause(TRANSACTION_RETRY_MS);
    }
  }

  async reset(share: ShareMode): Promise<void> {
    const request = [this.#card, SHARE_MODES[share], PROTOCOL_ANY, RESET_CARD, 0, 0];
    const answer = await this.#socket.slowCall(PCSCD_COMMAND.reconnect, request);
    assertDone(wordAt(answer, 5), { call: "reconnect", reader: this.#name });
    this.#protocol = wordAt(answer, 4);
  }

  async mayReset(): Promise<boolean> {
    const status = (await statesBy(this.#socket)).find(({ name }) => name === this.#name);
    if (status === undefined) throw new ReaderError("READER_UNKNOWN", { reader: this.#name });
    return status.card !== "absent";
  }

  async disconnect(): Promise<void> {
    // The card or the service may have gone already, and with it the connection.
    await this.#socket.call(PCSCD_COMMAND.disconnect, [this.#card, LEAVE_CARD, 0]).catch(() => undefined);
    this.#socket.close();
  }

  async #begin(): Promise<void> {
    const deadline = nowMs() + TRANSACTION_WAIT_MS;
    for (;;) {
      const answer = await this.#socket.call(PCSCD_COMMAND.beginTransaction, [this.#card, 0]);
      const result = wordAt(answer, 1);
      if (result === 0) return;
      const error = failure(result, { call: "transaction", reader: this.#name });
      if (error.code !== "READER_IN_USE" || nowMs() >= deadline) throw error;
      await pause(TRANSACTION_RETRY_MS);
    }
  }

  async #end(): Promise<void> {
    const answer = await this.#socket.call(PCSCD_COMMAND.endTransaction, [this.#card, LEAVE_CARD, 0]);
    assertDone(wordAt(answer, 2), { call: "transaction", reader: this.#name });
  }
}

/** The service answers a connect only when no transaction is under way, however long that takes. */
async function withoutTransaction<T>(connecting: Promise<T>, reader: string): Promise<T> {
  try {
    return await withTimeLimit(connecting, { timeoutMs: TRANSACTION_WAIT_MS, reader });
  } catch (error) {
    if (!isReaderError(error, "CARD_MUTE")) throw error;
    const detail = `connect: another program's transaction has not ended in ${TRANSACTION_WAIT_MS} ms`;
    throw new ReaderError("READER_IN_USE", { reader, detail });
  }
}

async function statesBy(socket: PcscdSocket): Promise<readonly ReaderStatus[]> {
  return decodeReadersState(await readersState(socket));
}

async function readersState(socket: PcscdSocket): Promise<Uint8Array> {
  return await socket.call(PCSCD_COMMAND.getReadersState, [], READERS_STATE_BYTES);
}

function failure(result: number, context: { readonly call: PcscCall; readonly reader: string }): ReaderError {
  return pcscError(pcscReason(result), { ...context, detail: `0x${result.toString(16)}` });
}

function assertDone(result: number, context: { readonly call: PcscCall; readonly reader: string }): void {
  if (result !== 0) throw failure(result, context);
}
