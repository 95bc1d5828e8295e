import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { configOf, StepsHarness } from "../../test/harness/steps-harness.ts";
import type { StepName } from "../steps/step-names.ts";
import { settleParticulars } from "./particulars.ts";

const begun = { domain: "0xd0", instance: 1, owner: "0x0a", fund: "20000000" };

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
  harness.journal.begin("c", begun, 1);
});
afterEach(() => {
  harness.remove();
});

function settle(changes: Partial<typeof begun>): unknown {
  const { journal } = harness;
  const run = journal.run("c");
  if (run === null) throw new Error("the reference was begun");
  try {
    settleParticulars(run, { ...begun, ...changes }, { config: configOf(), journal });
    return journal.run("c")?.particulars;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("particulars of a reference that was begun", () => {
  it("are corrected as long as they stand nowhere", () => {
    harness.journal.beginStep("c", "install", {}, 1);
    expect(settle({})).toEqual(begun);
    expect(settle({ owner: "0x0b", fund: "5" })).toEqual({ ...begun, owner: "0x0b", fund: "5" });
  });

  it("take the instance of the column with them", () => {
    harness.journal.bindCard("c", "0a");
    expect(settle({ instance: 2 })).toEqual({ ...begun, instance: 2 });
    expect(harness.journal.runOfCard("0a", 2)?.reference).toBe("c");
  });

  it.each<[Partial<typeof begun>, StepName]>([
    [{ domain: "0xd1" }, "domain"],
    [{ instance: 2 }, "install"],
    [{ owner: "0x0b" }, "owner"],
    [{ fund: "1" }, "fund"],
  ])("stay what they are (%p) from the step on that writes them", (changes, step) => {
    harness.journal.beginStep("c", step, {}, 1);
    expect(settle(changes)).toBe("REFERENCE_OTHER_PARTICULARS");
    expect(settle({ ...changes, fund: "7", owner: "0x0c" })).toBe("REFERENCE_OTHER_PARTICULARS");
    expect(harness.journal.run("c")?.particulars).toEqual(begun);
  });

  it("of a finished card stay what they are", () => {
    harness.journal.finish("c");
    expect(settle({ owner: "0x0b" })).toBe("REFERENCE_OTHER_PARTICULARS");
  });
});
