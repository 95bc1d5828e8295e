import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { seededDraw } from "./harness/draw.ts";
import { killOrder } from "./harness/killed-order.ts";
import { measureCard } from "./harness/measure-card.ts";
import { startPersonalizationHarness, type PersonalizationHarness } from "./harness/personalization-harness.ts";

const environment = process.env;
const cards = Number(environment["TALLYSTICK_CARDS"] ?? 50);
const kills = Number(environment["TALLYSTICK_KILLS"] ?? 5);
/** Where the figures are put, if anywhere. */
const countsFile = environment["TALLYSTICK_COUNTS"];
/** A run of hours tells how far it is; one of seconds does not. */
const say = (text: string): void => void (countsFile !== undefined && process.stderr.write(text));
const draw = seededDraw(Number(environment["TALLYSTICK_SEED"] ?? 1));

let harness: PersonalizationHarness;
beforeAll(async () => {
  harness = await startPersonalizationHarness({ readers: 3 });
});
afterAll(async () => {
  await harness.close();
});

it("makes a card in one visit with 36 commands in 3 channels, whatever its profile asks for", async () => {
  const stock = { keyVersion: "0x31", secured: true };
  const { apdus, channels, account } = await measureCard(harness, { birth: ["--chip", "jcop4"], stock, hasPin: true });
  expect([apdus, channels]).toEqual([36, 3]);
  expect(Object.values(account).reduce((sum, ms) => sum + ms, 0)).toBeLessThan(1_000);
});

it(
  `makes each of ${cards} cards once on three readers, killed ${kills} times`,
  async () => {
    const { seconds, runs, ...order } = await killOrder(harness, { cards, kills, draw, say });
    const { report, difference, ...counts } = order;
    const shown = { ...counts, difference: String(difference), reportDifference: String(report.difference) };
    if (countsFile !== undefined) writeFileSync(countsFile, JSON.stringify({ ...shown, runs, seconds }));
    expect(order).toEqual({
      ...{ verified: cards, double: 0, lost: 0, difference: 0n, kills },
      report: { cards, ready: cards, difference: 0n },
    });
    expect(runs).toBeGreaterThan(kills);
    expect(seconds).toBeGreaterThan(0);
  },
  120_000 + cards * 10_000,
);
