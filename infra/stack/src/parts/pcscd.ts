import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { MAX_READERS, PORT_ATTEMPTS } from "../limits.ts";
import { type OwnedProcess, startOwnedProcess } from "../processes/owned-process.ts";
import { freePortPair, isListening, listensOn } from "../ports.ts";
import { until } from "../wait.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";

/** A virtual reader: its PC/SC name, and the TCP port on which a card (cardhost) is put into it. */
export type VirtualReader = { readonly name: string; readonly port: number };

export type Pcscd = {
  /** The value for PCSCLITE_CSOCK_NAME of every process that shall see these readers. */
  readonly socket: string;
  readonly readers: readonly VirtualReader[];
  readonly pid: number;
  readonly stop: () => Promise<void>;
  /** Ends the daemon and starts it again with the same socket path and readers. */
  readonly restart: () => Promise<void>;
};

/** Where Debian and Ubuntu put the virtual reader's driver. */
const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/**
 * The driver keeps its connections in variables of its own, by slot and not by reader, so one copy of it can serve one
 * reader only. Each reader gets a copy under another name, which the loader takes for another library.
 */
function copyDriver(folder: string, index: number): string {
  const copy = join(folder, `driver-${index + 1}.so`);
  if (!existsSync(copy)) copyFileSync(DRIVER, copy);
  return copy;
}

function readerConfig(folder: string, ports: readonly number[]): string {
  return ports
    .map((port, index) => {
      const channel = `0x${port.toString(16)}`;
      return [
        `FRIENDLYNAME "Tallystick ${index + 1}"`,
        `DEVICENAME /dev/null:${channel}`,
        `LIBPATH ${copyDriver(folder, index)}`,
        `CHANNELID ${channel}`,
        "",
      ].join("\n");
    })
    .join("\n");
}

/** The name that pcscd makes of a serial reader: its friendly name, its number among readers of that name, and the slot. */
function readerName(index: number): string {
  return `Tallystick ${index + 1} 00 00`;
}

/** Listens on the path, so that the daemon can be handed a ready socket, as systemd does it. */
async function listenOn(path: string): Promise<Server> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(path, () => {
      resolve(server);
    });
  });
}

async function launch(folder: string, socket: string): Promise<OwnedProcess> {
  // Closing a listening socket removes its path; so it is made under another name and moved before it is closed here.
  const making = `${socket}.new`;
  rmSync(socket, { force: true });
  rmSync(making, { force: true });
  const server = await listenOn(making);
  try {
    const descriptor3 = (server as unknown as { _handle: { fd: number } })._handle.fd;
    const log = join(folder, "pcscd.log");
    const daemon = await startOwnedProcess({
      command: "sh",
      args: ["-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd --foreground -c "$0"', join(folder, "readers")],
      env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
      stdoutFile: log,
      stderrFile: log,
      descriptor3,
    });
    renameSync(making, socket);
    return daemon;
  } finally {
    server.close();
  }
}

/**
 * Starts a pcscd of its own with virtual readers, beside any other and without root. vpcd listens on every network
 * interface, so this is for development only.
 * @param options.readers how many readers, 1 to `MAX_READERS`
 */
export async function startPcscd(options: { readers: number }): Promise<Pcscd> {
  if (!Number.isInteger(options.readers) || options.readers < 1 || options.readers > MAX_READERS) {
    throw new StackError("OUT_OF_RANGE", `readers is ${options.readers}; it must be 1 to ${MAX_READERS}`);
  }
  if (!existsSync(DRIVER)) throw new StackError("NOT_INSTALLED", `${DRIVER} is missing; install vsmartcard-vpcd`);
  const folder = makeWorkFolder("pcscd");
  const socket = join(folder.path, "pcscd.comm");
  mkdirSync(join(folder.path, "readers"));
  const start = async (ports: readonly number[]): Promise<OwnedProcess> => {
    writeFileSync(join(folder.path, "readers", "tallystick.conf"), readerConfig(folder.path, ports));
    const daemon = await launch(folder.path, socket);
    await until("the readers listening", () => !daemon.isRunning() || ports.every(isListening));
    return daemon;
  };
  // The daemon goes on without a reader whose port another program took meanwhile.
  const hasAll = (daemon: OwnedProcess, ports: readonly number[]): boolean =>
    daemon.isRunning() && ports.every((port) => listensOn(daemon.pid, port));
  for (let attempt = 1; ; attempt += 1) {
    const ports: number[] = [];
    while (ports.length < options.readers) {
      const port = await freePortPair();
      if (ports.every((other) => Math.abs(other - port) > 1)) ports.push(port);
    }
    let daemon = await start(ports);
    if (hasAll(daemon, ports)) {
      return {
        socket,
        readers: ports.map((port, index) => ({ name: readerName(index), port })),
        get pid() {
          return daemon.pid;
        },
        stop: async () => {
          await daemon.stop();
          folder.remove();
        },
        restart: async () => {
          await daemon.stop();
          daemon = await start(ports);
          if (!hasAll(daemon, ports))
            throw new StackError("DID_NOT_START", `pcscd did not come back:\n${daemon.tail()}`);
        },
      };
    }
    await daemon.stop();
    if (attempt === PORT_ATTEMPTS) throw new StackError("DID_NOT_START", `pcscd has no readers:\n${daemon.tail()}`);
  }
}
