import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Journal } from "../journal/journal.ts";
import { STEP_NAMES, STEP_SENTENCES } from "./step-names.ts";
import { numberOf, StepRunner, textOf } from "./step-runner.ts";

let folder: string;
let journal: Journal;
let seen: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-steps-"));
  journal = new Journal(join(folder, "journal.sqlite"));
  journal.begin("r", { domain: "", instance: 1, owner: "", fund: "" }, 1);
  seen = [];
});

afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function runner(signal = new AbortController().signal): StepRunner {
  const environment = {
    now: () => 7,
    randomBytes: () => new Uint8Array(0),
    pause: () => Promise.reject(new Error("no step waits here")),
  };
  return new StepRunner({
    ...{ journal, reference: "r", environment, signal },
    observe: (step, code) => void seen.push(`${step} ${code}`),
  });
}

describe("StepRunner", () => {
  it("stores a step as begun before its work, and as done after it", async () => {
    const steps = runner();
    const data = await steps.run("domain", {
      prepare: () => ({ drawn: 1 }),
      work: async (prepared) => {
        expect(journal.step("r", "domain")).toEqual({ state: "begun", data: { drawn: 1 } });
        return { ...prepared, answer: "x" };
      },
    });
    expect(data).toEqual({ drawn: 1, answer: "x" });
    expect(journal.step("r", "domain")).toEqual({ state: "done", data });
    expect(seen).toEqual(["domain BEGUN", "domain DONE"]);
  });

  it("gives a failed step the same preparation again, and does a done one never again", async () => {
    const steps = runner();
    const prepare = () => ({ drawn: Math.trunc(performance.now() * 1_000) });
    const first = await steps
      .run("final-tap", { prepare, work: (prepared) => Promise.reject(new Error(JSON.stringify(prepared))) })
      .catch((error: unknown) => JSON.parse((error as Error).message) as unknown);
    const second = await runner().run("final-tap", {
      prepare: () => ({ drawn: -1 }),
      work: async (prepared) => prepared,
    });
    expect(second).toEqual(first);
    const third = await runner().run("final-tap", { work: () => Promise.reject(new Error("done twice")) });
    expect(third).toEqual(first);
    expect(seen.at(-1)).toBe("final-tap KNOWN");
  });

  it("begins nothing after a stop", async () => {
    const stop = new AbortController();
    stop.abort();
    const work = () => Promise.reject(new Error("began"));
    await expect(runner(stop.signal).run("domain", { work })).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(journal.step("r", "domain")).toBeNull();
  });

  it("refuses to go on without what an earlier step had to leave", () => {
    expect(() => runner().dataOf("opening")).toThrow(expect.objectContaining({ code: "FAULT" }));
  });

  it("reads no text and no number that the journal does not have", () => {
    expect(textOf({ card: "0x0a" }, "card")).toBe("0x0a");
    expect(numberOf({ attempt: 0 }, "attempt")).toBe(0);
    for (const value of [undefined, null, 7])
      expect(() => textOf(value === undefined ? {} : { card: value }, "card")).toThrow(
        expect.objectContaining({ code: "FAULT" }),
      );
    for (const value of [undefined, null, "7"])
      expect(() => numberOf(value === undefined ? {} : { attempt: value }, "attempt")).toThrow(
        expect.objectContaining({ code: "FAULT" }),
      );
  });

  it("has a sentence of its own for every step", () => {
    const sentences = STEP_NAMES.map((name) => STEP_SENTENCES[name]);
    expect(new Set(sentences).size).toBe(STEP_NAMES.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
