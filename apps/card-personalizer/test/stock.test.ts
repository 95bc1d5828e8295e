import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import { PACKAGE_AID } from "@tallystick/protocol";
import type { Tear } from "@tallystick/stack";
import { readLoadFile } from "../src/card/load-file.ts";
import { Journal } from "../src/journal/journal.ts";
import { capFileOf } from "./harness/cap-file.ts";
import type { IssuerHarness, Line } from "./harness/issuer-harness.ts";
import {
  startPersonalizationHarness,
  type HarnessCard,
  type PersonalizationHarness,
} from "./harness/personalization-harness.ts";

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

/** Personalizes a new card that is made so, with this stock in the configuration. */
async function make(birth: readonly string[], stock: object): Promise<Record<string, unknown>> {
  card = harness.card(birth);
  const issuer = await harness.issuer({ stock });
  writeFileSync(
    join(issuer.folder, "transport.json"),
    JSON.stringify({
      ...{ schema: "tallystick.dev-master-key/1", development: true },
      masterKey: "0x404142434445464748494a4b4c4d4e4f",
    }),
    { mode: 0o600 },
  );
  await card.insert();
  const { exitCode, failure, lines } = await issuer.personalize();
  const warnings = lines.filter(({ event }) => event === "warning").length;
  const steps = lines.filter(({ code }) => code === "DONE").map(({ step }) => step);
  return { exitCode, code: failure?.["code"] ?? null, warnings, steps };
}

const finished = { exitCode: EXIT.done, code: null, warnings: 0 };
const refused = { exitCode: EXIT.card, code: "CARD_NOT_SUITABLE", steps: [] };

describe("cards without the package", () => {
  const stockOf = (issuer: IssuerHarness): { package: { file: string; sha256: string } } => {
    const cap = capFileOf(PACKAGE_AID);
    writeFileSync(join(issuer.folder, "tallystick.cap"), cap);
    return { package: { file: "tallystick.cap", sha256: `0x${readLoadFile(cap).sha256}` } };
  };
  const doneSteps = (lines: readonly Line[]): unknown[] =>
    lines.filter(({ code }) => code === "DONE").map(({ step }) => step);

  it("get it, also where the load was cut before or after its last block", async () => {
    const issuer = await harness.issuer();
    issuer.configure({ stock: stockOf(issuer) });
    for (const [index, tear] of [undefined, { event: 4, when: "before" }, { event: 4, when: "after" }].entries()) {
      card = harness.card(["--blank"]);
      await card.insert(tear as Tear | undefined);
      const reference = `card-${index}`;
      const first = await issuer.personalize({ reference });
      expect([first.exitCode, doneSteps(first.lines).includes("load")]).toEqual(
        tear === undefined ? [EXIT.done, true] : [EXIT.interrupted, false],
      );
      if (tear !== undefined) {
        const { exitCode, lines } = await issuer.personalize({ reference });
        expect([exitCode, doneSteps(lines).includes("load")]).toEqual([EXIT.done, tear.when === "before"]);
      }
      await card.remove();
    }
    expect(issuer.settlement.vouchers.size).toBe(3);
  });

  it("are not begun with another package than the profile names, nor where it has no room", async () => {
    const issuer = await harness.issuer();
    const stock = stockOf(issuer);
    card = harness.card(["--blank", "--memory", "8000"]);
    await card.insert();
    issuer.configure({ stock: { package: { ...stock.package, sha256: `0x${"00".repeat(32)}` } } });
    const run = async () => {
      const { exitCode, failure, lines } = await issuer.personalize();
      return { exitCode, code: failure?.["code"], steps: lines.filter(({ event }) => event === "step") };
    };
    expect(await run()).toEqual({ exitCode: EXIT.usage, code: "LOAD_FILE_DIFFERS", steps: [] });
    const looked = await issuer.run(["doctor", "--config", issuer.configFile, "--json"]);
    expect(looked.lines.find(({ check }) => check === "package")).toMatchObject({ code: "LOAD_FILE_DIFFERS" });
    issuer.configure({ stock });
    expect(await run()).toEqual({ exitCode: EXIT.card, code: "CARD_NOT_SUITABLE", steps: [] });
  });
});

describe("cards of other stocks", () => {
  it.each<[string, readonly string[], object]>([
    ["a JCOP4", ["--chip", "jcop4"], { keyVersion: "0x31", secured: true }],
    ["a JCOP3", ["--chip", "jcop3"], {}],
    [
      "chips whose counter stands still",
      ["--chip", "jcop4", "--counter-fault"],
      { keyVersion: "0x31", skipsEmptyCommands: true },
    ],
    ["AES-256 in S16 mode", ["--keys", "FF:256", "--s16"], { keyBits: 256, mode: "S16" }],
    [
      "transport keys that are the same on all",
      ["--keys", "20:128"],
      { keyVersion: "0x20", keys: { file: "transport.json", kdf: "none" } },
    ],
  ])("%s become money", async (_name, birth, stock) => {
    const made = await make(birth, stock);
    expect(made).toMatchObject(finished);
    expect((made["steps"] as string[]).includes("secured")).toBe("secured" in stock);
  });

  it("an H19CR is named by its chip, over T=0, and the station is warned that it shares its keys", async () => {
    expect(await make(["--chip", "h19cr"], {})).toMatchObject({ ...finished, warnings: 1 });
  });

  it.each<[string, object, number, RegExp]>([
    // The durable write by which a card has its key: a chip is asked its name by an INITIALIZE UPDATE more.
    ["their chips", {}, 14, /^cplc-[0-9a-f]{20,}$/],
    ["their keys", { cardName: "key" }, 13, /^key-[0-9a-f]{40}$/],
  ])("with nothing in their ten bytes are told apart by %s, torn or not", async (_what, stock, keyWrite, name) => {
    const issuer = await harness.issuer({ stock });
    const make = async (reference: string) => {
      const { exitCode, failure, lines } = await issuer.personalize({ reference });
      return failure === null ? exitCode : `${String(lines.at(-1)?.["step"])} ${String(failure["code"])}`;
    };
    const [first, second] = [harness.card(["--chip", "h19cr"]), harness.card(["--chip", "h19cr"])];
    card = first;
    // The card made its key, and the answer was lost.
    await first.insert({ event: keyWrite, when: "after" });
    expect(await make("card-1")).toMatch(/^generate-key (TORN|CARD_REMOVED|CARD_RESET)$/);
    expect(await make("card-1")).toBe(EXIT.done);
    expect(await make("card-2")).toBe("null CARD_OF_OTHER_REFERENCE");
    await first.remove();
    card = second;
    await second.insert();
    expect(await make("card-1")).toBe("null WRONG_CARD");
    expect(await make("card-2")).toBe(EXIT.done);
    const journal = new Journal(join(issuer.folder, "journal.sqlite"));
    const names = journal.runs().map(({ cardName }) => cardName);
    journal.close();
    expect(new Set(names).size).toBe(2);
    for (const each of names) expect(each).toMatch(name);
  });

  it.each<[string, readonly string[], object]>([
    ["of SCP02", ["--chip", "jcop3-scp02"], {}],
    ["without the package", ["--chip", "jcop4", "--blank"], { keyVersion: "0x31" }],
    ["without memory", ["--chip", "jcop3", "--memory", "6000"], {}],
    ["of another mode", ["--s16"], {}],
    ["without an engine", ["--chip", "a22"], {}],
  ])("%s are refused before anything is written", async (_name, birth, stock) => {
    expect(await make(birth, stock)).toMatchObject(refused);
  });

  it("whose counter stands still, and nobody said so, are not written to", async () => {
    const made = await make(["--counter-fault"], {});
    expect(made).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), steps: [] });
    expect(made["exitCode"]).not.toBe(EXIT.done);
  });

  it("with a key version that the profile does not name are not tried", async () => {
    expect(await make(["--chip", "jcop4"], {})).toMatchObject({
      exitCode: EXIT.keys,
      code: "KEY_VERSION_UNKNOWN",
      steps: [],
    });
  });
});
