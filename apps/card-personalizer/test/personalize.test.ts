import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import { STEP_NAMES } from "../src/steps/step-names.ts";
import {
  startPersonalizationHarness,
  type PersonalizationHarness,
  type HarnessCard,
} from "./harness/personalization-harness.ts";
import type { Ended, Line, IssuerHarness } from "./harness/issuer-harness.ts";

/** Without a PIN folder the PIN is left out, and no stock is secured unless its profile says so. */
const STEPS = STEP_NAMES.filter((name) => !["load", "pin", "secured"].includes(name));

let harness: PersonalizationHarness;
let card: HarnessCard;

beforeAll(async () => {
  harness = await startPersonalizationHarness();
});

afterEach(async () => {
  await card.remove();
});

afterAll(async () => {
  await harness.close();
});

/** What must be true everywhere after one card was finished, however often the run was cut. */
function expectOneFinishedCard(issuer: IssuerHarness, ended: Ended): void {
  expect([ended.exitCode, ended.exitCode === 0 ? "" : ended.text]).toEqual([0, ""]);
  expect(ended.lines.at(-1)).toMatchObject({ event: "done", reference: "card-1" });
  const { cards, fundings, vouchers, uploads } = issuer.settlement;
  expect([...cards.keys()]).toEqual([ended.lines.at(-1)?.["card"]]);
  expect([...fundings.values()].map(({ amount, state }) => [amount, state])).toEqual([[20_000_000n, "final"]]);
  expect([...vouchers.values()]).toEqual([{ counter: 1, amount: 1n, spent: 1n }]);
  expect(uploads).toHaveLength(1);
}

function codesOf(ended: Ended): string[] {
  return ended.lines.map((line) => String(line["code"]));
}

async function statusOf(issuer: IssuerHarness): Promise<Line> {
  const ended = await issuer.run(["status", "--config", issuer.configFile, "--json"]);
  return ended.lines[0] ?? {};
}

describe("personalize", () => {
  it("gives a finished card its newest allowance, and leaves it where it has that", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    const update = () => issuer.run(["cards", "update", "--config", issuer.configFile, "--json"]);
    expect((await update()).failure?.["code"]).toBe("USAGE");
    expectOneFinishedCard(issuer, await issuer.personalize());
    const [[address, registered] = ["", undefined]] = [...issuer.settlement.cards.entries()];
    expect((await update()).lines[0]).toMatchObject({ card: address, from: 1, to: 1, added: "0.00" });
    if (registered !== undefined) registered.funded += 15_000_000n;
    const [day, notBefore] = [86_400, Math.floor(Date.now() / 1_000) - 60];
    const limits = { perTap: "5.00", pinAbove: "5.00", noPinSum: "250.00", noPinCount: 100 };
    const more = { notBefore, notAfter: notBefore + 30 * day, categories: (2n ** 64n - 1n).toString(), flags: 0 };
    const { url, token } = issuer.settlement;
    const signed = await fetch(`${url}/v1/cards/${address}/allowances`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ ...limits, ...more, reason: "a test" }),
    });
    expect(signed.status).toBe(200);
    const { exitCode, lines } = await update();
    expect([exitCode, lines[0]]).toEqual([
      0,
      expect.objectContaining({ card: address, from: 1, to: 2, added: "15.00", perTap: "5.00" }),
    ]);
    expect((await statusOf(issuer))["onReader"]).toMatchObject({ allowanceSeq: 2, maxSpent: "35.00" });
    expect((await update()).lines[0]).toMatchObject({ from: 2, to: 2 });
  });

  it("makes a blank card into one that has paid one unit, step by step", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    const looked = await issuer.run(["doctor", "--config", issuer.configFile, "--json"]);
    expect([looked.exitCode, looked.lines.map(({ check, result }) => [check, result])]).toEqual([
      0,
      [
        ...["card keys", "terminal key", "journal", "permissions", "disk", "service", "reader", "card", "chip"],
        ...["settlement", "clock", "token", "node", "treasury"],
      ].map((check) => [check, "ok"]),
    ]);
    const ended = await issuer.personalize();
    expectOneFinishedCard(issuer, ended);
    const steps = ended.lines.filter((line) => line["event"] === "step");
    expect(steps.map((line) => [line["step"], line["code"]])).toEqual(
      STEPS.flatMap((name) => [
        [name, "BEGUN"],
        [name, "DONE"],
      ]),
    );
    expect(Object.keys(ended.lines[0] ?? {})).toEqual([
      ...["schema", "event", "reference", "card", "step", "code", "message", "next"],
    ]);
    const address = ended.lines.at(-1)?.["card"];
    expect(await statusOf(issuer)).toEqual({
      schema: "tallystick.card-status/1",
      reference: "card-1",
      card: address,
      journal: { done: true, lastStep: "upload", nextStep: null },
      onReader: { state: "personalized", counter: 1, spent: "0.000001", allowanceSeq: 1, maxSpent: "20.00" },
      settlement: { state: "open", balanceFinal: "20.00", status: "valid" },
    });

    const again = await issuer.personalize();
    expectOneFinishedCard(issuer, again);
    expect(again.lines).toHaveLength(1);
  });

  it("goes on after kill −9 at the beginning of every step, and everything exists once", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    for (const step of STEPS) {
      const ended = await issuer.personalize({ signalAt: { line: `${step} BEGUN` } });
      expect([step, ended.exitCode]).toEqual([step, null]);
    }
    expectOneFinishedCard(issuer, await issuer.personalize());
  }, 480_000);

  it("goes on after kill −9 at the end of every step, without doing a step again", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    const done: string[] = [];
    for (const step of STEPS) {
      const ended = await issuer.personalize({ signalAt: { line: `${step} DONE` } });
      for (const { step: name, code } of ended.lines) {
        // A step is known without having been reported as done where the kill came between the journal and the line.
        if (code === "DONE" || (code === "KNOWN" && !done.includes(String(name)))) done.push(String(name));
      }
    }
    expect(done.toSorted()).toEqual([...STEPS].toSorted());
    expectOneFinishedCard(issuer, await issuer.personalize());
  }, 480_000);

  it.each([
    [1, "after"],
    [4, "after"],
    [5, "before"],
    [8, "after"],
    [11, "before"],
    [12, "after"],
    [15, "before"],
    [19, "after"],
    [20, "before"],
    [21, "after"],
  ] as const)("goes on with a card that lost its power at write %i, %s it took effect", async (event, when) => {
    const issuer = await harness.issuer();
    card = harness.card();
    const host = await card.insert({ event, when });
    const torn = await issuer.personalize();
    await host.nextEvent("torn");
    expect([torn.exitCode, torn.lines.at(-1)]).toEqual([
      EXIT.interrupted,
      expect.objectContaining({ event: "failed", code: expect.stringMatching(/^(TORN|CARD_REMOVED|CARD_RESET)$/) }),
    ]);
    expectOneFinishedCard(issuer, await issuer.personalize());
  });

  it("gives a card the PIN of its letter, also when it was cut in between, and keeps it out of everything else", async () => {
    const issuer = await harness.issuer({ pinFolder: "letters" });
    card = harness.card();
    await card.insert();
    const cut = await issuer.personalize({ signalAt: { line: "pin BEGUN" } });
    const ended = await issuer.personalize();
    expectOneFinishedCard(issuer, ended);
    const path = join(issuer.folder, "letters", "card-1.json");
    const letter = JSON.parse(readFileSync(path, "utf8")) as { pin: string; puk: string };
    expect([statSync(path).mode & 0o777, letter.pin, letter.puk]).toEqual([
      0o600,
      expect.stringMatching(/^[0-9]{4}$/),
      expect.stringMatching(/^[0-9]{8}$/),
    ]);
    const journal = readFileSync(join(issuer.folder, "journal.sqlite"), "latin1");
    expect([cut.text, ended.text, journal].filter((text) => text.includes(letter.puk))).toEqual([]);
  });

  it("suspends and releases the reference's own card, and no other", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    expectOneFinishedCard(issuer, await issuer.personalize());
    const set = async (command: string) =>
      await issuer.run([command, "--config", issuer.configFile, "--reference", "card-1", "--json"]);
    expect([(await set("suspend")).exitCode, (await statusOf(issuer))["onReader"]]).toEqual([
      0,
      expect.objectContaining({ state: "suspended" }),
    ]);
    expect([(await set("release")).exitCode, (await statusOf(issuer))["onReader"]]).toEqual([
      0,
      expect.objectContaining({ state: "personalized", counter: 1 }),
    ]);
    await card.remove();
    card = harness.card();
    await card.insert();
    const wrong = await set("suspend");
    expect([wrong.exitCode, codesOf(wrong)]).toEqual([EXIT.card, ["WRONG_CARD"]]);
  });

  it("refuses another card for a reference that was begun, and another reference for its card", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    await issuer.personalize({ signalAt: { line: "opening DONE" } });
    const other = await issuer.personalize({ reference: "card-2" });
    expect([other.exitCode, codesOf(other)]).toEqual([EXIT.card, ["CARD_OF_OTHER_REFERENCE"]]);
    await card.remove();
    const right = card;
    card = harness.card();
    await card.insert();
    const wrong = await issuer.personalize();
    expect([wrong.exitCode, codesOf(wrong)]).toEqual([EXIT.card, ["WRONG_CARD"]]);
    const untouched = await statusOf(issuer);
    expect(untouched["onReader"]).toMatchObject({ state: "no applet" });
    await card.remove();
    card = right;
    await card.insert();
    expectOneFinishedCard(issuer, await issuer.personalize());
  });

  it("refuses a finished reference with another card, and other particulars for a begun one", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    expectOneFinishedCard(issuer, await issuer.personalize());
    const richer = await issuer.personalize({ flags: ["--fund", "30.00"] });
    expect([richer.exitCode, codesOf(richer)]).toEqual([EXIT.usage, ["REFERENCE_OTHER_PARTICULARS"]]);
    expect(richer.lines.at(-1)?.["message"]).toContain("It was begun with fund 20.00.");
    await card.remove();
    card = harness.card();
    await card.insert();
    const wrong = await issuer.personalize();
    expect([wrong.exitCode, codesOf(wrong)]).toEqual([EXIT.card, ["WRONG_CARD"]]);
  });

  it("leaves a card alone that another journal began", async () => {
    const first = await harness.issuer();
    card = harness.card();
    await card.insert();
    await first.personalize({ signalAt: { line: "generate-key DONE" } });
    const second = await harness.issuer();
    const ended = await second.personalize();
    expect([ended.exitCode, ended.lines.at(-1)?.["code"]]).toEqual([EXIT.card, "CARD_UNKNOWN_STATE"]);
    expect(second.settlement.cards.size).toBe(0);
    // Nothing was written, so the reference is free for another card.
    await card.remove();
    card = harness.card();
    await card.insert();
    expectOneFinishedCard(second, await second.personalize());
  });

  it("stops at a signal after the step that runs, and goes on later", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    const stopped = await issuer.personalize({
      signalAt: { line: "fund BEGUN", signal: "SIGTERM" },
    });
    expect([stopped.exitCode, stopped.lines.at(-1)?.["code"]]).toEqual([EXIT.interrupted, "INTERRUPTED"]);
    expectOneFinishedCard(issuer, await issuer.personalize());
  });

  it("goes on when the card was taken away in the middle and put back", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    const host = await card.insert();
    const cut = await issuer.personalize({
      signalAt: { line: "domain BEGUN", pid: host.pid },
    });
    expect([cut.exitCode, cut.text]).toEqual([
      EXIT.interrupted,
      expect.stringMatching(/"code":"(TORN|CARD_REMOVED|CARD_RESET)"/),
    ]);
    await card.insert();
    expectOneFinishedCard(issuer, await issuer.personalize());
  });
});
