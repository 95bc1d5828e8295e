import { once } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { Problem } from "../../foundation/http/problem.ts";
import { STATEMENT_STALL_MS, STATEMENT_WHOLE_MS } from "../statements/limits.ts";
import { StatementPlaces } from "./statement-places.ts";

const taken = (places: StatementPlaces, of: string | null): (() => void) | string => {
  try {
    return places.take(of);
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
};
const LEAVE = expect.any(Function);

describe("places of statements", () => {
  it("are two of one merchant, three of merchants, and four in all, of which one is always staff's", () => {
    const places = new StatementPlaces();
    const first = taken(places, "a");
    expect([first, taken(places, "a"), taken(places, "a")]).toEqual([LEAVE, LEAVE, "LIMIT_REACHED"]);
    expect([taken(places, "b"), taken(places, "b")]).toEqual([LEAVE, "LIMIT_REACHED"]);
    expect([taken(places, null), taken(places, null)]).toEqual([LEAVE, "LIMIT_REACHED"]);
    // Given back twice it is one place.
    for (let time = 0; time < 2; time += 1) (first as () => void)();
    expect([taken(places, "c"), taken(places, "c"), taken(places, null)]).toEqual([
      ...[LEAVE, "LIMIT_REACHED", "LIMIT_REACHED"],
    ]);
  });

  it("may all be staff's", () => {
    const places = new StatementPlaces();
    expect(Array.from({ length: 5 }, () => taken(places, null))).toEqual([LEAVE, LEAVE, LEAVE, LEAVE, "LIMIT_REACHED"]);
    expect(taken(places, "a")).toBe("LIMIT_REACHED");
  });
});

/** A timer of which a test runs what is due. */
class ScriptedTimer {
  after = (ms: number, run: () => void): (() => void) => {
    const own = { ms, run };
    this.all.add(own);
    return () => this.all.delete(own);
  };
  readonly all = new Set<{ readonly ms: number; readonly run: () => void }>();

  due(ms: number): void {
    for (const each of this.all) if (each.ms === ms) each.run();
  }
}

async function* pieces(count: number): AsyncGenerator<string> {
  for (let piece = 0; piece < count; piece += 1) yield await Promise.resolve(`${piece};`);
}

describe("a statement's stream", () => {
  it("ends as its pieces do, and leaves no timer", async () => {
    const timer = new ScriptedTimer();
    const stream = new StatementPlaces(timer).stream(pieces(40));
    let text = "";
    for await (const piece of stream) text += String(piece);
    expect(text).toBe(Array.from({ length: 40 }, (_, piece) => `${piece};`).join(""));
    expect(timer.all.size).toBe(0);
  });

  it.each([STATEMENT_STALL_MS, STATEMENT_WHOLE_MS])(
    "is broken off where a reader takes nothing for %i ms",
    async (ms) => {
      const timer = new ScriptedTimer();
      const stream = new StatementPlaces(timer).stream(pieces(400));
      let fault: unknown = null;
      stream.on("error", (error) => (fault = error));
      const closed = new Promise<void>((resolve) => stream.once("close", resolve));
      await once(stream, "readable");
      expect(String(stream.read())).toBe("0;");
      // It has made ready what a stream holds, and waits for its reader.
      await new Promise((resolve) => setImmediate(resolve));
      timer.due(ms);
      await closed;
      expect(fault).toBeInstanceOf(Error);
      expect([stream.destroyed, stream.readableEnded, timer.all.size]).toEqual([true, false, 0]);
    },
  );
});
