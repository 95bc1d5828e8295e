import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ShareMode } from "../../reader/reader.ts";

/** By which binding the other process reaches the card. */
export type RivalBinding = "smartcard" | "pcsclite" | "pcscd";

/** An order to the other process. */
export type RivalOrder =
  | { readonly do: "pester"; readonly command: readonly number[] }
  | { readonly do: "hold"; readonly share: ShareMode; readonly exclusively: boolean }
  | { readonly do: "stop" };

/** A report of the other process. */
export type RivalReport =
  | { readonly ready: true }
  | { readonly trying: number }
  | { readonly tried: number; readonly outcome: string }
  | { readonly stopped: true };

/** Another process that wants the same card. */
export interface Rival {
  /** Takes the card shared, sends the command and lets the card go, until it is stopped. */
  pester(command: Uint8Array): void;
  /** Takes the card and keeps it until it is stopped; resolves when it has it. */
  hold(how: { readonly share: ShareMode; readonly exclusively: boolean }): Promise<void>;
  /** How many tries it has begun. */
  readonly begun: number;
  /** How each finished try went: "ok", or the code of the reader error. */
  readonly outcomes: readonly string[];
  /** Resolves when `condition` holds; rejects when it takes far too long. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
  /** Ends the process. */
  end(): Promise<void>;
}

const TIMEOUT_MS = 60_000;

/** What is known of the other process, and a way to wait for more. */
function watchRival(child: ChildProcess) {
  const outcomes: string[] = [];
  const seen = { ready: false, stopped: false, gone: false, begun: 0 };
  const waiting = new Set<() => void>();
  const changed = () => waiting.forEach((check) => check());
  child.on("message", (report: RivalReport) => {
    if ("ready" in report) seen.ready = true;
    else if ("stopped" in report) seen.stopped = true;
    else if ("outcome" in report) outcomes.push(report.outcome);
    else seen.begun = report.trying;
    changed();
  });
  const gone = new Promise<void>((resolve) =>
    child.once("exit", () => {
      seen.gone = true;
      changed();
      resolve();
    }),
  );
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const fail = (why: string) => finish(() => reject(new Error(`the other process ${why}: ${outcomes.join()}`)));
      const check = () => {
        if (condition()) finish(resolve);
        else if (seen.gone) fail("ended");
      };
      const timer = setTimeout(() => fail("did not come so far"), TIMEOUT_MS);
      waiting.add(check);
      check();
    });
  return { seen, outcomes, gone, until };
}

/**
 * Starts another process, which has seen the card when this resolves. `socket` is that of the
 * service.
 */
export async function startRival(options: {
  readonly binding: RivalBinding;
  readonly reader: string;
  readonly socket: string;
}): Promise<Rival> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./rival-program.${extension}`, import.meta.url));
  const child = fork(program, [options.binding, options.reader, options.socket], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const { seen, outcomes, gone, until } = watchRival(child);
  const order = (what: RivalOrder) => void child.send(what);
  const begin = (what: RivalOrder) => {
    seen.begun = 0;
    seen.stopped = false;
    order(what);
  };
  const rival: Rival = {
    pester: (command) => begin({ do: "pester", command: [...command] }),
    hold: async (how) => {
      begin({ do: "hold", ...how });
      await until(() => seen.begun > 0);
    },
    get begun() {
      return seen.begun;
    },
    outcomes,
    until,
    stop: async () => {
      order({ do: "stop" });
      await until(() => seen.stopped);
    },
    end: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
  await until(() => seen.ready);
  return rival;
}
