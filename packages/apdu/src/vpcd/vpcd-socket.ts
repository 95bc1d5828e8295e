import { connect, type Socket } from "node:net";
import { concatBytes } from "../iso7816/bytes.ts";
import { ReaderError } from "../reader/reader-error.ts";
import { decodeVpcdMessages, encodeVpcdMessage } from "./vpcd-message.ts";

/** A socket to a card host: one request, one answer, strictly in turn. */
export interface VpcdSocket {
  readonly isOpen: boolean;
  /** Sends what is not answered. */
  send(body: Uint8Array): void;
  /**
   * Resolves with the answer; rejects with TORN when the socket closes first, CARD_REMOVED if it
   * was closed before.
   */
  request(body: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** Opens a socket. Rejects with CARD_ABSENT if nothing listens there, else with NO_SERVICE. */
export async function openVpcdSocket(address: {
  readonly host: string;
  readonly port: number;
  readonly reader: string;
  readonly timeoutMs: number;
}): Promise<VpcdSocket> {
  const socket = connect({ host: address.host, port: address.port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    const fail = (detail: string, refused: boolean) => {
      socket.destroy();
      reject(new ReaderError(refused ? "CARD_ABSENT" : "NO_SERVICE", { reader: address.reader, detail }));
    };
    socket.setTimeout(address.timeoutMs, () => fail("the card host did not accept the connection in time", false));
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.message, error.code === "ECONNREFUSED"));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve();
    });
  });
  return wrapSocket(socket, address.reader);
}

function wrapSocket(socket: Socket, reader: string): VpcdSocket {
  let open = true;
  let stream: Uint8Array = new Uint8Array(0);
  let waiting: { resolve: (body: Uint8Array) => void; reject: (error: Error) => void } | null = null;
  const end = () => {
    open = false;
    waiting?.reject(new ReaderError("TORN", { reader, detail: "the card host closed the connection" }));
    waiting = null;
  };
  socket.removeAllListeners("error");
  socket.on("error", end);
  socket.on("close", end);
  socket.on("data", (chunk: Buffer) => {
    const { messages, rest } = decodeVpcdMessages(concatBytes(stream, chunk));
    stream = rest;
    for (const message of messages) {
      // An answer that nobody asked for belongs to a request that was given up, so the stream is
      // out of step.
      if (waiting === null) return void socket.destroy();
      waiting.resolve(message);
      waiting = null;
    }
  });
  return {
    get isOpen() {
      return open;
    },
    send: (body) => void socket.write(encodeVpcdMessage(body)),
    request: async (body) => {
      if (!open) throw new ReaderError("CARD_REMOVED", { reader });
      if (waiting !== null) throw new ReaderError("READER_IN_USE", { reader, detail: "a request is under way" });
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(encodeVpcdMessage(body));
      });
    },
    close: () => {
      open = false;
      socket.destroy();
    },
  };
}
