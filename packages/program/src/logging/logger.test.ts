import { describe, expect, it } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { createLogger } from "./logger.ts";

/** Level, context and message of every line that is written. */
function linesOf(level: string, write: (logger: ReturnType<typeof createLogger>) => void): readonly unknown[][] {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  write(createLogger({ app: "settlement", level, destination }));
  return lines.map(({ level: number, name, context, msg, err }) => [number, name, context, msg, err].slice(0, 5));
}

describe("a service's log", () => {
  it("is one JSON object a line, with the program's name and the part that writes", () => {
    const lines = linesOf("info", (logger) => {
      logger.log("It runs.", "Workers");
      logger.warn("It waits.", "Workers");
      logger.fatal?.("It ends.", "Workers");
      logger.debug?.("Unseen.", "Workers");
      logger.verbose?.("Unseen.", "Workers");
    });
    expect(lines).toEqual([
      [30, "settlement", "Workers", "It runs.", undefined],
      [40, "settlement", "Workers", "It waits.", undefined],
      [60, "settlement", "Workers", "It ends.", undefined],
    ]);
  });

  it("keeps the stack of an error", () => {
    const [[level, , context, message, error] = []] = linesOf("info", (logger) => {
      logger.error("It failed.", "Error: It failed.\n    at here", "Workers");
    });
    expect([level, context, message]).toEqual([50, "Workers", "It failed."]);
    expect(error).toMatchObject({ stack: expect.stringContaining("at here") });
  });

  it("shows the framework's chatter at a start at the level debug", () => {
    const write = (logger: ReturnType<typeof createLogger>): void => {
      logger.log("Mapped {/v1/taps, POST}", "RouterExplorer");
      logger.warn("Odd.", "RouterExplorer");
    };
    expect(linesOf("info", write).map(([level]) => level)).toEqual([40]);
    expect(linesOf("debug", write).map(([level]) => level)).toEqual([20, 40]);
  });

  it("counts equal warnings of a part instead of repeating them", () => {
    const lines = linesOf("info", (logger) => {
      for (let time = 0; time < 240; time += 1) logger.warn("NO_GAS", "Sender");
      logger.warn("NO_GAS", "Other part");
      logger.log("It runs.", "Sender");
      logger.log("It runs.", "Sender");
    });
    expect(lines.map(([, , context, message]) => [context, message])).toEqual([
      ["Sender", "NO_GAS"],
      ["Other part", "NO_GAS"],
      ["Sender", "It runs."],
      ["Sender", "It runs."],
    ]);
  });

  it("says how often a warning came, once it is due again", () => {
    const texts: unknown[] = [];
    const destination = { write: (line: string) => void texts.push((JSON.parse(line) as { msg: unknown }).msg) };
    let now = 0;
    const logger = createLogger({ app: "settlement", level: "info", destination, elapsed: () => now });
    for (let time = 0; time < 5; time += 1) logger.warn("NO_GAS", "Sender");
    now = 60_000;
    logger.warn("NO_GAS", "Sender");
    expect(texts).toEqual(["NO_GAS", expect.stringMatching(/^NO_GAS \(4 /)]);
  });

  it("is what Nest's own Logger writes to", () => {
    const lines = linesOf("info", (logger) => {
      Logger.overrideLogger(logger);
      new Logger("Part").warn("It waits.");
      Logger.overrideLogger(false);
    });
    expect(lines).toEqual([[40, "settlement", "Part", "It waits.", undefined]]);
  });
});
