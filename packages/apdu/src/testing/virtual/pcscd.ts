import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { freePort } from "./free-port.ts";

/** A virtual reader, which waits for a card on its TCP port. */
export interface VirtualReader {
  readonly name: string;
  readonly port: number;
}

/** A pcscd of our own with two virtual readers. */
export interface Pcscd {
  readonly readers: readonly [VirtualReader, VirtualReader];
  kill(): Promise<void>;
  /**
   * Starts it again; with another name for the readers, these are unplugged and two others are
   * there.
   */
  start(readersNamed?: string): Promise<void>;
}

const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const START_TIMEOUT_MS = 60_000;

/**
 * Starts pcscd with its service at `socket`, beside any other pcscd and without root. The driver
 * keeps its sockets in static memory, so that one pcscd can have one virtual reader; its two slots
 * are our two readers.
 */
export async function startPcscd(socket: string): Promise<Pcscd> {
  const folder = join(dirname(socket), "readers");
  // A virtual reader opens a port for each slot.
  const port = await freePort(1);
  const channel = `0x${port.toString(16)}`;
  mkdirSync(folder, { recursive: true });
  const configure = (name: string) => {
    const settings = `FRIENDLYNAME "${name}"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${DRIVER}\nCHANNELID ${channel}\n`;
    // As old drivers and udev rules do it; a name of ASCII alone is the same bytes in UTF-8.
    writeFileSync(join(folder, "virtual.conf"), settings, "latin1");
  };
  let child: ChildProcess | null = null;
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  };
  process.once("exit", () => child?.kill("SIGKILL"));
  const start = async (readersNamed = "Virtual") => {
    configure(readersNamed);
    child = await launch(socket, folder);
    await untilListening(port);
    await untilListening(port + 1);
  };
  await start();
  return {
    readers: [
      { name: "Virtual 00 00", port },
      { name: "Virtual 00 01", port: port + 1 },
    ],
    start,
    kill,
  };
}

/** Hands pcscd a ready socket as its file descriptor 3, as systemd does it. */
async function launch(socket: string, folder: string): Promise<ChildProcess> {
  const making = `${socket}.new`;
  rmSync(socket, { force: true });
  const server = await listen({ path: making });
  const descriptor = (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
  const script = 'PATH="$PATH:/usr/sbin" LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd --foreground -c "$0"';
  const child = spawn("sh", ["-c", script, folder], { stdio: ["ignore", "ignore", "ignore", descriptor] });
  // Closing a listening socket removes its path, so it gets its name before that.
  renameSync(making, socket);
  server.close();
  return child;
}

async function listen(where: { readonly path: string }): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, resolve);
  });
  return server;
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!isListening(port)) {
    if (performance.now() > deadline) throw new Error(`pcscd does not listen on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Reads the kernel's table, because on a virtual reader a connection would be a card. */
function isListening(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => readFileSync(table, "utf8").split("\n"));
  return rows.some((row) => {
    const [, address, , state] = row.trim().split(/\s+/);
    return state === "0A" && address?.endsWith(local) === true;
  });
}
