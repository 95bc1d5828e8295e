import { beforeEach, describe, expect, it } from "@jest/globals";
import { DEFAULT_END_MS, SAME_SIGNAL_MS } from "../limits.ts";
import { EXIT, type ExitCode } from "../lines/exits.ts";
import { ManualTimer, settled } from "../testing/manual-timer.ts";
import { endGracefully, type EndSignal, type GracefulEnd } from "./graceful-end.ts";

/** A process that is only asked to end. */
class FakeProcess {
  readonly exits: ExitCode[] = [];
  private readonly listeners = new Map<EndSignal, () => void>();

  on(signal: EndSignal, listener: () => void): void {
    this.listeners.set(signal, listener);
  }

  off(signal: EndSignal): void {
    this.listeners.delete(signal);
  }

  exit(code: ExitCode): void {
    this.exits.push(code);
  }

  send(signal: EndSignal): void {
    this.listeners.get(signal)?.();
  }
}

let program: FakeProcess;
let timer: ManualTimer;
let reported: string[];
let ended: number;
let finish: () => void;
let fail: (error: Error) => void;

beforeEach(() => {
  program = new FakeProcess();
  timer = new ManualTimer();
  reported = [];
  ended = 0;
});

function start(exit?: "interrupted"): GracefulEnd {
  return endGracefully({
    ...(exit === undefined ? {} : { exit }),
    end: () => {
      ended += 1;
      return new Promise<void>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
    },
    ...{ report: (message) => reported.push(message), process: program, timer, elapsed: () => timer.now },
  });
}

describe("the end of a program", () => {
  it.each<EndSignal>(["SIGTERM", "SIGINT", "SIGHUP"])(
    "begins with %s, finishes its work, and is done",
    async (signal) => {
      const end = start();
      expect(end.signal.aborted).toBe(false);
      program.send(signal);
      expect([end.signal.aborted, ended, program.exits]).toEqual([true, 1, []]);
      finish();
      await settled();
      expect([program.exits, timer.waits]).toEqual([[EXIT.done], []]);
    },
  );

  it("is an interruption where that is what it was for", async () => {
    start("interrupted");
    program.send("SIGINT");
    finish();
    await settled();
    expect(program.exits).toEqual([EXIT.interrupted]);
  });

  it("comes at once with a second signal", () => {
    start();
    program.send("SIGTERM");
    timer.now += SAME_SIGNAL_MS;
    program.send("SIGINT");
    expect([program.exits, ended]).toEqual([[EXIT.interrupted], 1]);
  });

  it("takes a signal that comes twice for one: a launcher passes on what the terminal sent to both", () => {
    start();
    program.send("SIGINT");
    timer.now += SAME_SIGNAL_MS - 1;
    program.send("SIGINT");
    expect([program.exits, ended]).toEqual([[], 1]);
  });

  it("comes when the work takes too long", async () => {
    start();
    program.send("SIGTERM");
    await timer.pass(DEFAULT_END_MS - 1);
    expect(program.exits).toEqual([]);
    await timer.pass(1);
    expect([program.exits, reported.length]).toEqual([[EXIT.failed], 1]);
  });

  it("has failed when its work has", async () => {
    start();
    program.send("SIGTERM");
    fail(new Error("the journal is gone"));
    await settled();
    expect([program.exits, reported.length, timer.waits]).toEqual([[EXIT.failed], 1, []]);
  });

  it("is nobody's business once it is disposed of", () => {
    start().dispose();
    program.send("SIGTERM");
    program.send("SIGINT");
    expect([ended, program.exits]).toEqual([0, []]);
  });
});
