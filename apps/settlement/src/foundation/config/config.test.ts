import { describe, expect, it } from "@jest/globals";
import { ConfigError, readConfigValue } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { administrationDoor, configSchema, type Config } from "./config.ts";

const valid = {
  databaseUrl: "postgres://127.0.0.1/tallystick",
  redisUrl: "redis://127.0.0.1:6379",
  rpcUrl: "http://127.0.0.1:8545",
  chainId: 31337,
  vault: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  token: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512",
  asset: { code: "USD", decimals: 6 },
  chainKeyFile: "chain.json",
  issuerKeyFile: "issuer.json",
  guarantee: { bears: true, perCard: "50.00", perPayeePerDay: "500.00", keyFile: "guarantee.json" },
};

const parse = (value: unknown): Config => readConfigValue(value, configSchema, { folder: "/" }).value;

/** Paths of the faults of a configuration. */
function faultsOf(value: unknown): string[] {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("configuration", () => {
  it("fills defaults", () => {
    const config = parse(valid);
    expect(toHex(config.vault)).toBe("0x5fbdb2315678afecb367f032d93f642f64180aa3");
    expect(config.asset.scale).toBe(1n);
    expect(config.batch).toEqual({ maxVouchers: 1_000, maxGas: 14_000_000, maxAgeMs: 5_000 });
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 8_400, hosts: [], proxies: [] });
    expect(administrationDoor(config)).toEqual({ host: "127.0.0.1", port: 8_401, hosts: [], proxies: [] });
  });

  it("lists every fault at once", () => {
    const broken = { ...valid, chainId: 0, vault: "0x12", tokens: [{ token: "short", role: "issuer" }] };
    expect(faultsOf(broken)).toEqual(["chainId", "vault", "tokens.0.token"]);
  });

  it("takes plain http to a node elsewhere where nothing has worth, or the line is said to be private", () => {
    const nodes = { rpcUrl: "http://node.example", witnessRpcUrl: "http://8.8.8.8:8545" };
    expect(faultsOf({ ...valid, ...nodes })).toEqual([]);
    expect(faultsOf({ ...valid, ...nodes, chainId: 8453 })).toEqual(["rpcUrl", "witnessRpcUrl"]);
    expect(faultsOf({ ...valid, ...nodes, chainId: 8453, chain: { privateNodes: true } })).toEqual([]);
    expect(faultsOf({ ...valid, chainId: 8453, witnessRpcUrl: "http://10.0.0.9" })).toEqual([]);
  });

  it("has no default for what the issuer bears, and takes amounts of its asset alone", () => {
    const { guarantee, ...without } = valid;
    expect(faultsOf(without)).toEqual(["guarantee"]);
    expect(faultsOf({ ...valid, guarantee: { bears: true } })).toEqual([
      "guarantee.perCard",
      "guarantee.perPayeePerDay",
    ]);
    const { keyFile: _, ...keyless } = guarantee;
    expect(faultsOf({ ...valid, guarantee: keyless })).toEqual(["guarantee.keyFile"]);
    expect(faultsOf({ ...valid, guarantee: { ...keyless, bears: false } })).toEqual([]);
    const odd = { ...guarantee, perCard: "1.2345678", perPayeePerDay: "-1" };
    expect(faultsOf({ ...valid, guarantee: odd })).toEqual(["guarantee.perCard", "guarantee.perPayeePerDay"]);
  });

  it("takes names of tokens, and none of two persons for one token", () => {
    const [token, other] = ["a-token-of-16-letters", "another-token-of-them"];
    const named = (name?: string, text = token) => ({
      token: text,
      role: "operator",
      ...(name === undefined ? {} : { name }),
    });
    const tokens = [named("ada"), named("ada"), named("ada", other), named(undefined, "a-token-without-name")];
    expect(parse({ ...valid, tokens }).tokens.map(({ name }) => name)).toEqual(["ada", "ada", "ada", undefined]);
    expect(faultsOf({ ...valid, tokens: [named("ada"), named("bo")] })).toEqual(["tokens.1.name"]);
    expect(faultsOf({ ...valid, tokens: [named("ada"), named()] })).toEqual(["tokens.1.name"]);
    for (const name of ["Ada", "", "a d", "a".repeat(41), "ädä"])
      expect(faultsOf({ ...valid, tokens: [named(name)] })).toEqual(["tokens.0.name"]);
  });

  it("opens no door to other machines without tokens or a named proxy", () => {
    const tokens = [{ token: "a-token-of-16-letters", role: "operator" }];
    for (const host of ["0.0.0.0", "::", "10.0.0.7", "settlement.example"]) {
      const listen = { host };
      expect(faultsOf({ ...valid, listen })).toEqual(["listen.host"]);
      expect(faultsOf({ ...valid, administration: { listen } })).toEqual(["administration.listen.host"]);
      expect(faultsOf({ ...valid, listen, tokens })).toEqual([]);
      expect(faultsOf({ ...valid, listen: { host, proxies: ["10.0.0.1"] } })).toEqual([]);
    }
    for (const host of ["localhost", "127.0.0.5", "::1"]) expect(faultsOf({ ...valid, listen: { host } })).toEqual([]);
  });

  it("gives administration the port after terminals' unless it is named, and never the same", () => {
    const administration = (given: object) => parse({ ...valid, ...given });
    expect(administrationDoor(administration({ listen: { port: 0 } })).port).toBe(0);
    expect(administrationDoor(administration({ administration: { listen: { port: 9_000 } } })).port).toBe(9_000);
    expect(faultsOf({ ...valid, listen: { port: 65_535 } })).toEqual(["administration.listen.port"]);
    const same = { listen: { port: 9_000 }, administration: { listen: { port: 9_000 } } };
    expect(faultsOf({ ...valid, ...same })).toEqual(["administration.listen.port"]);
  });

  it("refuses a name it does not know", () => {
    expect(faultsOf({ ...valid, bacth: {} })).toEqual(["bacth"]);
  });

  it("refuses more vouchers a batch than a payload can hold", () => {
    expect(faultsOf({ ...valid, batch: { maxVouchers: 1_001 } })).toEqual(["batch.maxVouchers"]);
    // What is planned must still fit one transaction (EIP-7825) with the eighth that is bought
    // more.
    expect(faultsOf({ ...valid, batch: { maxGas: 14_900_001 } })).toEqual(["batch.maxGas"]);
    expect(faultsOf({ ...valid, batch: { maxGas: 199_999 } })).toEqual(["batch.maxGas"]);
    expect(parse({ ...valid, batch: { maxVouchers: 1_000 } }).batch.maxVouchers).toBe(1_000);
  });
});
