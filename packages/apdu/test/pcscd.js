import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
const DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const START_TIMEOUT_MS = 15_000;
/** Starts pcscd with its service at `socket`, beside any other pcscd and without root. */
export async function startPcscd({ readers, socket }) {
  const folder = join(dirname(socket), "readers");
  const ports = await freePortPairs(readers);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "virtual.conf"), ports.map(readerEntry).join("\n"));
  let child = null;
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  };
  process.once("exit", () => child?.kill("SIGKILL"));
  const start = async () => {
    child = await launch(socket, folder);
    await Promise.all(ports.map(untilListening));
  };
  await start();
  return { readers: ports.map((port, index) => ({ name: `Virtual ${index} 00 00`, port })), start, kill };
}
function readerEntry(port, index) {
  const channel = `0x${port.toString(16)}`;
  return `FRIENDLYNAME "Virtual ${index}"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${DRIVER}\nCHANNELID ${channel}\n`;
}
/** Hands pcscd a ready socket as its file descriptor 3, as systemd does it. */
async function launch(socket, folder) {
  const making = `${socket}.new`;
  rmSync(socket, { force: true });
  const server = await listen({ path: making });
  const descriptor = server._handle.fd;
  const script = 'LISTEN_FDS=1 LISTEN_PID=$$ exec pcscd --foreground -c "$0"';
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
  const child = spawn("sh", ["-c", script, folder], { env, stdio: ["ignore", "ignore", "ignore", descriptor] });
  // Closing a listening socket removes its path, so it gets its name before that.
  renameSync(making, socket);
  server.close();
  return child;
}
/** Ports whose neighbour is free too, because each virtual reader opens two slots. */
async function freePortPairs(count) {
  const ports = [];
  for (let tries = 0; ports.length < count && tries < 200; tries++) {
    const port = await freePort(0);
    if (port === null || ports.some((other) => Math.abs(other - port) < 2)) continue;
    if ((await freePort(port + 1)) !== null) ports.push(port);
  }
  if (ports.length < count) throw new Error("no free ports");
  return ports;
}
async function freePort(port) {
  try {
    const server = await listen({ port });
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    return address !== null && typeof address === "object" && address.port < 65_535 ? address.port : null;
  } catch {
    return null;
  }
}
async function listen(where) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, resolve);
  });
  return server;
}
async function untilListening(port) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!isListening(port)) {
    if (performance.now() > deadline) throw new Error(`pcscd does not listen on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
/** Reads the kernel's table, because on a virtual reader a connection would be a card. */
function isListening(port) {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => readFileSync(table, "utf8").split("\n"));
  return rows.some((row) => {
    const [, address, , state] = row.trim().split(/\s+/);
    return state === "0A" && address?.endsWith(local) === true;
  });
}
//# sourceMappingURL=pcscd.js.map
