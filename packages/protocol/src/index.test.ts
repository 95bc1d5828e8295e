import { describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as protocol from "./index.ts";
import * as guarantee from "./guarantee/index.ts";
import * as native from "./native/index.ts";
import * as wire from "./wire/index.ts";

describe("lengths of the objects (spec §3.0, §4)", () => {
  it.each([
    ["DOMAIN_LENGTH", 28],
    ["VOUCHER_MESSAGE_LENGTH", 82],
    ["VOUCHER_CONTEXT_LENGTH", 77],
    ["ALLOWANCE_BODY_LENGTH", 62],
    ["ALLOWANCE_LENGTH", 114],
    ["MERCHANT_CERTIFICATE_LENGTH", 163],
    ["RECEIPT_LENGTH", 101],
    ["TERMINAL_REQUEST_LENGTH", 113],
    ["LOG_READING_LENGTH", 56],
    ["STATUS_LIST_HEAD_LENGTH", 81],
    ["BEACON_LENGTH", 145],
    ["STATE_PROOF_LENGTH", 95],
    ["OPENING_LENGTH", 52],
    ["UPLOAD_LENGTH", 128],
    ["REVERSAL_LENGTH", 132],
    ["PIN_SESSION_LENGTH", 113],
    ["PAY_REQUEST_LENGTH", 67],
    ["MAX_PAY_ANSWER_LENGTH", 120],
    ["SELECT_ANSWER_LENGTH", 234],
    ["BLANK_SELECT_ANSWER_LENGTH", 16],
    ["CARD_RECORD_LENGTH", 143],
    ["VOUCHER_BUNDLE_LENGTH", 382],
  ] as const)("%s is %i", (name, length) => {
    expect(protocol[name]).toBe(length);
  });
});

describe.each([
  ["@tallystick/protocol", protocol, "./index.ts"],
  ["@tallystick/protocol/guarantee", guarantee, "./guarantee/index.ts"],
  ["@tallystick/protocol/native", native, "./native/index.ts"],
  ["@tallystick/protocol/wire", wire, "./wire/index.ts"],
])("%s as others see it", (_name, entry, path) => {
  it("exports exactly these names", () => {
    expect(Object.keys(entry).sort()).toMatchSnapshot();
  });

  it("lists every export by name in a headed group", () => {
    const index = readFileSync(new URL(path, import.meta.url), "utf8");
    expect(index).not.toMatch(/export \*|export default/);
    for (const block of index.trim().split("\n\n")) expect(block).toMatch(/^\/\/ [A-Z]/);
  });
});

const IMPORTS = /^(?:import|export|\}) (?:[^;"]*from )?"([^"]+)";$/gm;

/**
 * Every module that an entry reaches: files of this package by their paths, libraries by their
 * names.
 */
function reachable(entry: URL, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(entry.href)) return found;
  found.add(entry.href);
  for (const [, specifier = ""] of readFileSync(entry, "utf8").matchAll(IMPORTS)) {
    if (specifier.startsWith(".")) reachable(new URL(specifier, entry), found);
    else found.add(specifier);
  }
  return found;
}

describe("the libraries behind an entry", () => {
  const librariesOf = (path: string) =>
    [...reachable(new URL(path, import.meta.url))].filter((name) => !name.startsWith("file:")).sort();

  it("are those of cryptography and compression for a codec, and no validator", () => {
    expect(librariesOf("./index.ts")).toEqual([
      "@noble/ciphers/aes.js",
      "@noble/curves/secp256k1.js",
      "@noble/hashes/sha2.js",
      "@noble/hashes/sha3.js",
      "@tallystick/money",
      "node:zlib",
    ]);
  });

  it("include the validator behind the wire", () => {
    expect(librariesOf("./wire/index.ts")).toContain("zod");
  });
});

describe("the vectors", () => {
  it("are what their generator writes", () => {
    const generator = fileURLToPath(new URL("../../../vectors/generate.mjs", import.meta.url));
    expect(() => execFileSync(process.execPath, [generator, "--check"], { stdio: "pipe" })).not.toThrow();
  });
});

describe("instances of the applet (spec §2.3)", () => {
  it("reads the SELECT answer of a second instance and refuses instance 0", () => {
    const { valid } = JSON.parse(readFileSync(new URL("../../../vectors/select-answer.json", import.meta.url), "utf8"));
    const bytes = protocol.fromHex(valid[0].hex);
    bytes[12] = 2;
    expect(protocol.decodeSelectAnswer(bytes).aid).toEqual(protocol.instanceAid(2));
    for (const instance of [0, 256, 1.5])
      expect(() => protocol.instanceAid(instance)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });
});
