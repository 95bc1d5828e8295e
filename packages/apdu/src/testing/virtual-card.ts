import { connect, createServer, type Socket } from "node:net";
import { concatBytes } from "../bytes.ts";
import { decodeVpcdMessages, encodeVpcdMessage, VPCD_CONTROL } from "../vpcd/vpcd-message.ts";

/** Answer to reset that offers T=1 and nothing else. */
const ATR = Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01);

/** What a virtual card does with a command: answer, stay mute (null), or be torn off without an answer. */
export type VirtualCardBehaviour = (command: Uint8Array) => Promise<Uint8Array | null | "tear"> | Uint8Array | null | "tear";

/** A card that lies on a virtual reader until it is removed. */
export interface VirtualCard {
  /** How often the reader powered the card on or reset it. */
  readonly resets: number;
  /** Takes the card away; resolves when the connection is closed. */
  remove(): Promise<void>;
}

/** Puts a card on the virtual reader that waits on this port of this machine. */
export async function insertVirtualCard(port: number, behaviour: VirtualCardBehaviour): Promise<VirtualCard> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return serve(socket, behaviour);
}

/** A card that listens itself, on a port of the system's choice, for a reader to come to it. */
export async function listenAsVirtualCard(
  behaviour: VirtualCardBehaviour,
  port = 0,
): Promise<VirtualCard & { readonly port: number }> {
  const cards = new Set<VirtualCard>();
  let resets = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const card = serve(socket, behaviour, () => resets++);
    cards.add(card);
    socket.once("close", () => cards.delete(card));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    get resets() {
      return resets;
    },
    remove: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.all([...cards].map((card) => card.remove()));
      await closed;
    },
  };
}

function serve(socket: Socket, behaviour: VirtualCardBehaviour, onReset: () => void = () => undefined): VirtualCard {
  let resets = 0;
  let stream: Uint8Array = new Uint8Array(0);
  const answer = (body: Uint8Array) => {
    if (!socket.destroyed) socket.write(encodeVpcdMessage(body));
  };
  const take = async (body: Uint8Array) => {
    if (body.length > 1) {
      const response = await behaviour(body);
      if (response === "tear") socket.destroy();
      else if (response !== null) answer(response);
      return;
    }
    if (body[0] === VPCD_CONTROL.getAtr) answer(ATR);
    if (body[0] === VPCD_CONTROL.powerOn || body[0] === VPCD_CONTROL.reset) {
      resets++;
      onReset();
    }
  };
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    const { messages, rest } = decodeVpcdMessages(concatBytes(stream, chunk));
    stream = rest;
    for (const message of messages) void take(message);
  });
  return {
    get resets() {
      return resets;
    },
    remove: () => {
      socket.destroy();
      return closed;
    },
  };
}
