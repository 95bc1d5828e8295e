import { connect, createServer, type Server, type Socket } from "node:net";
import { decodeVpcdMessages, encodeVpcdMessage, VPCD_CONTROL } from "@tallystick/apdu/vpcd";
import { until } from "@tallystick/stack";

/** A card as its reader knows it: bytes in, bytes out, and the power that can be cut. */
export interface WireCard {
  /** Answers one command; null is a card that was pulled away before it answered. */
  readonly transmit: (command: Uint8Array) => Promise<Uint8Array | null>;
  /** Power off, power on or reset: what lives in RAM is gone. */
  readonly reset: () => void;
}

/** A card that a test has put somewhere, until it is taken away again. */
export interface PlacedCard {
  readonly remove: () => Promise<void>;
}

/** Answer to reset that offers T=1 and nothing else, as cardhost gives it. */
const ATR = Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01);

function messagesOf(socket: Socket, take: (message: Uint8Array) => void): void {
  let stream: Uint8Array = new Uint8Array(0);
  socket.on("data", (chunk: Buffer) => {
    const { messages, rest } = decodeVpcdMessages(Buffer.concat([stream, chunk]));
    stream = rest;
    for (const message of messages) take(message);
  });
}

/** Serves one reader: messages in their order, silence and removal where the card is torn. */
function serve(socket: Socket, card: WireCard): void {
  let last: Promise<void> = Promise.resolve();
  const answer = async (message: Uint8Array): Promise<void> => {
    if (message.length > 1) {
      const response = await card.transmit(message);
      if (response === null || response.length === 0) socket.destroy();
      else socket.write(encodeVpcdMessage(response));
    } else if (message[0] === VPCD_CONTROL.getAtr) socket.write(encodeVpcdMessage(ATR));
    else card.reset();
  };
  socket.on("error", () => socket.destroy());
  messagesOf(socket, (message) => {
    last = last.then(async () => await answer(message)).catch(() => void socket.destroy());
  });
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.once("close", () => {
      resolve();
    });
    socket.destroy();
  });
}

/** A reader that starts refuses connections at first. */
async function dial(port: number): Promise<Socket> {
  return await until(`somebody listening on port ${port}`, async () => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once("error", () => {
        resolve(false);
      });
      socket.once("connect", () => {
        resolve(true);
      });
    });
    return isConnected && socket;
  });
}

/** Puts a card into a virtual reader of pcscd: every PC/SC program sees it. */
export async function putIntoReader(port: number, card: WireCard): Promise<PlacedCard> {
  const socket = await dial(port);
  serve(socket, card);
  return { remove: async () => await closed(socket) };
}

/** Lets a card wait on a port of its own for a terminal that needs no PC/SC; the card may be changed between two taps. */
export async function listenAsCard(
  current: () => WireCard,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, current());
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

/** Holds a card that listens (`cardhost --listen`), as a thief's reader does: any command, at any time. */
export async function reachCard(port: number): Promise<WireCard & { readonly close: () => Promise<void> }> {
  const socket = await dial(port);
  // Answers come in the order of the questions, also where a terminal has given one up and asks the next.
  const waiting: ((response: Uint8Array | null) => void)[] = [];
  const end = (): void => {
    for (const answer of waiting.splice(0)) answer(null);
  };
  socket.on("error", end);
  socket.on("close", end);
  messagesOf(socket, (message) => waiting.shift()?.(message));
  return {
    transmit: async (command) => {
      if (socket.destroyed) return null;
      return await new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(encodeVpcdMessage(command));
      });
    },
    reset: () => void socket.write(encodeVpcdMessage(Uint8Array.of(VPCD_CONTROL.reset))),
    close: async () => await closed(socket),
  };
}
