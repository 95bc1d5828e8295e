import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A pcscd of our own with virtual readers; each reader waits for a card on its TCP port. */
export interface Pcscd {
  readonly socket: string;
  readonly readers: readonly { readonly name: string; readonly port: number }[];
  kill(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

// Systemd-style activation gives pcscd a socket of our choice without root and beside another one.
const ACTIVATE = `
use strict; use Socket; use POSIX ();
$^F = 16;
my ($path, @command) = @ARGV;
unlink $path;
socket(my $listener, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
bind($listener, pack_sockaddr_un($path)) or die "bind: $!";
listen($listener, 64) or die "listen: $!";
if (fileno($listener) != 3) { POSIX::dup2(fileno($listener), 3) or die "dup2: $!"; }
$ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;
exec { $command[0] } @command or die "exec: $!";
`;

export async function startPcscd({ readers }: { readers: number }): Promise<Pcscd> {
  const folder = mkdtempSync(join(tmpdir(), "apdu-pcscd-"));
  const configuration = join(folder, "conf");
  const socket = join(folder, "pcscd.comm");
  const ports = await freePorts(readers);
  mkdirSync(configuration);
  const entries = ports.map((port, index) => {
    const channel = `0x${port.toString(16)}`;
    const library = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
    return `FRIENDLYNAME "Virtual ${index}"\nDEVICENAME /dev/null:${channel}\nLIBPATH ${library}\nCHANNELID ${channel}\n`;
  });
  writeFileSync(join(configuration, "reader.conf"), entries.join("\n"));
  let child: ChildProcess | null = null;
  const start = async () => {
    child = spawn("perl", ["-e", ACTIVATE, socket, "pcscd", "--foreground", "-c", configuration], { stdio: "ignore" });
    await Promise.all(ports.map((port) => untilListening(port)));
  };
  const kill = async () => {
    const running = child;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    socket,
    readers: ports.map((port, index) => ({ name: `Virtual ${index} 00 00`, port })),
    start,
    kill,
    dispose: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Pairs of neighbouring free ports, because each virtual reader opens two slots. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count && tries < 200; tries++) {
    const port = await probe(0);
    const taken = ports.some((other) => Math.abs(other - port) < 2);
    if (port !== null && !taken && (await probe(port + 1)) !== null) ports.push(port);
  }
  if (ports.length < count) throw new Error("no free ports");
  return ports as number[];
}

function probe(port: number | null): Promise<any> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port ?? 0, "0.0.0.0", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`pcscd does not listen on port ${port}`);
}
