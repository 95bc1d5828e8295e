import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { isGivenUp, Journal, type Particulars } from "./journal.ts";

const particulars: Particulars = { domain: "0x00", instance: 1, owner: "0x0a", fund: "5" };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-journal-"));
  path = join(folder, "journal.sqlite");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function use<T>(work: (journal: Journal) => T): T {
  const journal = new Journal(path);
  try {
    return work(journal);
  } finally {
    journal.close();
  }
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return "nothing thrown";
}

describe("Journal", () => {
  it("knows the keys that a card may have: what was proved, and what was sent and not proved yet", () => {
    use((journal) => {
      expect(journal.keysOfCard("aa")).toEqual([]);
      journal.rememberRefusedKeys("aa", "NEW", 1);
      journal.rememberKeys("aa", "OLD");
      journal.expectKeys("aa", "NEW");
      expect([journal.keysOfCard("aa"), journal.areKeysRefused("aa", "NEW")]).toEqual([["NEW", "OLD"], false]);
    });
    use((journal) => {
      expect(journal.keysOfCard("aa")).toEqual(["NEW", "OLD"]);
      journal.rememberKeys("aa", "OLD");
      expect(journal.keysOfCard("aa")).toEqual(["OLD"]);
      journal.expectKeys("aa", "NEW");
      journal.rememberKeys("aa", "NEW");
      expect([journal.keysOfCard("aa"), journal.keysOfCard("bb")]).toEqual([["NEW"], []]);
    });
  });

  it("keeps changes together or none of them, also those that are several by themselves", () => {
    const adopted = (journal: Journal, last: () => void) =>
      journal.together(() => {
        journal.begin("r", particulars, 1);
        journal.bindCard("r", "aa");
        journal.beginStep("r", "pin", {}, 2);
        journal.giveTo("r", "s", { forget: ["pin"], again: {} });
        last();
      });
    const stopped = () => {
      throw Object.assign(new Error("a loss of power"), { code: "STOPPED" });
    };
    use((journal) => {
      expect(codeOf(() => adopted(journal, stopped))).toBe("STOPPED");
      expect([journal.runs(), journal.runOfCard("aa", 1)]).toEqual([[], null]);
      adopted(journal, () => undefined);
    });
    use((journal) => expect(journal.runOfCard("aa", 1)).toMatchObject({ reference: "s" }));
  });

  it("knows the keys of cards that an earlier release made", () => {
    use((journal) => {
      journal.begin("r", particulars, 1);
      journal.bindCard("r", "aa");
      journal.beginStep("r", "replace-keys", {}, 2);
      expect(journal.keysOfCard("aa")).toEqual([]);
      journal.finishStep("r", "replace-keys", { keys: "504A77" }, 3);
    });
    const db = new Database(path);
    const columns = ["station", "operator", "facts"].map((name) => `alter table runs drop column ${name}`);
    db.exec(["drop table card_keys", ...columns, "pragma user_version = 1"].join(";"));
    db.close();
    use((journal) => {
      expect(journal.keysOfCard("aa")).toEqual(["504A77"]);
    });
  });

  it("knows after a restart what was written", () => {
    use((journal) => {
      journal.begin("r", particulars, 1);
      journal.bindCard("r", "aa");
      journal.beginStep("r", "domain", {}, 2);
      journal.finishStep("r", "domain", { x: 1 }, 3);
      journal.beginStep("r", "owner", { y: "z" }, 4);
    });
    use((journal) => {
      const made = { station: null, operator: null, facts: {} };
      expect(journal.run("r")).toEqual({ reference: "r", particulars, cardName: "aa", done: false, made });
      expect(journal.step("r", "domain")).toEqual({ state: "done", data: { x: 1 } });
      expect(journal.step("r", "owner")).toEqual({ state: "begun", data: { y: "z" } });
      expect(journal.step("r", "pin")).toBeNull();
      expect(journal.steps("r").map(({ name }) => name)).toEqual(["domain", "owner"]);
      expect(journal.runOfCard("aa", 1)?.reference).toBe("r");
      expect(journal.runOfCard("aa", 2)).toBeNull();
    });
  });

  it("keeps what a step prepared first", () => {
    use((journal) => {
      journal.begin("r", particulars, 1);
      expect(journal.beginStep("r", "final-tap", { request: "first" }, 1)).toEqual({ request: "first" });
      expect(journal.beginStep("r", "final-tap", { request: "second" }, 2)).toEqual({ request: "first" });
    });
  });

  it("ties a reference to one card, and a card to one reference", () => {
    use((journal) => {
      journal.begin("r", particulars, 1);
      journal.begin("s", particulars, 1);
      journal.bindCard("r", "aa");
      journal.bindCard("r", "aa");
      expect(codeOf(() => journal.bindCard("r", "bb"))).toBe("FAULT");
      expect(codeOf(() => journal.bindCard("s", "aa"))).toBe("SQLITE_CONSTRAINT_UNIQUE");
      expect(codeOf(() => journal.begin("r", particulars, 2))).toBe("SQLITE_CONSTRAINT_PRIMARYKEY");
    });
  });

  it("gives a card to another reference, and keeps one that is given up for the next", () => {
    use((journal) => {
      journal.begin("r", particulars, 1, { station: "one", operator: "otto" });
      journal.bindCard("r", "aa");
      for (const name of ["domain", "pin", "fund"]) {
        journal.beginStep("r", name, { n: name }, 1);
        journal.finishStep("r", name, { n: name }, 2);
      }
      const spare = journal.nameForGivenUp("r");
      journal.giveTo("r", spare, { forget: ["pin"], again: {} });
      expect([journal.run("r"), isGivenUp(spare), isGivenUp("given up")]).toEqual([null, true, false]);
      // The reference may be begun anew, and given up anew.
      journal.begin("r", particulars, 3);
      expect(journal.nameForGivenUp("r")).not.toBe(spare);
      journal.begin("s", particulars, 3);
      journal.note(spare, { cplc: "01" });
      journal.giveTo(spare, "s", { forget: ["fund"], again: { fund: { attempt: 2 } } });
    });
    use((journal) => {
      expect(journal.runOfCard("aa", 1)).toMatchObject({
        ...{ reference: "s", cardName: "aa", made: { station: "one", operator: "otto", facts: { cplc: "01" } } },
      });
      expect(["domain", "pin", "fund"].map((name) => journal.step("s", name))).toEqual([
        { state: "done", data: { n: "domain" } },
        null,
        { state: "begun", data: { attempt: 2 } },
      ]);
      // A run that has a card never makes room for another one.
      journal.bindCard("r", "bb");
      expect(codeOf(() => journal.giveTo("s", "r", { forget: [], again: {} }))).toBe("SQLITE_CONSTRAINT_PRIMARYKEY");
      journal.forget("r");
      expect(journal.run("r")?.cardName).toBe("bb");
    });
  });

  it("remembers refused keys until they are allowed again", () => {
    use((journal) => journal.rememberRefusedKeys("aa", "k", 1));
    use((journal) => {
      expect([journal.areKeysRefused("aa", "k"), journal.areKeysRefused("aa", "l")]).toEqual([true, false]);
      journal.rememberRefusedKeys("aa", "k", 2);
      journal.allowKeysAgain("aa", "k");
      expect(journal.areKeysRefused("aa", "k")).toBe(false);
    });
  });

  it("keeps uploads in their order, and an answer with its own", () => {
    const upload = (seq: number) => ({
      seq,
      upload: Uint8Array.of(seq),
      signature: Uint8Array.of(2),
      body: Uint8Array.of(seq, 3),
    });
    use((journal) => {
      journal.addUpload("t", upload(1));
      journal.addUpload("t", upload(2));
      journal.answerUpload("t", 1, "{}");
      expect(journal.waitingUploads("t").map(({ seq }) => seq)).toEqual([2]);
      expect(journal.lastUpload("t")?.seq).toBe(2);
      expect(journal.lastUpload("u")).toBeNull();
      expect(journal.uploadWithBody("t", Uint8Array.of(1, 3))).toEqual({ ...upload(1), answer: "{}" });
      expect(journal.uploadWithBody("t", Uint8Array.of(9))).toBeNull();
    });
  });

  it("refuses a file that another process holds, a newer one and one that is no journal", () => {
    use(() => expect(codeOf(() => new Journal(path))).toBe("JOURNAL_IN_USE"));
    const db = new Database(path);
    db.pragma("user_version = 99");
    db.close();
    expect(codeOf(() => new Journal(path))).toBe("JOURNAL_FAULT");
    expect(codeOf(() => new Journal(folder))).toBe("JOURNAL_FAULT");
  });
});
