import { describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as protocol from "./index.ts";

describe("lengths of the objects (spec §3.0, §4)", () => {
  it.each([
    ["DOMAIN_LENGTH", 28],
    ["VOUCHER_MESSAGE_LENGTH", 82],
    ["VOUCHER_CONTEXT_LENGTH", 77],
    ["ALLOWANCE_BODY_LENGTH", 62],
    ["ALLOWANCE_LENGTH", 114],
    ["MERCHANT_CERTIFICATE_LENGTH", 119],
    ["STATUS_LIST_HEAD_LENGTH", 81],
    ["BEACON_LENGTH", 145],
    ["STATE_PROOF_LENGTH", 95],
    ["OPENING_LENGTH", 52],
    ["UPLOAD_LENGTH", 128],
    ["CANCELLATION_LENGTH", 132],
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

describe("the package as others see it", () => {
  it("exports exactly these names", () => {
    expect(Object.keys(protocol).sort()).toMatchSnapshot();
  });

  it("lists every export by name in a headed group", () => {
    const index = readFileSync(new URL("./index.ts", import.meta.url), "utf8");
    expect(index).not.toMatch(/export \*|export default/);
    for (const block of index.trim().split("\n\n")) expect(block).toMatch(/^\/\/ [A-Z]/);
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
