import { createRequire } from "node:module";
import { pcscError, pcscReason, type PcscCall } from "../pcsc/pcsc-error.ts";
import { ReaderError } from "../reader/reader-error.ts";

/**
 * A reader of the library: one connection at a time, and a context of its own that lives as long as
 * the object.
 */
export interface LibraryReader {
  readonly name: string;
  readonly connected: boolean;
  readonly SCARD_SHARE_SHARED: number;
  readonly SCARD_SHARE_EXCLUSIVE: number;
  readonly SCARD_PROTOCOL_T0: number;
  readonly SCARD_PROTOCOL_T1: number;
  readonly SCARD_LEAVE_CARD: number;
  readonly SCARD_RESET_CARD: number;
  readonly SCARD_STATE_PRESENT: number;
  readonly SCARD_STATE_MUTE: number;
  readonly SCARD_STATE_INUSE: number;
  readonly SCARD_STATE_EXCLUSIVE: number;
  on(event: "status", listener: (status: { readonly state: number; readonly atr?: Buffer }) => void): this;
  on(event: "error", listener: (error: unknown) => void): this;
  on(event: "end", listener: () => void): this;
  connect(
    options: { readonly share_mode: number; readonly protocol: number },
    done: (error: unknown, protocol: number) => void,
  ): void;
  disconnect(disposition: number, done: (error: unknown) => void): void;
  transmit(
    data: Buffer,
    responseBytes: number,
    protocol: number,
    done: (error: unknown, response: Buffer) => void,
  ): void;
  get_status(done: (error: unknown, state: number, atr?: Buffer) => void): void;
  close(): void;
}

/** The library's watch over the service: it reports readers as they come. */
export interface Library {
  on(event: "reader", listener: (reader: LibraryReader) => void): this;
  on(event: "error", listener: (error: unknown) => void): this;
  close(): void;
}

/**
 * Starts a watch. Loaded only when it is asked for: the library must be compiled for the Node.js
 * that runs it.
 */
export function startLibrary(): Library {
  const load = createRequire(import.meta.url)("pcsclite") as () => Library;
  return load();
}

/**
 * The port's error for an error of the library, which ends its messages with PC/SC's return code in
 * hexadecimal.
 */
export function translateLibraryError(error: unknown, call: PcscCall, reader?: string): ReaderError {
  if (error instanceof ReaderError) return error;
  const detail = String((error as { message?: unknown } | null)?.message ?? error);
  const code = /\(0x([0-9a-fA-F]+)\)\s*$/.exec(detail)?.[1];
  const reason = code === undefined ? "other" : pcscReason(Number.parseInt(code, 16));
  return pcscError(reason, { call, detail, ...(reader === undefined ? {} : { reader }) });
}
