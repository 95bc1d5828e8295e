import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import { BenchError } from "../bench-error.ts";

/** The C program on libpcsclite, connected to a card. */
export interface ApduPeer {
  /** Microseconds of each of so many exchanges. */
  readonly exchange: (times: number) => Promise<readonly number[]>;
  readonly stop: () => void;
}

/** Compiles the C program into a folder; it says what is missing when it cannot. */
export function compilePeer(folder: string): string {
  const program = join(folder, "exchange");
  try {
    const flags = execFileSync("pkg-config", ["--cflags", "--libs", "libpcsclite"], { encoding: "utf8" });
    const source = join(projectRoot(), "bench", "peer", "exchange.c");
    execFileSync("cc", ["-O2", "-Wall", "-Werror", "-o", program, source, ...flags.trim().split(/\s+/)]);
  } catch (cause) {
    throw new Error("the peer was not compiled; it needs cc, pkg-config and libpcsclite-dev", { cause });
  }
  return program;
}

/** Reads a line of nanoseconds as microseconds. Throws unless it holds exactly so many positive times. */
export function parseTimes(line: string, count: number): readonly number[] {
  const times = line.trim().split(" ").map(Number);
  if (times.length !== count || !times.every((ns) => Number.isSafeInteger(ns) && ns > 0))
    throw new BenchError("PEER_ANSWER", `the peer answered no ${count} times: ${line.slice(0, 80)}`);
  return times.map((ns) => ns / 1_000);
}

/** Starts the compiled program; it connects to the card in the reader, shared. */
export function startPeer(options: {
  readonly program: string;
  readonly socket: string;
  readonly reader: string;
  readonly command: Uint8Array;
}): ApduPeer {
  const command = Buffer.from(options.command).toString("hex");
  const child = spawn(options.program, [options.reader, command], {
    env: { ...process.env, PCSCLITE_CSOCK_NAME: options.socket },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    exchange: async (times) => {
      child.stdin.write(`${times}\n`);
      const line = await lines.next();
      if (line.done === true)
        throw new BenchError("PEER_ANSWER", `the peer ended with ${child.exitCode ?? "a signal"}`);
      return parseTimes(line.value, times);
    },
    stop: () => void child.kill(),
  };
}
