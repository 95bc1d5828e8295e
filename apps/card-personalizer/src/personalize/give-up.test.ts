import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Journal, type Particulars } from "../journal/journal.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import { giveUp, type GiveUpOptions } from "./give-up.ts";

const particulars: Particulars = { domain: "0x00", instance: 1, owner: "0x0a", fund: "5" };
const card = `0x${"1a".repeat(20)}`;
const stopped = new Error("a loss of power");
let folder: string;
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-give-up-"));
  journal = new Journal(join(folder, "journal.sqlite"));
});

afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A station that stops where it is told to, and what it has done until then. */
function station(stopsAt: string | null) {
  const done: string[] = [];
  const does = (name: string): void => {
    if (name === stopsAt) throw stopped;
    done.push(name);
  };
  const settlement: Partial<SettlementClient> = {
    renameCard: async () => does("rename"),
    releaseReference: async () => does("release"),
  };
  const options: GiveUpOptions = {
    ...{ journal, settlement: settlement as SettlementClient, claims: true, reason: "called off" },
    letters: { forget: () => does("letter") },
  };
  return { done, giveUp: async (to: string | null = null) => giveUp("C-1", to, options) };
}

describe("a reference that is given up", () => {
  it.each<[string, boolean]>([
    ["rename", true],
    ["release", true],
    ["release", false],
    ["letter", true],
    ["letter", false],
  ])("is given up by the next run where one was stopped at its %s, with a card: %s", async (stopsAt, hasCard) => {
    journal.begin("C-1", particulars, 1);
    if (hasCard) {
      journal.bindCard("C-1", "aa");
      for (const [step, data] of [["generate-key", { card }] as const, ["register", {}] as const]) {
        journal.beginStep("C-1", step, {}, 2);
        journal.finishStep("C-1", step, data, 3);
      }
    }
    await expect(station(stopsAt).giveUp()).rejects.toBe(stopped);
    expect(journal.run("C-1")).not.toBeNull();
    const again = station(null);
    expect(await again.giveUp()).toEqual({ card: hasCard ? card : null });
    expect(again.done).toEqual(hasCard ? ["rename", "release", "letter"] : ["release", "letter"]);
    expect([journal.run("C-1"), journal.runs().map(({ cardName }) => cardName)]).toEqual([null, hasCard ? ["aa"] : []]);
  });
});
