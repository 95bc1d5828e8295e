import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { CardConnection } from "@tallystick/apdu";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import { type Cardhost, freePort, makeWorkFolder, startCardhost, type WorkFolder } from "@tallystick/stack";
import { appletUnderTest, softwareCardUnderTest } from "../src/testing/differential/card-under-test.ts";
import { Coverage } from "../src/testing/differential/coverage.ts";
import { Dice } from "../src/testing/differential/generate-step.ts";
import { Issuer } from "../src/testing/differential/issuer.ts";
import { compareCards, generateSequence, shrink } from "../src/testing/differential/run-sequence.ts";

const SEED = Number(process.env["TALLYSTICK_SEED"] ?? "20261121");
const STEPS = Number(process.env["TALLYSTICK_STEPS"] ?? "10000");
/** A shorter run than that of the tests need not have met every answer. */
const STEPS_FOR_EVERY_CELL = 10_000;
/** A file for the counts of answers by command and status word. */
const COVERAGE_FILE = process.env["TALLYSTICK_COVERAGE"];
const STEPS_OF_SEQUENCE = 100;
const SHRINK_TRIES = 200;
/**
 * A long run reports its progress from time to time, so that a run which is stopped shows what it
 * has reached.
 */
const STEPS_OF_REPORT = 50_000;
const START_TIMEOUT_MS = 60_000;
const STEP_TIMEOUT_MS = 60;

/**
 * Port of a card host that runs already and listens on this machine; without it the test starts
 * one.
 */
const RUNNING = process.env["TALLYSTICK_CARDHOST_PORT"];

let host: Cardhost | null = null;
let folder: WorkFolder | null = null;
let connection: CardConnection;

beforeAll(async () => {
  const port = RUNNING === undefined ? await freePort() : Number(RUNNING);
  if (RUNNING === undefined) {
    folder = makeWorkFolder("differential");
    host = await startCardhost({ port, state: `${folder.path}/card`, listen: true });
  }
  const provider = createVpcdProvider([{ name: "applet", host: "127.0.0.1", port }]);
  connection = await provider.reader("applet").connect();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await connection.disconnect();
  await host?.stop();
  folder?.remove();
});

it(
  `the software card answers ${STEPS} steps as the applet does (seed ${SEED})`,
  async () => {
    const issuer = new Issuer();
    const cards = [softwareCardUnderTest(), appletUnderTest(connection)] as const;
    const dice = new Dice(SEED);
    const coverage = new Coverage();
    for (let steps = 0; steps < STEPS; steps += STEPS_OF_SEQUENCE) {
      if (steps > 0 && steps % STEPS_OF_REPORT === 0) process.stderr.write(`${steps} steps, no difference\n`);
      const sequence = generateSequence(dice, STEPS_OF_SEQUENCE);
      if ((await compareCards(cards, issuer, sequence, coverage)) === null) continue;
      const smallest = await shrink(
        sequence,
        async (shorter) => (await compareCards(cards, issuer, shorter)) !== null,
        SHRINK_TRIES,
      );
      const difference = await compareCards(cards, issuer, smallest);
      const report = JSON.stringify({ seed: SEED, at: steps, difference, sequence: smallest }, null, 1);
      throw new Error(`software card and applet (in this order) differ:\n${report}`);
    }
    const counted = JSON.stringify(coverage.byStatusWord(), null, 1);
    if (COVERAGE_FILE === undefined) process.stdout.write(`answers by command and status word:\n${counted}\n`);
    else writeFileSync(COVERAGE_FILE, counted);
    if (STEPS < STEPS_FOR_EVERY_CELL) return;
    expect(coverage.missingCells()).toEqual([]);
    expect(coverage.missingStatusWords()).toEqual([]);
  },
  START_TIMEOUT_MS + STEPS * STEP_TIMEOUT_MS,
);
