import { createServer, type Socket } from "node:net";
import { decodeVpcdMessages, encodeVpcdMessage, VPCD_CONTROL } from "@tallystick/apdu/vpcd";
import { concatBytes } from "@tallystick/protocol";
import type { TestCard } from "./test-card.ts";

/** Answer to reset that offers T=1 and nothing else. */
const ATR = Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01);

/** A card that listens on a port of its own for a reader to come to it, as `cardhost --listen` does. */
export interface SocketCard {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Puts a test card behind a socket; it outlives the terminals that come to it. */
export async function listenAsCard(card: Pick<TestCard, "transmit">): Promise<SocketCard> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, card);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, card: Pick<TestCard, "transmit">): void {
  let stream: Uint8Array = new Uint8Array(0);
  const answer = (body: Uint8Array): void => {
    if (!socket.destroyed) socket.write(encodeVpcdMessage(body));
  };
  const take = async (body: Uint8Array): Promise<void> => {
    if (body.length === 1 && body[0] === VPCD_CONTROL.getAtr) answer(ATR);
    if (body.length > 1) answer(await card.transmit(body));
  };
  // A terminal that is killed tears its connection down in any way.
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    const { messages, rest } = decodeVpcdMessages(concatBytes(stream, chunk));
    stream = rest;
    for (const message of messages) void take(message);
  });
}
