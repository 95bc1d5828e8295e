import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import type { Ended, IssuerHarness } from "./harness/issuer-harness.ts";
import {
  startPersonalizationHarness,
  type HarnessCard,
  type PersonalizationHarness,
} from "./harness/personalization-harness.ts";

const TERMINATED = 0x7f;

let harness: PersonalizationHarness;
let issuer: IssuerHarness;
let card: HarnessCard;
let address: string;

beforeAll(async () => {
  harness = await startPersonalizationHarness();
  issuer = await harness.issuer({ pinFolder: "letters" });
  card = harness.card();
  await card.insert();
  const made = await issuer.personalize();
  address = String(made.lines.at(-1)?.["card"]);
});
afterAll(async () => {
  await harness.close();
});

const cards = (...args: string[]): Promise<Ended> =>
  issuer.run(["cards", ...args, "--config", issuer.configFile, "--json"]);
const letter = (): { pin: string; puk: string } =>
  JSON.parse(readFileSync(join(issuer.folder, "letters", "card-1.json"), "utf8")) as { pin: string; puk: string };

/** The outcome of a PIN command with these secrets in a file of their owner's. */
async function withSecrets(command: string, secrets: object): Promise<unknown> {
  const file = join(issuer.folder, "secrets.json");
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  const { exitCode, failure, text } = await cards("pin", command, "--secrets", file);
  for (const secret of Object.values(secrets)) expect(text).not.toContain(String(secret));
  return exitCode === EXIT.done ? "done" : [exitCode, failure?.["code"]];
}

it("names the card on the reader where no card is named", async () => {
  const shown = await cards("show");
  expect(shown.lines[0]).toMatchObject({ event: "show", card: address });
  // What the card itself says stands behind what is known of it.
  const said = (shown.lines[0]?.["sentences"] as readonly string[]).slice(-3);
  expect([said[0]?.includes("19.999999"), said[2]?.includes("PIN")]).toEqual([true, true]);
  expect((await cards("suspend", "--reason", "x", "--dry-run")).lines[0]).toMatchObject({ card: address });
  const looked = await issuer.run(["doctor", "--registry", "--config", issuer.configFile, "--json"]);
  const found = looked.lines.filter(({ check }) => check === "registry");
  const told = found.map(({ result, message }) => [result, String(message).includes("OP_READY")]);
  expect(told).toEqual([["ok", true]]);
});

it("changes a PIN by the old one, unblocks it by the PUK, and sets both anew by the letter", async () => {
  const { pin, puk } = letter();
  const other = pin === "2468" ? "1357" : "2468";
  expect(await withSecrets("change", { pin: other, newPin: "4444" })).toEqual([EXIT.card, "PIN_REFUSED"]);
  expect(await withSecrets("change", { pin, newPin: other })).toBe("done");
  expect(await withSecrets("unblock", { puk, newPin: "5555" })).toBe("done");
  expect(await withSecrets("change", { pin: "66", newPin: "6666" })).toEqual([EXIT.keys, "KEY_FILE_MALFORMED"]);
  expect((await cards("pin", "change")).failure?.["code"]).toBe("USAGE");
  const set = await cards("pin", "set");
  expect([set.exitCode, set.lines[0]?.["reference"]]).toEqual([EXIT.done, "card-1"]);
  expect(letter()).toEqual({ ...letter(), pin, puk });
  expect(await withSecrets("change", { pin, newPin: other })).toBe("done");
});

it("ends a card for good, with its proof and a reason, and no other card than the one that is named", async () => {
  const { settlement } = issuer;
  const foreign = `0x${"0e".repeat(20)}`;
  expect((await cards("terminate", foreign, "--reason", "broken")).failure?.["code"]).toBe("WRONG_CARD");
  expect(settlement.provenStates).toEqual([]);
  for (const _ of [1, 2]) expect((await cards("terminate", "card-1", "--reason", "broken")).exitCode).toBe(EXIT.done);
  expect(new Set(settlement.provenStates)).toEqual(new Set([TERMINATED]));
  expect(settlement.changes.at(-1)).toMatchObject({ card: address, status: "revoked", reason: "broken" });
});

it("says what a successor gets at once, and when the rest comes", async () => {
  const answer = await cards("replace", "card-1", "--by", `0x${"0d".repeat(20)}`, "--reason", "left in a taxi");
  expect(answer.lines[0]).toMatchObject({ event: "replaced", card: address, advance: "8.00", state: "waiting" });
});
