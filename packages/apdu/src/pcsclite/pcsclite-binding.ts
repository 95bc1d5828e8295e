import { asBuffer, bytesOf } from "../iso7816/bytes.ts";
import { responseRoom } from "../iso7816/command-apdu.ts";
import type { PcscCall } from "../pcsc/pcsc-error.ts";
import { createPcscdBinding, type PcscdOptions } from "../pcsc/pcscd-binding.ts";
import { createReaderProvider } from "../reader/create-reader-provider.ts";
import type { CardHandle, ReaderBinding } from "../reader/reader-binding.ts";
import { isReaderError, type ReaderError } from "../reader/reader-error.ts";
import type { ReaderProvider, ReaderStatus, ShareMode } from "../reader/reader.ts";
import { type LibraryReader, translateLibraryError } from "./pcsclite-library.ts";
import { ReaderWatch } from "./reader-watch.ts";

/**
 * Readers of the PC/SC service of this machine, as `createPcscProvider` gives them, by another
 * library. Readers whose names are no UTF-8 it does not report; those come by the service's socket, which the library
 * finds by PCSCLITE_CSOCK_NAME and this binding by `options`.
 */
export function createPcscliteProvider(options: PcscdOptions = {}): ReaderProvider {
  return createReaderProvider(new PcscliteBinding(options));
}

/**
 * Every reader object made here is kept until the process ends: the library fails when one is
 * collected whose status thread never ran. There are as many as connections were held at once,
 * times the restarts of the service.
 */
const KEPT: LibraryReader[] = [];

/** Stands in a name for bytes that are no UTF-8: the library never reports a reader whose name holds any. */
const NO_UTF_8 = "\uFFFD";

class PcscliteBinding implements ReaderBinding {
  #watch: ReaderWatch | null = null;
  /** Readers that the library does not report, by the service's own socket. */
  readonly #unreported: ReaderBinding;
  /**
   * Reader objects that hold no connection, by name. The library gives an object's context back
   * only when the object is collected, so objects are used again: a thousand connections need one.
   */
  readonly #idle = new Map<string, LibraryReader[]>();

  constructor(options: PcscdOptions) {
    this.#unreported = createPcscdBinding(options);
  }

  async list() {
    return [...(await this.reported()), ...(await this.unreported())];
  }

  private async reported(): Promise<readonly ReaderStatus[]> {
    try {
      return await this.watch().list();
    } catch (error) {
      // The watch may belong to a service that was restarted; a fresh one shows whether there is a
      // service at all.
      if (!isReaderError(error, "NO_SERVICE") || this.#watch === null) throw error;
      this.forget();
      return await this.watch().list();
    }
  }

  private async unreported(): Promise<readonly ReaderStatus[]> {
    // A service whose socket is elsewhere, or of another protocol, has these readers for nobody here.
    const all = await this.#unreported.list().catch(() => []);
    return all.filter(({ name }) => name.includes(NO_UTF_8));
  }

  async connect(name: string, share: ShareMode): Promise<CardHandle> {
    if (name.includes(NO_UTF_8)) return await this.#unreported.connect(name, share);
    await this.reported();
    const reader = this.#idle.get(name)?.pop() ?? this.create(name);
    try {
      return await PcscliteHandle.open(this, reader, share);
    } catch (error) {
      this.release(reader, error);
      throw error;
    }
  }

  close(): void {
    this.forget();
    this.#unreported.close();
  }

  watch(): ReaderWatch {
    if (this.#watch?.isOver === true) this.forget();
    this.#watch ??= new ReaderWatch();
    return this.#watch;
  }

  /** Another reader object of the watched one's kind. */
  create(name: string): LibraryReader {
    const model = this.watch().libraryReader(name);
    const reader = new (model.constructor as new (name: string) => LibraryReader)(name);
    KEPT.push(reader);
    return reader;
  }

  /** Keeps a reader object for later unless its service has gone. */
  release(reader: LibraryReader, error: unknown): void {
    if (isReaderError(error, "NO_SERVICE")) this.noticeEnd();
    else if (!reader.connected) this.#idle.set(reader.name, [...(this.#idle.get(reader.name) ?? []), reader]);
  }

  /** Every object of a service that has gone is useless. */
  noticeEnd(): void {
    this.#watch?.end();
    this.#idle.clear();
  }

  private forget(): void {
    const watch = this.#watch;
    this.#watch = null;
    this.#idle.clear();
    watch?.close();
  }
}

class PcscliteHandle implements CardHandle {
  readonly #binding: PcscliteBinding;
  #reader: LibraryReader;
  #protocol: number;
  #atr: Uint8Array;

  private constructor(binding: PcscliteBinding, reader: LibraryReader, opened: { protocol: number; atr: Uint8Array }) {
    this.#binding = binding;
    this.#reader = reader;
    this.#protocol = opened.protocol;
    this.#atr = opened.atr;
  }

  static async open(binding: PcscliteBinding, reader: LibraryReader, share: ShareMode): Promise<PcscliteHandle> {
    const protocol = await take(reader, share);
    const status = (await binding.list()).find(({ name }) => name === reader.name);
    return new PcscliteHandle(binding, reader, { protocol, atr: status?.atr ?? new Uint8Array(0) });
  }

  get atr(): Uint8Array {
    return this.#atr;
  }

  /**
   * Every command passes here, so it is one promise; the library copies the command before it
   * returns.
   */
  transmit(command: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#reader.transmit(asBuffer(command), responseRoom(command), this.#protocol, (error, response) => {
        if (error === null || error === undefined) resolve(bytesOf(response));
        else reject(this.failure(error, "transmit"));
      });
    });
  }

  /**
   * The library knows no reconnect. A card that has gone cannot be let go with a reset, and then
   * the object is spoilt.
   */
  async reset(share: ShareMode): Promise<void> {
    try {
      const { SCARD_RESET_CARD, SCARD_LEAVE_CARD, name } = this.#reader;
      const released =
        !this.#reader.connected ||
        (await letGo(this.#reader, SCARD_RESET_CARD)) ||
        (await letGo(this.#reader, SCARD_LEAVE_CARD));
      if (!released) this.#reader = this.#binding.create(name);
      this.#protocol = await take(this.#reader, share);
    } catch (error) {
      throw this.failure(error, "reconnect");
    }
  }

  mayReset(): boolean {
    return this.#binding.watch().isPresent(this.#reader.name);
  }

  async disconnect(): Promise<void> {
    if (this.#reader.connected) await letGo(this.#reader, this.#reader.SCARD_LEAVE_CARD);
    this.#binding.release(this.#reader, null);
  }

  private failure(error: unknown, name: PcscCall): ReaderError {
    const translated = translateLibraryError(error, name, this.#reader.name);
    if (translated.code === "NO_SERVICE") this.#binding.noticeEnd();
    return translated;
  }
}

/** Turns the library's callbacks into a promise. */
function call<T>(start: (done: (error: unknown, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error as Error);
    });
  });
}

async function take(reader: LibraryReader, share: ShareMode): Promise<number> {
  const share_mode = share === "exclusive" ? reader.SCARD_SHARE_EXCLUSIVE : reader.SCARD_SHARE_SHARED;
  const protocol = reader.SCARD_PROTOCOL_T0 | reader.SCARD_PROTOCOL_T1;
  try {
    return await call<number>((done) => reader.connect({ share_mode, protocol }, done));
  } catch (error) {
    throw translateLibraryError(error, "connect", reader.name);
  }
}

async function letGo(reader: LibraryReader, disposition: number): Promise<boolean> {
  try {
    await call<unknown>((done) => reader.disconnect(disposition, (error) => done(error, null)));
    return true;
  } catch {
    // The card or the service has gone already, and with it the connection.
    return false;
  }
}
