import { closeSync, openSync, readSync } from "node:fs";
import { StackError } from "../errors.ts";
import type { OwnedProcess } from "./owned-process.ts";
import { until } from "../wait.ts";

/** Reads the JSON lines that a process writes to its standard output, in order, from the file they go to. */
export type LineFollower = {
  /**
   * The first event, from where the last call stopped, that `accepts` takes. Lines that are not JSON objects are passed over.
   * @throws StackError STOPPED_EARLY when the process ends first, NO_EVENT when the deadline passes
   */
  readonly next: (
    what: string,
    accepts: (event: Record<string, unknown>) => boolean,
    deadlineMs: number,
  ) => Promise<Record<string, unknown>>;
};

/** Follows the output of `process` from where it is now, or from `offset` bytes on. */
export function followLines(process: OwnedProcess, offset = 0): LineFollower {
  let position = offset;
  let rest = Buffer.alloc(0);
  const pending: string[] = [];
  const read = (): void => {
    const chunk = Buffer.alloc(65_536);
    const file = openSync(process.stdoutFile, "r");
    try {
      for (;;) {
        const count = readSync(file, chunk, 0, chunk.length, position);
        if (count === 0) break;
        position += count;
        rest = Buffer.concat([rest, chunk.subarray(0, count)]);
      }
    } finally {
      closeSync(file);
    }
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      pending.push(rest.subarray(0, end).toString("utf8"));
      rest = rest.subarray(end + 1);
    }
  };
  const take = (accepts: (event: Record<string, unknown>) => boolean): Record<string, unknown> | undefined => {
    for (let line = pending.shift(); line !== undefined; line = pending.shift()) {
      const event = parseObject(line);
      if (event !== undefined && accepts(event)) return event;
    }
    return undefined;
  };
  return {
    next: async (what, accepts, deadlineMs) => {
      const nextEvent = (): Record<string, unknown> | undefined => {
        const running = process.isRunning();
        read();
        const event = take(accepts);
        if (event === undefined && !running) {
          throw new StackError("STOPPED_EARLY", `the process ended before ${what}:\n${process.tail()}`);
        }
        return event;
      };
      try {
        return await until(what, nextEvent, deadlineMs);
      } catch (error) {
        if (!(error instanceof StackError) || error.code !== "DID_NOT_START") throw error;
        throw new StackError("NO_EVENT", `${error.message}; the process wrote:\n${process.tail()}`);
      }
    },
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
