import { connect, createServer, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { bytesToHex, concatBytes } from "../../iso7816/bytes.ts";
import { decodeVpcdMessages, encodeVpcdMessage, VPCD_CONTROL } from "../../vpcd/vpcd-message.ts";
import type { VirtualCardBehaviour, VirtualCardOptions, VirtualCardReport } from "./virtual-card.ts";

// A virtual card needs a thread of its own: calls into the reader library block the caller's event
// loop, and while one of them waits for the reader, the reader waits for the card.

/** Answer to reset that offers T=1 and nothing else. */
const ATR = Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01);
const SW_SUCCESS = Uint8Array.of(0x90, 0x00);
const INS_SELECT = 0xa4;

const port = parentPort;
if (port === null) throw new Error("this file runs as a worker thread");
const options = workerData as VirtualCardOptions;
const sockets = new Set<Socket>();
const commands: string[] = [];
let resets = 0;
let releaseMute: (() => void) | null = null;

const report = (message: VirtualCardReport) => port.postMessage(message);

async function answer(behaviour: VirtualCardBehaviour, command: Uint8Array): Promise<Uint8Array | "tear"> {
  if (command[1] === INS_SELECT) return SW_SUCCESS;
  commands.push(bytesToHex(command));
  switch (behaviour) {
    case "echo":
      return concatBytes(command, SW_SUCCESS);
    case "short":
      return Uint8Array.of(0x90);
    case "tear":
      return "tear";
    case "mute":
      await new Promise<void>((resolve) => (releaseMute = resolve));
      return SW_SUCCESS;
  }
}

async function take(socket: Socket, body: Uint8Array): Promise<void> {
  if (body.length > 1) {
    const response = await answer(options.behaviour, body);
    if (response === "tear") socket.destroy();
    else if (!socket.destroyed) socket.write(encodeVpcdMessage(response));
    return;
  }
  if (body[0] === VPCD_CONTROL.getAtr) socket.write(encodeVpcdMessage(ATR));
  if (body[0] === VPCD_CONTROL.powerOn || body[0] === VPCD_CONTROL.reset) resets++;
}

function serve(socket: Socket): void {
  let stream: Uint8Array = new Uint8Array(0);
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => sockets.delete(socket));
  socket.on("data", (chunk: Buffer) => {
    const { messages, rest } = decodeVpcdMessages(concatBytes(stream, chunk));
    stream = rest;
    for (const message of messages) void take(socket, message);
  });
}

if (options.mode === "insert") {
  const socket = connect({ host: "127.0.0.1", port: options.port, noDelay: true }, () =>
    report({ ready: options.port }),
  );
  socket.once("error", (error) => report({ failed: error.message }));
  serve(socket);
} else {
  const server = createServer({ noDelay: true }, serve);
  server.once("error", (error) => report({ failed: error.message }));
  server.listen(options.port, "127.0.0.1", () => {
    const address = server.address();
    report({ ready: address !== null && typeof address === "object" ? address.port : 0 });
  });
}

port.on("message", (request: "resets" | "commands" | "release") => {
  if (request === "resets") report({ resets });
  else if (request === "commands") report({ commands });
  else releaseMute?.();
});
