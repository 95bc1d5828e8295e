import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { ConfigError } from "@tallystick/program";
import { loadConfig, type ConfigFlags } from "./load-config.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-config-"));
  writeFileSync(join(folder, "token"), "a-token-in-a-file-of-its-own\n", { mode: 0o600 });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The generator of secp256k1: any point will do. */
const key = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const good = {
  journal: "journal.sqlite",
  masterKeyFile: "master.json",
  settlement: { url: "http://localhost:8400/", token: "0123456789abcdef" },
  domain: { chainId: 31337, vault: `0x${"7a".repeat(20)}`, asset: { code: "USDC", decimals: 6 } },
  issuerKeys: [{ id: 3, publicKey: key }],
  owner: `0x${"0a".repeat(20)}`,
  fund: "20.00",
  testPayee: { payee: `0x${"0b".repeat(20)}`, terminalId: `0x${"0c".repeat(8)}`, terminalKeyFile: "terminal.json" },
};

function load(content: unknown, flags: ConfigFlags = {}): ReturnType<typeof loadConfig> {
  const path = join(folder, "config.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return loadConfig(path, flags);
}

/** The paths of what is wrong. */
function faultsOf(content: unknown, flags: ConfigFlags = {}): string[] {
  try {
    load(content, flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

/** All that a refused configuration says. */
function wordsOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message} ${error.next} ${JSON.stringify(error.faults)}`;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("loadConfig", () => {
  it("reads a configuration: paths from its own folder, amounts in units, keys in both forms", () => {
    const config = load(good);
    expect(config.mode).toBe("production");
    expect(config.journal).toBe(join(folder, "journal.sqlite"));
    expect(config.testPayee.terminalKeyFile).toBe(join(folder, "terminal.json"));
    expect(config.settlement.url).toBe("http://localhost:8400");
    expect([config.fund, config.token]).toEqual([20_000_000n, "0123456789abcdef"]);
    expect([config.cardIssuerKey.id, config.cardIssuerKey.publicKey.length]).toEqual([3, 65]);
    expect(config.issuerKeys.map(({ publicKey }) => toHex(publicKey))).toEqual([key]);
    expect(config.caps).toMatchObject({ perTap: "50.00", noPinCount: 100, categories: "all" });
  });

  it("takes the usual stock for granted, and reads another", () => {
    expect(load(good).stock).toEqual({
      ...{ protocol: "SCP03", mode: "S8", keyVersion: 0xff, keys: "default", keyBits: 128, ownKeyVersion: 0x30 },
      ...{ cardName: "diversification", skipsEmptyCommands: false, secured: false },
    });
    const stock = { keyVersion: "0x31", ownKeyVersion: "0x32", keys: { file: "transport.json", kdf: "visa2" } };
    expect(load({ ...good, stock: { ...stock, securityDomain: "0xA000000003000000" } }).stock).toMatchObject({
      ...{ keyVersion: 0x31, ownKeyVersion: 0x32, keys: { file: join(folder, "transport.json"), kdf: "visa2" } },
      securityDomain: Uint8Array.of(0xa0, 0, 0, 0, 3, 0, 0, 0),
    });
  });

  it("takes the token from a file, and flags over the file", () => {
    const settlement = { url: "http://localhost", tokenFile: "token" };
    const config = load({ ...good, settlement }, { fund: "1.5", perTap: "2.00", pinlessCount: "7", reader: "R" });
    expect(config.token).toBe("a-token-in-a-file-of-its-own");
    expect([config.fund, config.caps.perTap, config.caps.noPinCount, config.reader]).toEqual([
      ...[1_500_000n, "2.00", 7, "R"],
    ]);
  });

  it.each<[string, unknown, string]>([
    ["no JSON", "{", ""],
    ["a list", [], ""],
    ["an unknown name", { ...good, jurnal: "x" }, "jurnal"],
    ["a name twice", `{"journal": "a", "journal": "b"}`, "journal"],
    [
      "a token that would travel in the open",
      { ...good, settlement: { url: "http://settlement.example", token: "0123456789abcdef" } },
      "settlement.url",
    ],
    [
      "a password in a URL",
      { ...good, settlement: { url: "https://ada:secret@settlement.example", token: "0123456789abcdef" } },
      "settlement.url",
    ],
    ["no token", { ...good, settlement: { url: "http://localhost" } }, "settlement"],
    [
      "a token file that is not there",
      { ...good, settlement: { url: "http://localhost", tokenFile: "no" } },
      "settlement.tokenFile",
    ],
    [
      "another protocol",
      { ...good, settlement: { url: "ftp://localhost", token: "0123456789abcdef" } },
      "settlement.url",
    ],
    ["a short vault", { ...good, domain: { ...good.domain, vault: "0x7a" } }, "domain.vault"],
    [
      "a key that is no point",
      { ...good, issuerKeys: [{ id: 1, publicKey: `0x02${"ff".repeat(32)}` }] },
      "issuerKeys.0.publicKey",
    ],
    ["no key", { ...good, issuerKeys: [] }, "issuerKeys"],
    ["chain 0", { ...good, domain: { ...good.domain, chainId: 0 } }, "domain.chainId"],
    ["a deposit of nothing", { ...good, fund: "0" }, "fund"],
    ["a deposit with a seventh decimal", { ...good, fund: "0.0000001" }, "fund"],
    ["a cap of nothing", { ...good, caps: { perTap: "0.00" } }, "caps.perTap"],
    ["caps as numbers", { ...good, caps: { perTap: 5 } }, "caps.perTap"],
    ["no payment without PIN", { ...good, caps: { noPinCount: 0 } }, "caps.noPinCount"],
    ["a test payee outside the categories", { ...good, caps: { categories: [7] } }, "caps.categories"],
    ["assurance class 2", { ...good, caps: { assuranceClass: 2 } }, "caps.assuranceClass"],
    ["the vault as owner", { ...good, owner: `0x${"7a".repeat(20)}` }, "owner"],
    ["a cap above the deposit", { ...good, caps: { maxSpent: "20.01" } }, "caps.maxSpent"],
    ["a soft cap above the deposit", { ...good, caps: { softSpent: "20.01" } }, "caps.softSpent"],
    ["a soft cap above the hard one", { ...good, caps: { softSpent: "5", maxSpent: "4" } }, "caps.softSpent"],
    ["a PIN rule where no card gets a PIN", { ...good, caps: { pinAbove: "5.00" } }, "caps.pinAbove"],
    [
      "a token with its scheme",
      { ...good, settlement: { url: "http://localhost", token: "Bearer 0123456789abcdef" } },
      "settlement.token",
    ],
    ["a stock of SCP02", { ...good, stock: { protocol: "SCP02" } }, "stock.protocol"],
    ["one key version for two sets", { ...good, stock: { keyVersion: "0x30" } }, "stock.ownKeyVersion"],
    ["a key version in decimals", { ...good, stock: { keyVersion: 48 } }, "stock.keyVersion"],
    ["an own key version of 00", { ...good, stock: { ownKeyVersion: "0x00" } }, "stock.ownKeyVersion"],
    ["an own key version of 80", { ...good, stock: { ownKeyVersion: "0x80" } }, "stock.ownKeyVersion"],
    ["a short security domain", { ...good, stock: { securityDomain: "0xa0000001" } }, "stock.securityDomain"],
    ["a word that no stock has", { ...good, stock: { kdf: "kdf3" } }, "stock.kdf"],
    [
      "a length of transport keys",
      { ...good, stock: { keys: { file: "t.json", kdf: "emv" }, keyBits: 256 } },
      "stock.keyBits",
    ],
    ["instance 0", { ...good, instance: 0 }, "instance"],
  ])("refuses %s", (_name, content, fault) => {
    expect(faultsOf(content)).toContain(fault);
  });

  it("takes limits up to the deposit, and a PIN rule that asks nobody or everybody who has one", () => {
    expect(faultsOf({ ...good, caps: { maxSpent: "20.00", softSpent: "20.00" } })).toEqual([]);
    expect(faultsOf({ ...good, caps: { perTap: "5.00", pinAbove: "5.00" } })).toEqual([]);
    expect(faultsOf({ ...good, pinFolder: "letters", caps: { pinAbove: "5.00" } })).toEqual([]);
    expect(faultsOf(good, { fund: "3.00" })).toEqual([]);
    expect(faultsOf({ ...good, caps: { maxSpent: "20.00" } }, { fund: "19.99" })).toEqual(["caps.maxSpent"]);
  });

  const utf16 = Buffer.from("\ufeff0123456789abcdef", "utf16le");
  it.each<[string, Uint8Array]>([
    ["in UTF-16", utf16],
    ["in UTF-16 without a mark", utf16.subarray(2)],
    ["with a byte-order mark", Buffer.from("\ufeff0123456789abcdef")],
    ["that is empty", Buffer.from("\n")],
    ["with the word Bearer", Buffer.from("Bearer 0123456789abcdef")],
    ["with two words", Buffer.from("0123456789abcdef 0123456789abcdef")],
    ["that is too short", Buffer.from("0123456789abcde")],
  ])("refuses a token file %s, and never shows what is in it", (_name, content) => {
    writeFileSync(join(folder, "odd-token"), content, { mode: 0o600 });
    const refused = (): unknown => load({ ...good, settlement: { url: "http://localhost", tokenFile: "odd-token" } });
    expect(wordsOf(refused)).not.toContain("0123456789");
  });

  it("never shows the password of a URL, and refuses a file in another encoding", () => {
    const refused = (): unknown =>
      load({ ...good, settlement: { url: "https://ada:geheim@settlement.example", token: "0123456789abcdef" } });
    expect(wordsOf(refused)).not.toContain("geheim");
    const path = join(folder, "encoded.json");
    for (const bytes of [Buffer.from(`\ufeff${JSON.stringify(good)}`), Buffer.from(JSON.stringify(good), "utf16le")]) {
      writeFileSync(path, bytes);
      expect(() => loadConfig(path)).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
  });

  it("refuses a file that is not there", () => {
    expect(() => loadConfig(join(folder, "nowhere.json"))).toThrow(expect.objectContaining({ code: "CONFIG" }));
  });

  it("names all faults at once, and refuses flags that cannot be", () => {
    expect(faultsOf({ ...good, journal: "", instance: 256 }).toSorted()).toEqual(["instance", "journal"]);
    expect(faultsOf({ ...good, domain: undefined, fund: 7 }).toSorted()).toEqual(["domain", "fund"]);
    for (const pinlessCount of ["many", "0x10", "1e2", " 7", "-1", "", "0"])
      expect(faultsOf(good, { pinlessCount })).toEqual(["caps.noPinCount"]);
    expect(faultsOf(good, { owner: "0x12" })).toEqual(["owner"]);
  });
});
