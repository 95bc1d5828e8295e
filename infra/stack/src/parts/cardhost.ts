import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { javaCommand } from "./cardhost-command.ts";
import { followLines } from "../processes/line-follower.ts";
import { type Ending, startOwnedProcess } from "../processes/owned-process.ts";
import { START_DEADLINE_MS } from "../limits.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";

/** When the card loses its power: at the n-th durable write since the start, before or after it took effect. */
export type Tear = { readonly event: number; readonly when: "before" | "after" };

export type Cardhost = {
  readonly pid: number;
  readonly state: string;
  /** The ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** The next event line with this name, from where the last call stopped. */
  readonly nextEvent: (name: string, deadlineMs?: number) => Promise<Record<string, unknown>>;
  /** Takes the card off the reader: stops the process and keeps the state folder. */
  readonly stop: () => Promise<Ending>;
  /** Kill −9; the state folder stays as it is at that moment. */
  readonly kill: () => Promise<Ending>;
};

/** A chip whose time is modelled. */
export type Chip = "jcop3" | "jcop3-scp03" | "jcop4";

/** How a modelled chip is reached: the rate in kbit/s over NFC, or its contacts. */
export type Medium = "contact" | "nfc106" | "nfc212" | "nfc424" | "nfc848";

export type CardhostOptions = {
  /** The virtual reader's TCP port to connect to, or the port to listen on with `listen`. */
  readonly port: number;
  /** The card's folder; made when it does not exist. Copying it copies the card. */
  readonly state: string;
  readonly tear?: Tear;
  /** Take the time that a known chip would take, and print an event `latency` for each command. */
  readonly latency?: Chip;
  /** How that chip is reached; `nfc106` unless given. */
  readonly medium?: Medium;
  /** Print for each command an event `prices`: what it would take on every chip by every medium. */
  readonly prices?: boolean;
  /** What a new card is made as: cardhost's own arguments, such as `--chip jcop4 --blank`. */
  readonly birth?: readonly string[];
  /** Speak the reader's protocol as a server, for machines without the virtual driver. */
  readonly listen?: boolean;
};

/** Starts a simulated card and waits until it is in its reader. */
export async function startCardhost(options: CardhostOptions): Promise<Cardhost> {
  mkdirSync(options.state, { recursive: true });
  const folder = makeWorkFolder("cardhost");
  const { command, args } = javaCommand();
  const host = await startOwnedProcess({
    command,
    args: [
      ...args,
      ...["--port", String(options.port), "--state", options.state],
      ...(options.tear === undefined ? [] : ["--tear", `${options.tear.event}:${options.tear.when}`]),
      ...(options.latency === undefined ? [] : ["--latency", options.latency]),
      ...(options.medium === undefined ? [] : ["--medium", options.medium]),
      ...(options.prices === true ? ["--prices"] : []),
      ...(options.listen === true ? ["--listen"] : []),
      ...(options.birth ?? []),
    ],
    stdoutFile: join(folder.path, "events.jsonl"),
    stderrFile: join(folder.path, "cardhost.log"),
  });
  const lines = followLines(host);
  const finish = async (ending: Promise<Ending>): Promise<Ending> => {
    const result = await ending;
    folder.remove();
    return result;
  };
  const ready = await lines
    .next("the card being in its reader", (event) => event["event"] === "ready", START_DEADLINE_MS)
    .catch(async (error: unknown) => {
      await finish(host.kill());
      throw error;
    });
  return {
    pid: host.pid,
    state: options.state,
    ready,
    nextEvent: async (name, deadlineMs = START_DEADLINE_MS) =>
      await lines.next(`the event ${name}`, (event) => event["event"] === name, deadlineMs),
    stop: async () => await finish(host.stop()),
    kill: async () => await finish(host.kill()),
  };
}
