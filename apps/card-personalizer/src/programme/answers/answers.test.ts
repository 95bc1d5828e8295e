import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ConfigError } from "@tallystick/program";
import { parseAddress, toHex } from "@tallystick/protocol";
import { loadConfig } from "../../config/load-config.ts";
import { CONFIGURATIONS, writeConfigurations } from "../files/configurations.ts";
import { openProgrammeKeys } from "../files/programme-keys.ts";
import { recordLines } from "../files/record.ts";
import { rogueLoss } from "../rogue-reader.ts";
import { askAnswers } from "./ask-answers.ts";
import { loadAnswers, weiOf, type Answers } from "./load-answers.ts";

const payee = `0x${"0b".repeat(20)}`;
const good = {
  ...{ name: "Aid", mode: "development", rpcUrl: "http://127.0.0.1:8545", chainId: 31_337 },
  asset: { code: "TUSD", decimals: 6 },
  testToken: { mint: "1000.00" },
  ...{ databaseUrl: "postgres://127.0.0.1/t", redisUrl: "redis://127.0.0.1" },
  treasury: { tokens: "1000.00", ether: "1.5" },
  guarantee: { bears: true, perCard: "100.00", perPayeePerDay: "500.00", tokens: "50.00", ether: "0.5" },
  ...{ pins: true, fund: "20.00" },
  terminal: {
    ...{ payee, category: 3, reader: "R" },
    limits: { perTap: "1.00", unsentSum: "1.00", unsentCount: 5, perCardSum: "1.00", softwareSum: "0.00" },
  },
};

function load(content: object): Answers {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-answers-"));
  writeFileSync(join(folder, "programme.json"), JSON.stringify(content));
  return loadAnswers(join(folder, "programme.json"));
}

function faultsOf(content: object): string[] {
  try {
    load(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("the answers", () => {
  it("have the limits of contactless practice where cards have PINs", () => {
    expect(load(good).limits).toEqual({
      ...{ perTap: "50.00", pinAbove: "50.00", noPinSum: "150.00", noPinCount: 5, validDays: 730 },
    });
    expect(load({ ...good, pins: false, limits: { noPinSum: "30.00" } }).limits).toMatchObject({
      ...{ noPinSum: "30.00", noPinCount: 255 },
    });
    expect([weiOf("1.5"), weiOf("0.000000000000000001"), weiOf("2")]).toEqual([
      ...[1_500_000_000_000_000_000n, 1n, 2_000_000_000_000_000_000n],
    ]);
  });

  it.each<[string, object, string[]]>([
    ["two tokens", { token: payee }, ["token"]],
    ["no token", { testToken: undefined }, ["token"]],
    ["no sum without PINs", { pins: false }, ["limits.noPinSum"]],
    ["a PIN rule without PINs", { pins: false, limits: { noPinSum: "9.00", pinAbove: "1.00" } }, ["limits.pinAbove"]],
    ["a guarantee without an account", { guarantee: { ...good.guarantee, tokens: undefined } }, ["guarantee.tokens"]],
    ["less minted than awaited", { testToken: { mint: "999.00" } }, ["testToken.mint"]],
    ["too little for one card", { treasury: { tokens: "70.00", ether: "1" } }, ["treasury.tokens"]],
    ["a deposit of nothing", { fund: "0.00" }, ["fund"]],
    ["a wait of nothing", { waitSeconds: 0 }, ["waitSeconds"]],
    ["gwei for ether", { treasury: { tokens: "1000.00", ether: "5 gwei" } }, ["treasury.ether"]],
    [
      "production with nothing drawn",
      { mode: "production", testToken: undefined, token: payee },
      ["treasury", "guarantee", "issuer", "master", "issuerTerminal", "testPayee", "terminal"].map((r) => `keys.${r}`),
    ],
    [
      "production with a gas wallet and no key of it",
      { mode: "production", testToken: undefined, token: payee, gas: { ether: "0.1" } },
      ["treasury", "gas", "guarantee", "issuer", "master", "issuerTerminal", "testPayee", "terminal"].map(
        (r) => `keys.${r}`,
      ),
    ],
  ])("with %s are refused", (_name, changes, faults) => {
    expect(faultsOf({ ...good, ...changes })).toEqual(faults);
  });

  it("come from a person too, who is asked again after an answer that is none", async () => {
    const asked: string[] = [];
    const given: Readonly<Record<string, string>> = {
      called: "Aid",
      JSON: "http://127.0.0.1:8545",
      id: "31337",
      "The token's": "test",
      database: "postgres://127.0.0.1/t",
      Redis: "redis://127.0.0.1",
      deposit: "20.00",
      begins: "1000.00",
      copied: "no",
      payout: payee,
      reader: "R",
      "payment at it": "1.00",
      wait: "1.00",
      payments: "5",
      "of one card": "1.00",
    };
    const folder = mkdtempSync(join(tmpdir(), "tallystick-asked-"));
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      if (question.startsWith("First deposit")) return "twenty";
      return Object.entries(given).find(([part]) => question.includes(part))?.[1] ?? "";
    };
    const answers = await askAnswers(ask);
    writeFileSync(join(folder, "programme.json"), JSON.stringify(answers));
    expect(loadAnswers(join(folder, "programme.json"))).toMatchObject({ pins: true, fund: "20.00" });
    expect(asked.filter((question) => question.includes("First deposit"))).toHaveLength(2);
    await expect(askAnswers(async () => "?")).rejects.toMatchObject({ code: "USAGE" });
  });
});

it("says what a rogue reader can take at most", () => {
  const limits = { perTap: 50n, pinAbove: 50n, noPinSum: 150n, noPinCount: 5 };
  expect(rogueLoss(limits)).toEqual({ perPayment: 50n, total: 150n, payments: 3 });
  expect(rogueLoss({ ...limits, noPinCount: 2 })).toEqual({ perPayment: 50n, total: 100n, payments: 2 });
  expect(rogueLoss({ ...limits, pinAbove: 20n })).toEqual({ perPayment: 20n, total: 100n, payments: 5 });
  expect(rogueLoss({ ...limits, pinAbove: 20n, noPinCount: 255 })).toEqual({
    ...{ perPayment: 20n, total: 150n, payments: 8 },
  });
  expect(rogueLoss({ ...limits, pinAbove: 0n })).toEqual({ perPayment: 0n, total: 0n, payments: 0 });
});

describe("the files of a programme", () => {
  const installation = {
    vault: parseAddress(`0x${"7a".repeat(20)}`),
    token: parseAddress(`0x${"70".repeat(20)}`),
    startBlock: 12,
    issuerTerminalId: `0x${"01".repeat(8)}`,
    terminalId: `0x${"02".repeat(8)}`,
  };

  it("are keys that are drawn once and readable to nobody else", () => {
    const answers = load(good);
    const keys = openProgrammeKeys(answers);
    expect(openProgrammeKeys(answers).checkValues).toEqual(keys.checkValues);
    for (const name of ["treasury.json", "issuer.json", "master.json", "issuer-token", "operator-token"])
      expect([name, statSync(join(answers.folder, "keys", name)).mode & 0o077]).toEqual([name, 0]);
    expect(keys.guaranteeAddress).toMatch(/^0x[0-9a-f]{40}$/);
    const other = load({ ...good, guarantee: { bears: false, perCard: "0.00", perPayeePerDay: "0.00" } });
    expect(openProgrammeKeys(other).guaranteeAddress).toBeNull();
    expect(existsSync(join(other.folder, "keys", "guarantee.json"))).toBe(false);
  });

  it("are never drawn in production, nor on a chain of worth", () => {
    for (const changes of [{ chainId: 1 }, {}]) {
      const answers = {
        ...load({ ...good, ...changes }),
        ...(changes.chainId === undefined ? { mode: "production" as const } : {}),
      };
      expect(() => openProgrammeKeys(answers)).toThrow(expect.objectContaining({ exit: "keys" }));
      expect(existsSync(join(answers.folder, "keys"))).toBe(changes.chainId !== undefined);
    }
  });

  it("name a gas wallet where there is one, with a key of its own", () => {
    const answers = load({ ...good, gas: { ether: "0.1" } });
    const keys = openProgrammeKeys(answers);
    expect(keys.gasAddress).toBe(keys.checkValues.gas);
    expect([toHex(keys.treasury.address), keys.guaranteeAddress]).not.toContain(keys.gasAddress);
    writeConfigurations(answers, keys, installation);
    const settlement = JSON.parse(readFileSync(join(answers.folder, "settlement.json"), "utf8")) as object;
    expect(settlement).toMatchObject({ gas: { keyFile: "keys/gas.json" } });
    expect(openProgrammeKeys(load(good)).gasAddress).toBeNull();
  });

  it("name a private node as one in every configuration, and refuse another one by plain http", () => {
    const elsewhere = { ...good, chainId: 8453, rpcUrl: "http://node.example" };
    expect(faultsOf(elsewhere)).toEqual(["rpcUrl"]);
    expect(faultsOf({ ...good, rpcUrl: elsewhere.rpcUrl })).toEqual([]);
    const answers = { ...load({ ...elsewhere, privateNode: true }), chainId: 31_337n };
    writeConfigurations(answers, openProgrammeKeys(answers), installation);
    const written = (name: string) => JSON.parse(readFileSync(join(answers.folder, name), "utf8")) as { chain: object };
    expect([written("settlement.json").chain, written("gateway.json").chain]).toEqual([
      { privateNodes: true },
      { rpcUrl: "http://node.example", startBlock: 12, private: true },
    ]);
  });

  it("are configurations that are written once, and never over what somebody changed", () => {
    const answers = load(good);
    const keys = openProgrammeKeys(answers);
    expect(writeConfigurations(answers, keys, installation)).toEqual([]);
    expect(writeConfigurations(answers, keys, installation)).toEqual([]);
    const config = loadConfig(join(answers.folder, "issuer.json"));
    expect([toHex(config.domain.vault), config.mode]).toEqual([toHex(installation.vault), "development"]);
    expect(config.owner && toHex(config.owner)).toBe(toHex(keys.treasury.address));
    expect(config.caps).toMatchObject({ noPinSum: "150.00", noPinCount: 5 });
    const changed = join(answers.folder, "gateway.json");
    writeFileSync(changed, "{}");
    expect(writeConfigurations(answers, keys, installation)).toEqual(["gateway.json"]);
    expect(readFileSync(changed, "utf8")).toBe("{}");
    for (const name of CONFIGURATIONS) expect(existsSync(join(answers.folder, name))).toBe(true);
  });

  it("are a record that holds no secret", () => {
    const answers = load(good);
    const keys = openProgrammeKeys(answers);
    const text = recordLines(answers, {
      ...{ installation, keys, token: { decimals: 6, pausable: true, blocks: false }, delaySeconds: 5 },
      ...{ deployedBy: null, virtualCard: { card: payee, voucherId: "0x01" }, nowMs: 0 },
    }).join("\n");
    for (const name of ["treasury", "issuer", "master", "terminal"]) {
      const secret = JSON.parse(readFileSync(join(answers.folder, "keys", `${name}.json`), "utf8")) as object;
      for (const value of Object.values(secret).filter((each) => /^0x[0-9a-f]{32,}$/.test(String(each))))
        expect(text).not.toContain(String(value).slice(2));
    }
    expect(text).toContain(keys.issuerKey.publicKey);
  });
});
