import { afterEach, describe, expect, it } from "@jest/globals";
import { ManualTimer, settled } from "@tallystick/program/testing";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { type Finding, type Probe, reason, warning } from "./findings.ts";
import { ProbeBoard } from "./probe-board.ts";

const EPOCH = 1_790_000_000_000;

/** A part that a test makes well, ill or hanging. */
class Part implements Probe {
  readonly everyMs = LIMITS.probeMs;
  readonly name: string;
  looks = 0;
  state: "well" | "hangs" | readonly Finding[] | Error = "well";
  private release: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  async look(): Promise<readonly Finding[]> {
    this.looks += 1;
    if (this.state === "hangs") await new Promise<void>((resolve) => this.release.push(resolve));
    if (this.state instanceof Error) throw this.state;
    return typeof this.state === "string" ? [] : this.state;
  }

  fault({ kind }: Parameters<Probe["fault"]>[0]): readonly Finding[] {
    return [reason(`${this.name}_${kind.toUpperCase()}`, "It is away.", "Start it.")];
  }

  /** Lets what hangs go on. */
  goOn(): void {
    this.state = "well";
    for (const each of this.release.splice(0)) each();
  }
}

describe("the board of probes", () => {
  const timer = new ManualTimer();
  let board: ProbeBoard;
  let parts: readonly Part[];

  function start(...names: readonly string[]): readonly Part[] {
    parts = names.map((name) => new Part(name));
    board = new ProbeBoard({
      ...{ probes: parts, now: () => EPOCH + timer.now, elapsed: () => timer.now, timer },
      log: { log: () => undefined, warn: () => undefined },
    });
    board.start();
    return parts;
  }

  /** What it answers at once, without any time passing. */
  async function now(): Promise<readonly string[]> {
    let codes: readonly string[] | null = null;
    void board.report().then(({ reasons }) => {
      codes = reasons.map(({ code }) => code);
    });
    await settled();
    if (codes === null) throw new Error("the report waits");
    return codes;
  }

  afterEach(async () => {
    for (const part of parts) part.goOn();
    const stopped = board.stop();
    await timer.pass(LIMITS.probeLimitMs);
    await stopped;
  });

  it("is ready where every part is well, and answers from what it saw last", async () => {
    const [part] = start("A");
    await timer.pass(0);
    expect(await board.report()).toEqual({ ready: true, reasons: [], warnings: [] });
    for (let asked = 0; asked < 100; asked += 1) await board.report();
    expect(part?.looks).toBe(1);
    await timer.pass(LIMITS.probeMs);
    expect(part?.looks).toBe(2);
  });

  it("says since when, and what to do", async () => {
    const [part] = start("A");
    if (part !== undefined) part.state = [reason("SICK", "It is sick.", "Heal it.")];
    await timer.pass(0);
    const expected = { code: "SICK", message: "It is sick.", next: "Heal it." };
    const began = new Date(EPOCH + timer.now).toISOString();
    expect((await board.report()).reasons).toEqual([{ ...expected, since: began }]);
    await timer.pass(LIMITS.probeMs);
    expect((await board.report()).reasons).toEqual([{ ...expected, since: began }]);
    if (part !== undefined) part.state = "well";
    await timer.pass(LIMITS.probeMs);
    expect(await now()).toEqual([]);
    if (part !== undefined) part.state = [reason("SICK", "It is sick.", "Heal it.")];
    await timer.pass(LIMITS.probeMs);
    const again = new Date(EPOCH + timer.now).toISOString();
    expect((await board.report()).reasons).toEqual([{ ...expected, since: again }]);
  });

  it("knows at once what stands and since when, whether or not anybody asked for a report", async () => {
    const [a] = start("A", "B");
    expect(board.standing(["A_THREW"])).toBeNull();
    if (a !== undefined) a.state = new Error("away");
    await timer.pass(0);
    const since = new Date(EPOCH + timer.now).toISOString();
    await timer.pass(2 * LIMITS.probeMs);
    expect(board.standing(["B_THREW", "A_THREW"])).toMatchObject({ code: "A_THREW", next: "Start it.", since });
    expect(board.standing(["B_THREW"])).toBeNull();
    if (a !== undefined) a.state = "well";
    await timer.pass(LIMITS.probeMs);
    expect(board.standing(["A_THREW"])).toBeNull();
  });

  it("keeps the time that is on record", async () => {
    const [part] = start("A");
    const since = new Date(EPOCH - 86_400_000);
    if (part !== undefined) part.state = [{ ...warning("OLD", "It is old.", "Renew it."), since }];
    await timer.pass(0);
    const report = await board.report();
    expect([report.ready, report.warnings.map((note) => note.since)]).toEqual([true, [since.toISOString()]]);
  });

  it("answers at once while a part hangs, which is a reason, and begins no second look beside it", async () => {
    const [a, b] = start("A", "B");
    await timer.pass(0);
    if (a !== undefined) a.state = "hangs";
    await timer.pass(LIMITS.probeMs);
    expect(await now()).toEqual([]);
    await timer.pass(LIMITS.probeLimitMs);
    expect(await now()).toEqual(["A_HANGS"]);
    for (let pass = 0; pass < 10; pass += 1) {
      await timer.pass(LIMITS.probeMs);
      await timer.pass(LIMITS.probeLimitMs);
    }
    expect(a?.looks).toBe(2);
    expect(b?.looks).toBeGreaterThan(5);
    a?.goOn();
    await timer.pass(LIMITS.probeMs);
    expect(await now()).toEqual([]);
  });

  it("names a part that throws, and goes on looking", async () => {
    const [part] = start("A");
    if (part !== undefined) part.state = new Error("away");
    await timer.pass(0);
    expect(await now()).toEqual(["A_THREW"]);
    if (part !== undefined) part.state = "well";
    await timer.pass(LIMITS.probeMs);
    expect(await now()).toEqual([]);
  });

  it("waits for the first looks after a start, but not for long", async () => {
    const [a] = start("A", "B");
    if (a !== undefined) a.state = "hangs";
    let codes: readonly string[] | null = null;
    void board.report().then(({ reasons }) => {
      codes = reasons.map(({ code }) => code);
    });
    await timer.pass(LIMITS.answerWaitMs - 1);
    expect(codes).toBeNull();
    await timer.pass(1);
    expect(codes).toEqual(["A_HANGS"]);
  });
});
