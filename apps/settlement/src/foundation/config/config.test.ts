import { describe, expect, it } from "@jest/globals";
import { ConfigError, parseConfig } from "./load-config.ts";

const valid = {
  listen: { port: 0 },
  databaseUrl: "postgres://127.0.0.1/tallystick",
  redisUrl: "redis://127.0.0.1:6379",
  rpcUrl: "http://127.0.0.1:8545",
  chainId: 31337,
  vault: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  token: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512",
  asset: { code: "USD", decimals: 6 },
  chainKeyFile: "chain.json",
  issuerKeyFile: "issuer.json",
};

describe("configuration", () => {
  it("fills defaults and writes addresses in lower case", () => {
    const config = parseConfig(valid);
    expect(config.vault).toBe("0x5fbdb2315678afecb367f032d93f642f64180aa3");
    expect(config.asset.scale).toBe(1n);
    expect(config.batch).toEqual({ maxVouchers: 1_000, maxGas: 14_000_000, maxAgeMs: 5_000 });
    expect(config.listen.host).toBe("127.0.0.1");
  });

  it("lists every fault at once", () => {
    const broken = { ...valid, chainId: 0, vault: "0x12", tokens: [{ token: "short", role: "issuer" }] };
    try {
      parseConfig(broken);
      throw new Error("was accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const faults = (error as ConfigError).faults;
      expect(faults.map((fault) => fault.split(":")[0])).toEqual(["chainId", "vault", "tokens.0.token"]);
    }
  });

  it("refuses a name it does not know", () => {
    expect(() => parseConfig({ ...valid, bacth: {} })).toThrow(ConfigError);
  });

  it("refuses more vouchers a batch than a payload can hold", () => {
    expect(() => parseConfig({ ...valid, batch: { maxVouchers: 1_001 } })).toThrow(ConfigError);
    // What is planned must still fit one transaction (EIP-7825) with the eighth that is bought more.
    expect(() => parseConfig({ ...valid, batch: { maxGas: 14_900_001 } })).toThrow(ConfigError);
    expect(() => parseConfig({ ...valid, batch: { maxGas: 199_999 } })).toThrow(ConfigError);
    expect(parseConfig({ ...valid, batch: { maxVouchers: 1_000 } }).batch.maxVouchers).toBe(1_000);
  });
});
