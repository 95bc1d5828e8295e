import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { BareJournal } from "../../test/harness/bare-journal.ts";
import { codeOf } from "../../test/harness/codes.ts";
import { TIDIES_PER_CHECKPOINT } from "../limits.ts";
import { Journal } from "./journal.ts";
import { JournalMaintenance } from "./maintenance.ts";

let bare: BareJournal;

beforeEach(() => {
  bare = new BareJournal();
});

afterEach(() => {
  bare.remove();
});

function witness(): { readonly journal: string; readonly seq: number; readonly link: string } {
  return JSON.parse(readFileSync(bare.options.witnessPath, "utf8")) as ReturnType<typeof witness>;
}

/** Fills some pages of the file, in one transaction. */
function payMany(): void {
  bare.journal.write(() => {
    for (let number = 0; number < 40; number += 1) bare.pay();
  });
}

describe("tidying the journal", () => {
  it("records how far it has come, also at a close, and nothing else before", () => {
    expect(witness().seq).toBe(0);
    bare.pay();
    expect(witness().seq).toBe(0);
    bare.journal.tidy();
    const { seq, link } = witness();
    expect(seq).toBe(3);
    bare.pay();
    bare.journal.close();
    expect(witness()).toMatchObject({ seq: 6 });
    expect(witness().link).not.toBe(link);
    // A journal that is closed needs nothing.
    bare.journal.tidy();
    bare.journal.close();
    expect(witness()).toMatchObject({ seq: 6 });
  });

  it("copies the log into the file now and then, and not each time", () => {
    const size = (): number => statSync(bare.options.path).size;
    payMany();
    const before = size();
    for (let round = 1; round < TIDIES_PER_CHECKPOINT; round += 1) bare.journal.tidy();
    expect(size()).toBe(before);
    bare.journal.tidy();
    const after = size();
    expect(after).toBeGreaterThan(before);
    payMany();
    for (let round = 1; round < TIDIES_PER_CHECKPOINT; round += 1) bare.journal.tidy();
    expect(size()).toBe(after);
    bare.journal.tidy();
    expect(size()).toBeGreaterThan(after);
  });

  it("is done once the answer has left, and a fault of it is a warning", async () => {
    let tidied = 0;
    new JournalMaintenance({ tidy: () => (tidied += 1) }).soon();
    expect(tidied).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(tidied).toBe(1);
    const warn = jest.spyOn(process, "emitWarning").mockReturnValue();
    try {
      const fault = new Error("the disk is full");
      new JournalMaintenance({
        tidy: () => {
          throw fault;
        },
      }).soon();
      await new Promise((resolve) => setImmediate(resolve));
      expect(warn.mock.calls).toEqual([[expect.stringContaining("the disk is full")]]);
    } finally {
      jest.restoreAllMocks();
    }
  });
});

describe("the witness of a journal", () => {
  const open = (): void => {
    bare.journal = Journal.open(bare.options);
  };

  it.each<[string, (text: string) => string]>([
    ["is no JSON", () => "{"],
    ["names no journal", (text) => text.replace("journal", "diary")],
    ["has no number", (text) => text.replace('"seq":3', '"seq":"3"')],
    ["has a number that is none", (text) => text.replace('"seq":3', '"seq":1.5')],
    ["has no link", (text) => text.replace("link", "chain")],
    ["has a link that is cut", (text) => text.replace(/"link":"0x../, '"link":"0x')],
    [
      "has another link",
      (text) => text.replace(/"link":"0x(.)/, (_, digit) => `"link":"0x${digit === "0" ? "1" : "0"}`),
    ],
    ["is of another journal", (text) => text.replace(/"journal":"./, '"journal":"z')],
    ["was further", (text) => text.replace('"seq":3', '"seq":4')],
  ])("that %s stops the start", (_, change) => {
    bare.pay();
    bare.journal.close();
    const text = readFileSync(bare.options.witnessPath, "utf8");
    writeFileSync(bare.options.witnessPath, change(text));
    expect(codeOf(open)).toBe("JOURNAL_RESTORED");
    writeFileSync(bare.options.witnessPath, text);
    open();
  });
});
