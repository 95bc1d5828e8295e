import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSoftHsm, type SoftHsm } from "@tallystick/keystore/testing";
import { openMasterKey, openSigningKey } from "@tallystick/keystore";
import { EXIT } from "@tallystick/program";
import { runProgram } from "../cli/program.ts";

let hsm: SoftHsm;
let folders = 0;
let folder: string;

beforeAll(() => {
  hsm = startSoftHsm();
});

afterAll(() => {
  hsm.end();
});

beforeEach(() => {
  folder = `ceremony-${(folders += 1)}`;
});

const keys = [
  { label: "issuer-1", kind: "signing", keyId: 7 },
  { label: "cards-1", kind: "card-master", bytes: 16 },
  { label: "treasury", kind: "signing" },
];

/** A token with the PIN's file, as configurations name it. */
function token(name: string): Record<string, unknown> {
  const { tokenLabel, pinFile } = hsm.makeToken(`${folder}-${name}`);
  return { library: hsm.library, tokenLabel, pinFile };
}

function configure(changes: Record<string, unknown> = {}, name = "ceremony"): string {
  const path = join(hsm.folder, `${folder}-${name}.json`);
  const config = {
    mode: "production",
    domain: { chainId: 1, vault: `0x${"7a".repeat(20)}` },
    ...{ keys, custodians: ["ada", "bo", "cy"], threshold: 2, output: folder },
    ...changes,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

interface Outcome {
  readonly exit: number;
  readonly code: string | null;
  readonly lines: readonly Record<string, unknown>[];
}

/** Runs the program in this process. */
async function run(...args: string[]): Promise<Outcome> {
  const lines: Record<string, unknown>[] = [];
  const failures: Record<string, unknown>[] = [];
  const exit = await runProgram(["key", "ceremony", ...args, "--json"], {
    writeLine: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    writeError: (line) => void failures.push(JSON.parse(line) as Record<string, unknown>),
    signal: new AbortController().signal,
  });
  return { exit, code: (failures[0]?.["code"] as string | undefined) ?? null, lines };
}

const at = (name: string): string => join(hsm.folder, folder, name);
const wrong = { exit: EXIT.keys, code: "RECORD_WRONG" };

/** A file of the ceremony with one text changed for another. */
function altered(name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(at(name), "utf8");
  expect(text.search(from)).toBeGreaterThan(-1);
  const path = at(`altered-${name}`);
  writeFileSync(path, text.replace(from, to), { mode: 0o600 });
  return path;
}

describe("a key ceremony in two HSMs", () => {
  it("draws, backs up, restores and records; the record verifies later, and nothing else does", async () => {
    const [place, spare] = [token("first"), token("spare")];
    const config = configure({ place, spare });
    const made = await run("run", "--config", config);
    expect([made.exit, made.code]).toEqual([EXIT.done, null]);
    const told = made.lines.map(({ message }) => String(message ?? ""));
    expect(told.filter((message) => /account 0x[0-9a-fA-F]{40}/.test(message))).toHaveLength(2);
    const done = made.lines.at(-1)?.["keys"] as { publicKey?: string; checkValue?: string }[];
    const files = readdirSync(at(".")).toSorted();
    expect(files).toEqual([
      ...["backup.json", "key-cards-1.json", "key-issuer-1.json", "key-treasury.json", "record.json"],
      ...["share-ada.json", "share-bo.json", "share-cy.json"],
    ]);
    expect(files.map((name) => statSync(at(name)).mode & 0o777)).toEqual(files.map(() => 0o600));
    expect(openSigningKey(at("key-issuer-1.json"), { chainIds: [1n], production: true }).keyId).toBe(7);
    expect(openMasterKey(at("key-cards-1.json"), { chainIds: [1n], production: true }).bytes).toBe(16);

    const record = at("record.json");
    const verified = await run("verify", record);
    expect(verified.lines.map(({ label, publicKey, checkValue }) => [label, publicKey ?? checkValue])).toEqual(
      keys.map(({ label }, index) => [label, done[index]?.publicKey ?? done[index]?.checkValue]),
    );
    const pinned = String(done[0]?.publicKey);
    const everything = ["--issuer-key", pinned, "--backup", at("backup.json"), "--share", at("share-bo.json")];
    expect(await run("verify", record, ...everything, "--config", config)).toMatchObject({ exit: EXIT.done });
    for (const args of [
      [altered("record.json", "ada", "eve")],
      [altered("record.json", pinned, `0x02${"11".repeat(32)}`)],
      [record, "--issuer-key", `0x02${"11".repeat(32)}`],
      [record, "--backup", altered("backup.json", /("wrapped": "0x..)(..)/, "$100")],
      [record, "--share", altered("share-bo.json", '"bo"', '"ada"')],
    ])
      expect(await run("verify", ...args)).toMatchObject(wrong);

    // A third HSM, on the day on which the first two are lost.
    const third = configure({ place: token("third") }, "third");
    const restore = (...shares: string[]) =>
      run(
        ...["restore", "--config", third, "--backup", at("backup.json")],
        ...shares.flatMap((name) => ["--share", at(`share-${name}.json`)]),
      );
    expect(await restore("ada")).toMatchObject(wrong);
    expect(await restore("ada", "ada")).toMatchObject(wrong);
    const restored = await restore("cy", "ada");
    expect([restored.exit, restored.lines.map(({ label }) => label)]).toEqual([0, keys.map(({ label }) => label)]);
    expect(await run("verify", record, "--config", third)).toMatchObject({ exit: EXIT.done });
    expect(await restore("cy", "ada")).toMatchObject({ exit: EXIT.keys, code: "HSM_KEY_EXISTS" });
    // A key of the same name that is another one.
    const other = configure({ place: token("other"), output: `${folder}-other` }, "other");
    expect((await run("run", "--config", other)).exit).toBe(0);
    expect(await run("verify", record, "--config", other)).toMatchObject(wrong);
    const foreign = join(hsm.folder, `${folder}-other`, "share-ada.json");
    expect(await run("verify", record, "--share", foreign)).toMatchObject(wrong);
  });

  it("replaces nothing: a second one in the same place is refused before anything is written", async () => {
    const config = configure({ place: token("first") });
    expect((await run("run", "--config", config)).exit).toBe(0);
    const before = readdirSync(at(".")).map((name) => readFileSync(at(name), "utf8"));
    expect(await run("run", "--config", config)).toMatchObject({ exit: EXIT.keys, code: "KEY_FILE_EXISTS" });
    expect(readdirSync(at(".")).map((name) => readFileSync(at(name), "utf8"))).toEqual(before);
    const { place } = JSON.parse(readFileSync(config, "utf8")) as Record<string, unknown>;
    const more = [{ label: "issuer-2", kind: "signing" }, keys[1]];
    const second = configure({ place, keys: more, output: `${folder}-second` }, "second");
    expect(await run("run", "--config", second)).toMatchObject({ exit: EXIT.keys, code: "HSM_KEY_EXISTS" });
    expect(readdirSync(join(hsm.folder, `${folder}-second`))).toEqual([]);
    const alone = configure({ place, keys: more.slice(0, 1), output: `${folder}-alone` }, "alone");
    expect(await run("run", "--config", alone)).toMatchObject({ exit: EXIT.done });
  });
});

describe("a rehearsal in folders", () => {
  it("is the same, and is refused in production", async () => {
    const places = { place: { folder: `${folder}-keys` }, spare: { folder: `${folder}-spare` } };
    expect(await run("run", "--config", configure(places))).toMatchObject({ exit: EXIT.usage, code: "CONFIG" });
    const config = configure({ ...places, mode: "development" });
    expect(await run("run", "--config", config)).toMatchObject({ exit: EXIT.done });
    expect(await run("verify", at("record.json"), "--config", config)).toMatchObject({ exit: EXIT.done });
  });

  it.each<[string, Record<string, unknown>]>([
    ["one custodian", { custodians: ["ada"] }],
    ["a custodian twice", { custodians: ["ada", "ada", "bo"] }],
    ["a threshold that nobody reaches", { threshold: 4 }],
    ["a threshold of one", { threshold: 1 }],
    ["two keys of one label", { keys: [keys[0], { ...keys[0], keyId: 8 }] }],
    ["two keys of one id", { keys: [keys[0], { ...keys[0], label: "issuer-2" }] }],
    ["the spare in the same place", { spare: { folder: "keys" } }],
    ["no key", { keys: [] }],
    ["a PIN in the file", { place: { library: "/x.so", tokenLabel: "x", pin: "4711" } }],
  ])("is refused with %s", async (_name, changes) => {
    const config = configure({ mode: "development", place: { folder: "keys" }, ...changes });
    expect(await run("run", "--config", config)).toMatchObject({ exit: EXIT.usage, code: "CONFIG" });
  });
});
