import { connect, type Socket } from "node:net";
import { concatBytes } from "../iso7816/bytes.ts";
import { RESPONSE_BYTES_MAX } from "../iso7816/limits.ts";
import { PCSCD_READ_BYTES, SERVICE_TIMEOUT_MS } from "../reader/limits.ts";
import { isReaderError, ReaderError } from "../reader/reader-error.ts";
import { withTimeLimit } from "../reader/time.ts";
import { encodePcscdMessage, PCSCD_COMMAND, PCSCD_VERSION, wordAt } from "./pcscd-message.ts";

/**
 * 32-bit words of the structure of a transmission, and the places of the answer's length and of the
 * result in it.
 */
const TRANSMIT_WORDS = 8;
const TRANSMIT_LENGTH = 6;
const TRANSMIT_RESULT = 7;
/** Length that the structure for the protocol announces of itself; the service ignores it. */
const PCI_BYTES = 8;
const WORD_BYTES = 4;
const EMPTY: Uint8Array = new Uint8Array(0);
const HUNG_UP = "the service closed the connection";

interface PendingCall {
  /** How many bytes the answer has, judged by those that are here. */
  readonly length: (received: Uint8Array) => number;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: ReaderError) => void;
}

/** A peer that closes with something unread resets the connection, or breaks it under what is being written. */
function isHangUp(error: Error): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ECONNRESET" || code === "EPIPE";
}

/**
 * A socket to the service: one call, one answer, strictly in turn. Every failure of the socket is
 * NO_SERVICE. It keeps the process alive only while a call is under way.
 */
export class PcscdSocket {
  readonly #socket: Socket;
  #pending: PendingCall | null = null;
  #received: Uint8Array = EMPTY;
  #failure: ReaderError | null = null;

  private constructor(path: string) {
    // One buffer for whatever comes: a command costs half as much as with a stream that makes a new
    // one each time.
    const buffer = new Uint8Array(PCSCD_READ_BYTES);
    const callback = (length: number) => {
      this.#take(buffer.subarray(0, length));
      return true;
    };
    this.#socket = connect({ path, onread: { buffer, callback } });
    this.#socket.on("error", (error) => this.#fail(isHangUp(error) ? HUNG_UP : error.message));
    this.#socket.on("close", () => this.#fail(HUNG_UP));
    this.#socket.unref();
  }

  /** Connects and agrees on the version. */
  static async open(path: string): Promise<PcscdSocket> {
    const socket = new PcscdSocket(path);
    try {
      const answer = await socket.call(PCSCD_COMMAND.version, [PCSCD_VERSION.major, PCSCD_VERSION.minor, 0]);
      const [major, minor, result] = [wordAt(answer, 0), wordAt(answer, 1), wordAt(answer, 2)];
      if (result === 0 && major === PCSCD_VERSION.major) return socket;
      const detail = `the service speaks version ${major}.${minor} of its protocol`;
      throw new ReaderError("NO_SERVICE", { detail, service: "version" });
    } catch (error) {
      socket.close();
      // A service that does not let this user in hangs up without a word.
      if (isReaderError(error) && error.detail === HUNG_UP)
        throw new ReaderError("NO_SERVICE", { detail: HUNG_UP, service: "closed" });
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /**
   * Sends 32-bit words and resolves with the answer: as many bytes again, or as many as named. For
   * what needs no card.
   */
  async call(command: number, words: readonly number[], answerBytes = words.length * WORD_BYTES): Promise<Uint8Array> {
    const answer = this.slowCall(command, words, answerBytes);
    try {
      return await withTimeLimit(answer, { timeoutMs: SERVICE_TIMEOUT_MS, reader: "" });
    } catch (error) {
      if (!isReaderError(error, "CARD_MUTE")) throw error;
      this.close();
      throw new ReaderError("NO_SERVICE", { detail: `no answer in ${SERVICE_TIMEOUT_MS} ms`, service: "silent" });
    }
  }

  /** The same without a time limit, for what waits for a card. */
  slowCall(command: number, words: readonly number[], answerBytes = words.length * WORD_BYTES): Promise<Uint8Array> {
    return this.#send(encodePcscdMessage(command, words), () => answerBytes);
  }

  /**
   * Sends a command to a card; resolves with the result, and the card's answer when that is zero.
   */
  async transmit(
    card: number,
    protocol: number,
    command: Uint8Array,
  ): Promise<{ readonly result: number; readonly response: Uint8Array }> {
    const words = [card, protocol, PCI_BYTES, command.length, protocol, PCI_BYTES, RESPONSE_BYTES_MAX, 0];
    const answer = await this.#send(encodePcscdMessage(PCSCD_COMMAND.transmit, words, command), transmitLength);
    return { result: wordAt(answer, TRANSMIT_RESULT), response: answer.slice(TRANSMIT_WORDS * WORD_BYTES) };
  }

  close(): void {
    this.#fail("the connection was closed");
    this.#socket.destroy();
  }

  #send(message: Uint8Array, length: PendingCall["length"]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      if (this.#pending !== null) return reject(new ReaderError("READER_IN_USE", { detail: "a call is under way" }));
      this.#pending = { length, resolve, reject };
      this.#socket.ref();
      this.#socket.write(message);
    });
  }

  /** Takes a piece of an answer, whose memory is used again for the next. */
  #take(piece: Uint8Array): void {
    this.#received = this.#received.length === 0 ? piece.slice() : concatBytes(this.#received, piece);
    const pending = this.#pending;
    const length = pending?.length(this.#received) ?? 0;
    if (this.#received.length < length) return;
    if (pending === null || this.#received.length > length) {
      // Bytes that nobody asked for: the stream is out of step, and every later answer would be
      // another call's.
      this.close();
      return;
    }
    this.#pending = null;
    this.#socket.unref();
    const answer = this.#received;
    this.#received = EMPTY;
    pending.resolve(answer);
  }

  #fail(detail: string): void {
    this.#failure ??= new ReaderError("NO_SERVICE", { detail });
    this.#pending?.reject(this.#failure);
    this.#pending = null;
  }
}

/**
 * The structure first; the card's answer follows it when there is one. A length above the longest
 * answer is refused.
 */
function transmitLength(received: Uint8Array): number {
  const structure = TRANSMIT_WORDS * WORD_BYTES;
  if (received.length < structure || wordAt(received, TRANSMIT_RESULT) !== 0) return structure;
  const length = wordAt(received, TRANSMIT_LENGTH);
  return length > RESPONSE_BYTES_MAX ? structure : structure + length;
}
