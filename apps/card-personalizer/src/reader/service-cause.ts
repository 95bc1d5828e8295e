import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { isReaderError } from "@tallystick/apdu";
import { createPcscdProvider } from "@tallystick/apdu/pcscd";
import { Failure } from "../failures.ts";
import { MAX_PROCESSES } from "../limits.ts";

/** Where pcsc-lite puts its socket on Linux. */
const USUAL_SOCKET = "/run/pcscd/pcscd.comm";

/** The socket of the reader service that this process uses. */
export function serviceSocket(): string {
  return process.env["PCSCLITE_CSOCK_NAME"] ?? USUAL_SOCKET;
}

/**
 * Why the reader service does not serve this program, each cause with its own remedy: it does not run, this user may not
 * open its socket, it hangs up (polkit), it speaks another version, it says nothing, or only the client library cannot use
 * it. Elsewhere than on Linux the error stays as it is.
 */
export async function explainService(error: unknown, socket: string = serviceSocket()): Promise<unknown> {
  if (!isReaderError(error, "NO_SERVICE") || process.platform !== "linux") return error;
  const own = (message: string, next: string): Failure => new Failure("NO_SERVICE", undefined, { message, next });
  if (!existsSync(socket))
    return own(`There is no reader service: ${socket} is not there.`, "Start it: systemctl enable --now pcscd.socket");
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
  } catch {
    return own(
      `This user may not open the reader service's socket ${socket}.`,
      "Give the socket's rights to this user.",
    );
  }
  const service = createPcscdProvider({ socket });
  try {
    await service.list();
    return own(
      "The reader service answers, and this program's client library cannot use it.",
      "Install libpcsclite of the same release as pcscd; in a container, that of the host.",
    );
  } catch (cause) {
    if (!isReaderError(cause, "NO_SERVICE")) return error;
    return own(cause.detail === null ? cause.message : `${cause.message} (${cause.detail})`, cause.next);
  } finally {
    await service.close();
  }
}

/**
 * The programs that have the reader service's library loaded, this one apart: one of them holds a card that is held. Those of
 * other users are seen by root alone.
 */
export function programsWithReaders(proc = "/proc"): readonly string[] {
  const names = new Set<string>();
  for (const id of processIds(proc)) {
    try {
      if (Number(id) === process.pid || !readFileSync(`${proc}/${id}/maps`, "latin1").includes("libpcsclite")) continue;
      const name = readFileSync(`${proc}/${id}/comm`, "utf8").trim();
      if (name !== "pcscd") names.add(`${name} (process ${id})`);
    } catch {
      // It ended, or is another user's.
    }
  }
  return [...names];
}

function processIds(proc: string): readonly string[] {
  try {
    return readdirSync(proc)
      .filter((name) => /^[0-9]+$/.test(name))
      .slice(0, MAX_PROCESSES);
  } catch {
    return [];
  }
}
