import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { bytesFromHex, concatBytes } from "../iso7816/bytes.ts";
import { encodePcscdMessage, PCSCD_COMMAND, wordAt } from "./pcscd-message.ts";
import { PcscdSocket } from "./pcscd-socket.ts";

/**
 * What the service does with a message: answers these pieces, one write each, or ends the
 * connection.
 */
type Reply = (message: Uint8Array) => readonly Uint8Array[] | "end";

const words = (...values: readonly number[]) => encodePcscdMessage(0, values).slice(8);
const GREETING: Reply = () => [words(4, 4, 0)];
const COMMAND = bytesFromHex("80CA9F7F00");

let folder = "";
let server: Server | null = null;
const clients = new Set<Socket>();
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "pcscd-socket-"))));
afterEach(async () => {
  for (const client of clients) client.destroy();
  clients.clear();
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

/** A service that takes one message after another as the script says. */
async function serve(...script: readonly Reply[]) {
  const path = join(folder, "socket");
  const messages: Uint8Array[] = [];
  const replies = [...script];
  server = createServer((client) => {
    clients.add(client.setNoDelay(true));
    client.on("error", () => undefined);
    client.on("data", (message) => {
      messages.push(Uint8Array.from(message));
      const reply = replies.shift()?.(message) ?? [];
      if (reply === "end") client.end();
      else void writeApart(client, reply);
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return { path, messages };
}

/**
 * Each piece arrives by itself, because the next is written a turn of the event loop after it has
 * gone.
 */
async function writeApart(client: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve) => client.write(piece, () => resolve()));
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const noService = (detail?: string | RegExp) =>
  expect.objectContaining({
    code: "NO_SERVICE",
    ...(detail === undefined ? {} : { detail: expect.stringMatching(detail) as unknown }),
  });

describe("a socket to the service", () => {
  it("agrees on the version first, and answers calls in their order", async () => {
    const { path, messages } = await serve(
      GREETING,
      () => [words(2, 0x1234, 0)],
      () => [words(1, 2, 3, 4)],
    );
    const socket = await PcscdSocket.open(path);
    expect(socket.isOpen).toBe(true);
    const context = await socket.call(PCSCD_COMMAND.establishContext, [2, 0, 0]);
    expect(wordAt(context, 1)).toBe(0x1234);
    expect(await socket.call(PCSCD_COMMAND.getReadersState, [], 16)).toEqual(words(1, 2, 3, 4));
    expect(messages).toEqual([
      encodePcscdMessage(0x11, [4, 4, 0]),
      encodePcscdMessage(0x01, [2, 0, 0]),
      encodePcscdMessage(0x12, []),
    ]);
    socket.close();
    expect(socket.isOpen).toBe(false);
  });

  it.each([
    ["another version", [words(5, 0, 0)], /version 5\.0/],
    ["a refusal", [words(4, 1, 0x8010001e)], /version 4\.1/],
  ])("takes %s for no service", async (_name, reply, detail) => {
    const { path } = await serve(() => reply);
    await expect(PcscdSocket.open(path)).rejects.toEqual(noService(detail));
  });

  it("tells a service that hangs up before it greets, or speaks otherwise, from none", async () => {
    const nextOf = async (path: string): Promise<unknown> =>
      await PcscdSocket.open(path).catch((error: unknown) => (error as { next: string }).next);
    const absent = await nextOf(join(folder, "nothing"));
    const { path } = await serve(
      () => "end",
      () => [words(5, 0, 0)],
    );
    const [closed, other] = [await nextOf(path), await nextOf(path)];
    expect(new Set([absent, closed, other]).size).toBe(3);
  });

  it("finds no service where nothing listens", async () => {
    await expect(PcscdSocket.open(join(folder, "nothing"))).rejects.toEqual(noService(/ENOENT/));
  });

  it("finds no service when it ends in the middle of a call, nor afterwards", async () => {
    const { path } = await serve(GREETING, () => "end");
    const socket = await PcscdSocket.open(path);
    await expect(socket.slowCall(PCSCD_COMMAND.connect, [0])).rejects.toEqual(noService(/closed/));
    expect(socket.isOpen).toBe(false);
    await expect(socket.call(PCSCD_COMMAND.getReadersState, [], 16)).rejects.toEqual(noService());
  });

  it("refuses a second call while one is under way", async () => {
    const { path } = await serve(GREETING, () => [words(7)]);
    const socket = await PcscdSocket.open(path);
    const first = socket.call(PCSCD_COMMAND.connect, [0]);
    await expect(socket.call(PCSCD_COMMAND.connect, [0])).rejects.toMatchObject({ code: "READER_IN_USE" });
    expect(wordAt(await first, 0)).toBe(7);
    socket.close();
  });

  it("ends rather than take bytes that nobody asked for", async () => {
    const { path } = await serve(GREETING, () => [words(7, 8)]);
    const socket = await PcscdSocket.open(path);
    await expect(socket.call(PCSCD_COMMAND.connect, [0])).rejects.toEqual(noService());
    expect(socket.isOpen).toBe(false);
  });

  it("ends when bytes come between calls", async () => {
    const { path } = await serve(GREETING, () => [words(7), words(8)]);
    const socket = await PcscdSocket.open(path);
    expect(wordAt(await socket.call(PCSCD_COMMAND.connect, [0]), 0)).toBe(7);
    const deadline = performance.now() + 5_000;
    while (socket.isOpen && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.isOpen).toBe(false);
  });
});

describe("a transmission", () => {
  const answer = (response: Uint8Array) => concatBytes(words(9, 2, 8, 5, 2, 8, response.length, 0), response);

  it("is one message: structure and command", async () => {
    const { path, messages } = await serve(GREETING, () => [answer(bytesFromHex("9000"))]);
    const socket = await PcscdSocket.open(path);
    expect(await socket.transmit(9, 2, COMMAND)).toEqual({ result: 0, response: bytesFromHex("9000") });
    expect(messages[1]).toEqual(encodePcscdMessage(0x09, [9, 2, 8, 5, 2, 8, 65_538, 0], COMMAND));
    socket.close();
  });

  it.each([1, 31, 32, 33, 40])("may arrive in pieces, cut after %i bytes", async (cut) => {
    const whole = answer(bytesFromHex("0102030405060708 9000"));
    const { path } = await serve(GREETING, () => [whole.slice(0, cut), whole.slice(cut)]);
    const socket = await PcscdSocket.open(path);
    const { response } = await socket.transmit(9, 2, COMMAND);
    expect(response).toEqual(bytesFromHex("0102030405060708 9000"));
    socket.close();
  });

  it("may be answered by nothing, which is for others to judge", async () => {
    const { path } = await serve(GREETING, () => [answer(new Uint8Array(0))]);
    const socket = await PcscdSocket.open(path);
    expect(await socket.transmit(9, 2, COMMAND)).toEqual({ result: 0, response: new Uint8Array(0) });
    socket.close();
  });

  it("is not waited for when it announces more than any answer has", async () => {
    const { path } = await serve(GREETING, () => [words(9, 2, 8, 5, 2, 8, 65_539, 0)]);
    const socket = await PcscdSocket.open(path);
    expect(await socket.transmit(9, 2, COMMAND)).toEqual({ result: 0, response: new Uint8Array(0) });
    socket.close();
  });

  it("that failed has no answer behind its structure", async () => {
    const { path } = await serve(GREETING, () => [words(9, 2, 8, 5, 2, 8, 65_538, 0x80100069)]);
    const socket = await PcscdSocket.open(path);
    expect(await socket.transmit(9, 2, COMMAND)).toEqual({ result: 0x80100069, response: new Uint8Array(0) });
    socket.close();
  });
});
