import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { MAX_CONFIG_BYTES, MAX_REPORTED_FAULTS } from "../limits.ts";
import { EXIT } from "../lines/exits.ts";
import { ConfigError, type ConfigFault } from "./config-error.ts";
import { readConfigFile, type ReadConfigOptions, readConfigValue } from "./read-config.ts";
import { address, amountSetting, asset, filePath, listen, readAmount } from "./values.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-config-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const schema = z.strictObject({
  listen: listen(8_400),
  journal: filePath,
  domains: z.array(z.strictObject({ vault: address, asset })).min(1),
  limits: z.strictObject({ perTap: amountSetting.optional(), sum: amountSetting.optional() }).prefault({}),
});
type Config = z.output<typeof schema>;

const good = {
  journal: "journal.db",
  domains: [{ vault: `0x${"51".repeat(20)}`, asset: { code: "USDC", decimals: 6 } }],
};

function write(content: string | Uint8Array): string {
  const path = join(folder, "config.json");
  writeFileSync(path, content);
  return path;
}

/** The faults of a file's text or bytes. */
function faultsOf(content: string | Uint8Array, options: ReadConfigOptions<Config> = {}): readonly ConfigFault[] {
  return faultsOfPath(write(content), options);
}

function faultsOfPath(path: string, options: ReadConfigOptions<Config> = {}): readonly ConfigFault[] {
  try {
    readConfigFile(path, schema, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** Path, line and column of each fault. */
function places(faults: readonly ConfigFault[]): readonly string[] {
  return faults.map(({ path, line, column }) => `${path} ${line}:${column}`);
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

describe("a configuration file", () => {
  it("is read by its schema, and its paths start at its folder", () => {
    const { value, resolvePath } = readConfigFile(write(pretty(good)), schema);
    expect(value.listen).toMatchObject({ host: "127.0.0.1", port: 8_400 });
    expect(value.domains[0]?.vault).toEqual(new Uint8Array(20).fill(0x51));
    expect([resolvePath(value.journal), resolvePath("/srv/key")]).toEqual([join(folder, "journal.db"), "/srv/key"]);
  });

  it("shows all its faults at once, each where it stands", () => {
    const text = pretty({
      listen: { host: "", port: 70_000 },
      domains: [{ vault: "0x12", asset: { code: "USDC", decimals: 6, scal: 1 } }],
      jurnal: "journal.db",
    });
    expect(text.split("\n")[3]).toBe('    "port": 70000');
    expect(places(faultsOf(text))).toEqual([
      ...["listen.host 3:5", "listen.port 4:5", "journal 1:1", "domains.0.vault 8:7"],
      ...["domains.0.asset.scal 12:9", "jurnal 16:3"],
    ]);
  });

  it("says what is missing, and what is no setting", () => {
    const messages = faultsOf(pretty({ ...good, journal: undefined, jurnal: 1 })).map(({ path, message }) => [
      ...[path, message],
    ]);
    expect(messages).toEqual([
      ["journal", "is missing"],
      ["jurnal", "is no setting; check how it is spelled"],
    ]);
  });

  it("is an error of its own kind, with a sentence for one fault and a list for many", () => {
    const path = write(pretty({ ...good, journal: "" }));
    const thrown = (): unknown => readConfigFile(path, schema);
    expect(thrown).toThrow(expect.objectContaining({ code: "CONFIG", exit: "usage" }));
    expect(EXIT.usage).toBe(2);
    expect(faultsOf(pretty({ ...good, journal: "" }))).toEqual([expect.objectContaining({ path: "journal", line: 2 })]);
    const many = Object.fromEntries(Array.from({ length: 2 * MAX_REPORTED_FAULTS }, (_, index) => [`x${index}`, 1]));
    const error = new ConfigError(faultsOf(pretty({ ...good, ...many })));
    expect(error.message.split("\n")).toHaveLength(MAX_REPORTED_FAULTS + 2);
    expect(error.faults).toHaveLength(2 * MAX_REPORTED_FAULTS);
  });
});

describe("what is no JSON", () => {
  it.each([
    ["nothing", "", "1:1"],
    ["half an object", '{\n  "journal": "x"', "2:17"],
    ["a comment", '{\n  // mine\n  "journal": "x"\n}', "2:3"],
    ["a comma at the end", '{\n  "journal": "x",\n}', "3:1"],
    ["single quotes", "{'journal': 1}", "1:2"],
    ["two documents", "{}\n{}", "2:1"],
    ["a control character", '{"a": "\u0001"}', "1:7"],
    ["a number with a zero before it", '{"a": 01}', "1:8"],
    ["an escape that is none", '{"a": "\\x"}', "1:7"],
  ])("is refused where it begins: %s", (_, text, place) => {
    const faults = faultsOf(text);
    expect(places(faults)[0]).toBe(` ${place}`);
    expect(faults[0]?.message.length).toBeGreaterThan(10);
  });

  it("is never taken because one of two parsers is milder", () => {
    for (const text of ["NaN", "Infinity", "{a:1}", "[1,]", "+1", ".5", "1.", "0x1", "undefined", "[,]"]) {
      expect([text, faultsOf(text).length > 0]).toEqual([text, true]);
    }
    expect(faultsOf("[".repeat(200_000)).length).toBeGreaterThan(0);
  });
});

describe("a name that stands twice", () => {
  it("is refused, wherever it is", () => {
    const text = '{\n  "journal": "a",\n  "limits": {"sum": "1", "sum": "2"},\n  "journal": "b"\n}';
    expect(places(faultsOf(text))).toEqual(["limits.sum 3:26", "journal 4:3"]);
    expect(places(faultsOf('{"domains": [{"a": 1,\n"a": 1}]}'))).toEqual(["domains.0.a 2:1"]);
  });

  it("is refused also where it means something to JavaScript", () => {
    expect(places(faultsOf('{"__proto__": {}, "__proto__": {}}'))).toEqual(["__proto__ 1:19"]);
    expect(faultsOf(`{"__proto__": {"journal": "x"}, ${pretty(good).slice(1)}`).length).toBeGreaterThan(0);
  });
});

describe("a file in another writing", () => {
  const text = pretty(good);
  const utf16 = Buffer.from(text, "utf16le");
  it.each<[string, Uint8Array, RegExp]>([
    ["UTF-8 with a BOM", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]), /BOM/],
    ["UTF-16 with a BOM", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), /UTF-16 \(little/],
    ["UTF-16 without one", utf16, /UTF-16 \(little/],
    ["UTF-16, big endian", Buffer.from(utf16).swap16(), /UTF-16 \(big/],
    ["Latin-1", Buffer.from(text.replace("journal.db", "caf\u00e9"), "latin1"), /not UTF-8/],
    ["too much of it", Buffer.alloc(MAX_CONFIG_BYTES + 1, 0x20), /larger than/],
  ])("is named as what it is: %s", (_, bytes, name) => {
    const [fault, ...rest] = faultsOf(bytes);
    expect([fault?.path, fault?.line, rest]).toEqual(["", null, []]);
    expect(fault?.message).toMatch(name);
  });
});

describe("a file that is not there", () => {
  it("is named by what is there instead", () => {
    const sentence = (path: string): string | undefined => faultsOfPath(path)[0]?.message;
    mkdirSync(join(folder, "a-folder"));
    const sentences = [join(folder, "nowhere.json"), join(folder, "a-folder"), join(folder, "a", "b")].map(sentence);
    expect(new Set(sentences).size).toBe(2);
    expect(sentences[0]).toBe(sentences[2]);
  });

  it("may be one that this user must not read", () => {
    const path = join(folder, "secret.json");
    writeFileSync(path, "{}");
    chmodSync(path, 0o000);
    // The superuser reads everything; then it is a configuration without settings.
    const isSuperuser = process.getuid?.() === 0;
    expect(places(faultsOfPath(path))[0]).toBe(isSuperuser ? "journal 1:1" : " null:null");
  });
});

describe("faults that no schema sees", () => {
  const check: ReadConfigOptions<Config>["check"] = (given, faults) => {
    const currency = given?.domains?.[0]?.asset;
    if (currency === undefined) return;
    const { perTap, sum } = given?.limits ?? {};
    readAmount(perTap, { path: "limits.perTap", asset: currency as Config["domains"][0]["asset"], faults });
    readAmount(sum, {
      ...{ path: ["limits", "sum"], asset: currency as Config["domains"][0]["asset"], faults },
      aboveZero: true,
    });
  };

  it("are reported together with the schema's", () => {
    const text = pretty({ ...good, journal: 1, limits: { perTap: "1,5", sum: "0" } });
    expect(places(faultsOf(text, { check }))).toEqual(["journal 2:3", "limits.perTap 13:5", "limits.sum 14:5"]);
  });

  it("are given what is without fault, and nothing else", () => {
    const seen: unknown[] = [];
    const watch: ReadConfigOptions<Config>["check"] = (given) => seen.push(given?.limits, given?.domains?.[0]);
    const [domain] = good.domains;
    faultsOf(pretty({ ...good, limits: { perTap: 5, sum: "2" }, domains: [{ ...domain, vault: "0x" }] }), {
      check: watch,
    });
    expect(seen).toEqual([
      { perTap: undefined, sum: "2" },
      { vault: undefined, asset: { code: "USDC", decimals: 6, scale: 1n } },
    ]);
    faultsOf("[]", { check: (given) => seen.push(given) });
    expect(seen.at(-1)).toBeUndefined();
  });

  it("can be added while parts are built", () => {
    const { faults } = readConfigFile(write(pretty(good)), schema);
    expect(faults.read("domains.0.vault", () => 7)).toBe(7);
    faults.throwIfAny();
    expect(
      faults.read("domains.0.vault", () => {
        throw new Error("is not deployed");
      }),
    ).toBeUndefined();
    expect(() => faults.throwIfAny()).toThrow(ConfigError);
    expect(places(faults.faults)).toEqual(["domains.0.vault 5:7"]);
  });

  it("may come from flags, which override the file", () => {
    const override = (json: unknown): unknown => ({ ...(json as object), journal: "other.db" });
    expect(readConfigFile(write(pretty(good)), schema, { override }).value.journal).toBe("other.db");
  });
});

it("checks an object of a test like a file", () => {
  expect(readConfigValue(good, schema, { folder: "/srv" }).resolvePath("x")).toBe("/srv/x");
  expect(() => readConfigValue({ ...good, journal: 1 }, schema, { folder: "/srv" })).toThrow(
    expect.objectContaining({ code: "CONFIG", faults: [expect.objectContaining({ path: "journal", line: null })] }),
  );
});
