import { existsSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type ExitKind, ProgramError } from "@tallystick/program";
import { z } from "zod";
import { type BoxAnswer, boxAnswerSchema, type BoxCommand, boxCommandSchema } from "../../doors/box/box-command.ts";
import type { BoxCommands } from "../../doors/box/box-commands.ts";
import { BoxError } from "../../doors/box/box-error.ts";
import { BOX_ANSWER_MS, MAX_BOX_LINE_BYTES, MAX_SOCKET_PATH_BYTES } from "../../doors/box/limits.ts";

const refusalSchema = z.object({ code: z.string(), message: z.string(), exit: z.string(), next: z.string() });
const lineSchema = z.union([z.object({ answer: boxAnswerSchema }), z.object({ refused: refusalSchema })]);

/** Where commands reach the gateway that runs on a journal: a socket beside it, of the same owner. */
export function boxSocketPath(journalPath: string): string {
  return `${journalPath}.box`;
}

/**
 * Hears commands of this machine while the gateway runs. Answers what ends it; null where the journal's
 * path is too long for a socket: then commands need a gateway that is stopped.
 */
export async function hearBox(journalPath: string, commands: BoxCommands): Promise<(() => Promise<void>) | null> {
  const path = boxSocketPath(journalPath);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) return null;
  // Left over by a gateway that was killed: the journal is this process's alone.
  if (existsSync(path)) rmSync(path);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void hear(socket, commands);
  });
  await listenPrivately(server, path);
  return async () => {
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  };
}

/** Sends a command to the gateway that runs. Throws ProgramError as it was refused there, BoxError BOX_UNREACHABLE. */
export async function askBox(journalPath: string, command: BoxCommand): Promise<BoxAnswer> {
  const socket = connect(boxSocketPath(journalPath));
  socket.setTimeout(BOX_ANSWER_MS, () => socket.destroy());
  try {
    const text = await new Promise<string>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.end(`${JSON.stringify(command)}\n`);
      });
      readLine(socket).then(resolve, reject);
    });
    const line = lineSchema.parse(JSON.parse(text));
    if ("answer" in line) return line.answer;
    const { code, message, exit, next } = line.refused;
    throw new ProgramError(code, message, { exit: exit as ExitKind, next });
  } catch (error) {
    if (error instanceof ProgramError) throw error;
    const next = "Stop it, and run the command again.";
    throw new BoxError(
      "BOX_UNREACHABLE",
      "The gateway that runs on this journal does not hear commands.",
      next,
      "store",
    );
  } finally {
    socket.destroy();
  }
}

async function hear(socket: Socket, commands: BoxCommands): Promise<void> {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(BOX_ANSWER_MS, () => socket.destroy());
  try {
    const command = boxCommandSchema.parse(JSON.parse(await readLine(socket)));
    socket.end(`${JSON.stringify({ answer: await commands.run(command) })}\n`);
  } catch (error) {
    const refused =
      error instanceof ProgramError
        ? error
        : new BoxError(
            "BOX_COMMAND_REFUSED",
            "The gateway that runs is of another version.",
            "Stop it, and start this one.",
          );
    const { code, message, exit, next } = refused;
    socket.end(`${JSON.stringify({ refused: { code, message, exit, next } })}\n`);
  }
}

/** The first line that comes; rejects where it is too long, or none comes. The socket stays open. */
async function readLine(socket: Socket): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const none = (): void => {
      reject(new RangeError("no line came"));
    };
    socket.on("data", (chunk) => {
      text += String(chunk);
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > MAX_BOX_LINE_BYTES) none();
    });
    socket.once("end", none);
    socket.once("close", none);
  });
}

/** Nobody else may connect, not even between two system calls: the socket is made while `listen` runs. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const listens = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
  });
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await listens;
}
