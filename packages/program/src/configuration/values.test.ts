import { describe, expect, it } from "@jest/globals";
import type { z } from "zod";
import {
  address,
  asset,
  chainId,
  hexBytes,
  httpUrl,
  issuerKeys,
  listen,
  log,
  publicKey,
  seconds,
  socketAddress,
} from "./values.ts";

const key = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

describe("a setting", () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ["an address", address, `0x${"AB".repeat(20)}`, new Uint8Array(20).fill(0xab)],
    ["bytes", hexBytes(2), "0x0aFF", Uint8Array.of(10, 255)],
    ["bytes of any length", hexBytes(), "0x", new Uint8Array()],
    ["a chain as a number", chainId, 31_337, 31_337n],
    ["a chain as digits", chainId, "18446744073709551615", 18_446_744_073_709_551_615n],
    ["an asset", asset, { code: "USDC", decimals: 6 }, { code: "USDC", decimals: 6, scale: 1n }],
    [
      "an asset with a large scale",
      asset,
      { code: "DAI", decimals: 6, scale: "1000000000000" },
      { code: "DAI", decimals: 6, scale: 10n ** 12n },
    ],
    ["a place to listen at", listen(8_300), undefined, { host: "127.0.0.1", port: 8_300, hosts: [], proxies: [] }],
    [
      "a place to listen at, by its port",
      listen(8_300),
      { port: 0 },
      { host: "127.0.0.1", port: 0, hosts: [], proxies: [] },
    ],
    ["an address of the web", httpUrl, "http://localhost:8400//", "http://localhost:8400"],
    ["a log level", log, {}, { level: "info" }],
  ])("reads %s", (_, schema, given, read) => {
    expect(schema.parse(given)).toEqual(read);
  });

  it("reads a public key in both its forms, and an issuer's with its id", () => {
    const { compressed, uncompressed } = publicKey.parse(key);
    expect([compressed.length, uncompressed.length, uncompressed[0]]).toEqual([33, 65, 4]);
    expect(issuerKeys.parse([{ id: 3, publicKey: key }])[0]).toMatchObject({ id: 3, publicKey: { compressed } });
  });

  it.each<[string, z.ZodType, unknown]>([
    ["an address of 19 bytes", address, `0x${"ab".repeat(19)}`],
    ["an address with a wrong checksum", address, "0x5FbDB2315678afecb367f032d93F642f64180aA3"],
    ["the zero address", address, `0x${"00".repeat(20)}`],
    ["an address that is a number", address, 7],
    ["three bytes where two are wanted", hexBytes(2), "0x010203"],
    ["chain 0", chainId, 0],
    ["chain 1.5", chainId, 1.5],
    ["an asset with a fraction of decimals", asset, { code: "USDC", decimals: 1.5 }],
    ["an asset with scale 0", asset, { code: "USDC", decimals: 6, scale: "0" }],
    ["an asset with another name", asset, { code: "US-D", decimals: 6 }],
    ["a port above 65535", listen(8_300), { port: 65_536 }],
    ["a place that is a text", listen(8_300), "127.0.0.1:8300"],
    ["a socket without a port", socketAddress, { host: "127.0.0.1" }],
    ["a socket at port 0", socketAddress, { host: "127.0.0.1", port: 0, hosts: [], proxies: [] }],
    ["another protocol", httpUrl, "ftp://localhost"],
    ["seconds before 1970", seconds, -1],
    ["more seconds than 32 bits", seconds, 2 ** 32],
    ["a key that is no point", publicKey, `0x02${"ff".repeat(32)}`],
    ["no issuer key", issuerKeys, []],
    ["an unknown level", log, { level: "loud" }],
  ])("refuses %s", (_, schema, given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });
});
