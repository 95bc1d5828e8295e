import { describe, expect, it } from "@jest/globals";
import { Failure } from "../failures.ts";
import { createJsonReporter, createTextReporter, type Reporter } from "./reporter.ts";

function linesOf(create: (write: (line: string) => void) => Reporter, use: (reporter: Reporter) => void): string[] {
  const lines: string[] = [];
  use(create((line) => void lines.push(line)));
  return lines;
}

function reportAll(reporter: Reporter): void {
  reporter.step("domain", "BEGUN", null);
  reporter.step("domain", "DONE", "0xca");
  reporter.step("owner", "KNOWN", "0xca");
  reporter.done({ card: "0xca", message: "Ready." });
  reporter.failed(new Failure("CARD_REMOVED"), { card: "0xca", step: "owner" });
}

describe("reporters", () => {
  it("write one JSON object a line, always with the same fields", () => {
    const objects = linesOf((write) => createJsonReporter("r", write), reportAll).map(
      (line) => JSON.parse(line) as object,
    );
    const all = {
      schema: "tallystick.personalize/1",
      reference: "r",
      card: "0xca",
      step: null,
      code: null,
      next: null,
    };
    expect(objects).toEqual([
      { ...all, event: "step", card: null, step: "domain", code: "BEGUN", message: "Begun: domain." },
      { ...all, event: "step", step: "domain", code: "DONE", message: "The card knows its vault and chain." },
      { ...all, event: "step", step: "owner", code: "KNOWN", message: "Done before. The card knows its owner." },
      { ...all, event: "done", message: "Ready." },
      {
        ...{ ...all, event: "failed", step: "owner", code: "CARD_REMOVED" },
        message: "The card was taken away before it was done.",
        next: "Put the same card back. Run the same command again with the same card; it goes on where it stopped.",
      },
    ]);
  });

  it("write for people what was done, and what to do", () => {
    expect(linesOf((write) => createTextReporter("r", write), reportAll)).toEqual([
      "✓ The card knows its vault and chain.",
      "· The card knows its owner.",
      "r: card 0xca. Ready.",
      "✗ Stopped at owner.",
    ]);
  });
});
