import { describe, expect, it } from "@jest/globals";
import { accountSteps, remainsOf, type AccountState } from "./account-steps.ts";
import { issuerSteps, type IssuerState } from "./issuer-rotation.ts";
import { inTurn } from "./rotation-steps.ts";

const [former, successor] = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)];

/** A treasury's rotation of which nothing is left to do. */
const done: AccountState = {
  ...{ purpose: "treasury", former, successor, announced: true, ended: false },
  ...{ present: true, formerKey: true, bound: true, opened: true, approved: "done" },
  ...{ open: 0, sweeping: 0, unbooked: 0, cards: 0, tokens: 0n, coin: 0n, difference: 0n },
};

const turnOf = (state: AccountState) => accountSteps(state).find((each) => each.state === "waits") ?? null;

describe("the steps of an account's rotation", () => {
  it("are all done where nothing is left", () => {
    expect(accountSteps(done).map(({ step, state }) => [step, state])).toEqual(
      ["announced", "configured", "opened", "drained", "tokens", "coin", "proved"].map((step) => [step, "done"]),
    );
    expect(accountSteps({ ...done, purpose: "gas" }).map(({ step }) => step)).toEqual([
      "announced",
      "configured",
      "drained",
      "coin",
      "proved",
    ]);
  });

  const waits: readonly (readonly [Partial<AccountState>, string])[] = [
    [{ announced: false }, "announced"],
    [{ present: false }, "configured"],
    [{ bound: false }, "configured"],
    [{ formerKey: false }, "configured"],
    [{ opened: false }, "opened"],
    [{ approved: "under way" }, "opened"],
    [{ approved: "none" }, "opened"],
    [{ open: 1 }, "drained"],
    [{ tokens: 1n }, "tokens"],
    [{ coin: 1n }, "coin"],
    [{ sweeping: 1 }, "coin"],
    [{ unbooked: 1 }, "proved"],
    [{ difference: 1n }, "proved"],
  ];
  it.each(waits)("%j waits", (change, step) => {
    expect(turnOf({ ...done, ...change })?.step).toBe(step);
  });

  it("have one turn, and say only there what a person has to do", () => {
    const steps = accountSteps({ ...done, present: false, open: 3, tokens: 5n });
    expect(steps.filter(({ state }) => state === "waits")).toHaveLength(1);
    expect(steps.filter(({ next }) => next !== null).map(({ step }) => step)).toEqual(["configured"]);
    expect(inTurn([{ step: "one", done: false, detail: "", next: "Act." }])[0]).toMatchObject({
      state: "waits",
      next: "Act.",
    });
  });

  it("ask for the former key again only where something came to its account", () => {
    const without = { ...done, ended: true, formerKey: false };
    expect(turnOf(without)).toBeNull();
    expect(turnOf({ ...without, tokens: 1n })).toMatchObject({ step: "tokens", next: expect.any(String) });
    expect(turnOf({ ...without, coin: 1n })).toMatchObject({ step: "coin", next: expect.any(String) });
  });

  it("say that cards depend on the former key while there are any", () => {
    expect(remainsOf({ ...done, cards: 3 })).toContain("3 cards");
    expect(remainsOf(done)).not.toContain("cards");
  });
});

describe("the steps of an issuer key's rotation", () => {
  const key = (id: number) => ({ id, publicKey: new Uint8Array(33).fill(id) });
  const moved: IssuerState = {
    ...{ successor: key(2), former: key(1), present: 2, signing: [2], bound: true, listed: true, cards: 0, moved: 5 },
  };
  const turn = (state: IssuerState) => inTurn(issuerSteps(state)).find((each) => each.state === "waits")?.step ?? null;

  const cases: readonly (readonly [Partial<IssuerState>, string | null])[] = [
    [{}, null],
    [{ present: 1, signing: [1], bound: false }, "configured"],
    [{ signing: [2, 1], bound: false }, "configured"],
    [{ signing: [2, 1], listed: false }, "published"],
    [{ signing: [2, 1], cards: 1 }, "cards"],
    [{ signing: [2, 1] }, "retired"],
    // Taken away while cards hold it: they would get no allowance any more.
    [{ cards: 1 }, "configured"],
  ];
  it.each(cases)("%j waits", (change, step) => {
    expect(turn({ ...moved, ...change })).toBe(step);
  });
});
