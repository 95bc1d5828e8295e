import { PRESENCE_POLL_MS, TRANSMIT_TIMEOUT_MS, WATCH_CLOSE_DELAY_MS } from "../reader/limits.ts";
import { ReaderError } from "../reader/reader-error.ts";
import type { ReaderStatus } from "../reader/reader.ts";
import { nowMs, pause } from "../reader/time.ts";
import { type Library, type LibraryReader, startLibrary, translateLibraryError } from "./pcsclite-library.ts";

interface Watched {
  readonly reader: LibraryReader;
  status: ReaderStatus | null;
}

/**
 * What the library's threads have reported of the readers so far. It ends once the service has
 * gone.
 */
export class ReaderWatch {
  readonly #library: Library;
  readonly #readers = new Map<string, Watched>();
  #over = false;
  #started = false;

  /** Throws NO_SERVICE. */
  constructor() {
    try {
      this.#library = startLibrary();
    } catch (error) {
      throw translateLibraryError(error, "list");
    }
    this.#library.on("error", () => (this.#over = true));
    this.#library.on("reader", (reader) => this.#add(reader));
    // The library asks for the readers right after this turn of the event loop.
    setImmediate(() => (this.#started = true));
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Makes every later check begin a new watch. */
  end(): void {
    this.#over = true;
  }

  /**
   * Stops the library's threads, a little later: one that is stopped between its last report and
   * its next wait leaves a handle open, and then the process does not end by itself.
   */
  close(): void {
    this.#over = true;
    const stop = () => {
      for (const { reader } of this.#readers.values()) reader.close();
      this.#library.close();
    };
    setTimeout(stop, WATCH_CLOSE_DELAY_MS);
  }

  /** The readers, as soon as every one of them has said how it is. */
  async list(): Promise<readonly ReaderStatus[]> {
    const deadline = nowMs() + TRANSMIT_TIMEOUT_MS;
    const settled = () => this.#started && [...this.#readers.values()].every(({ status }) => status !== null);
    while (
      !this.#over &&
      (!settled() || (this.#readers.size === 0 && nowMs() < deadline - TRANSMIT_TIMEOUT_MS + PRESENCE_POLL_MS))
    ) {
      if (nowMs() > deadline) throw new ReaderError("READER_FAULT", { detail: "list: the readers do not answer" });
      await pause(1);
    }
    if (this.#over) throw new ReaderError("NO_SERVICE", { detail: "list: the watch over the service ended" });
    return [...this.#readers.values()].flatMap(({ status }) => (status === null ? [] : [status]));
  }

  /** Whether the service says that a card is there. */
  isPresent(name: string): boolean {
    return this.#readers.get(name)?.status?.card !== "absent";
  }

  /** A reader object of the library, to make another one of its kind. */
  libraryReader(name: string): LibraryReader {
    const found = this.#readers.get(name);
    if (found === undefined) throw new ReaderError("READER_UNKNOWN", { reader: name });
    return found.reader;
  }

  #add(reader: LibraryReader): void {
    const watched: Watched = { reader, status: null };
    this.#readers.set(reader.name, watched);
    reader.on("status", ({ state, atr }) => {
      const has = (bit: number) => (state & bit) !== 0;
      const present = has(reader.SCARD_STATE_PRESENT);
      watched.status = {
        name: reader.name,
        card: has(reader.SCARD_STATE_MUTE) ? "mute" : present ? "present" : "absent",
        atr: present && atr !== undefined ? Uint8Array.from(atr) : null,
        inUse: has(reader.SCARD_STATE_INUSE) || has(reader.SCARD_STATE_EXCLUSIVE),
      };
    });
    reader.on("error", () => (this.#over = true));
    reader.on("end", () => this.#readers.delete(reader.name));
  }
}
