import { describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { codecOf } from "./testing/vector-codecs.ts";
import type { VectorFields } from "./testing/vector-fields.ts";
import { fromHex, isProtocolError, toHex } from "./index.ts";

interface VectorFile {
  readonly object: string;
  readonly clause: string;
  readonly source: string;
  readonly valid: readonly {
    readonly name: string;
    readonly fields: VectorFields;
    readonly hex: string;
    readonly sha256: string;
  }[];
  readonly invalid: readonly {
    readonly name: string;
    readonly hex: string;
    readonly code: string;
    readonly cards?: number;
  }[];
}

const files = [
  "admission",
  "allowance",
  "allowance-body",
  "beacon",
  "reversal",
  "card-address",
  "card-record",
  "card-signature",
  "card-tag",
  "certificate-request",
  "domain",
  "log-reading",
  "mailbox-page",
  "mailbox-request",
  "merchant-certificate",
  "opening",
  "order-report",
  "pay-answer",
  "pay-request",
  "pin-block",
  "pin-command",
  "pin-session",
  "receipt",
  "refund-order",
  "select-answer",
  "short-pay-answer",
  "short-select-answer",
  "state-proof",
  "status-list",
  "status-list-head",
  "terminal-request",
  "upload",
  "upload-body",
  "voucher-context",
  "voucher-id",
  "voucher-message",
];

function load(file: string): VectorFile {
  return JSON.parse(readFileSync(new URL(`../../../vectors/${file}.json`, import.meta.url), "utf8"));
}

it("reads every vector file but those of the vault's payload and of settlement's audit log, which they read", () => {
  const present = readdirSync(new URL("../../../vectors/", import.meta.url)).filter((name) => name.endsWith(".json"));
  expect(present.map((name) => name.slice(0, -5)).sort()).toEqual([...files, "settle-payload", "audit-entry"].sort());
});

describe.each(files)("vectors/%s.json", (file) => {
  const { valid, invalid } = load(file);
  const codec = codecOf(file);

  it.each(valid.map((entry) => [entry.name, entry] as const))(
    "builds %s from its fields",
    (_name, { fields, hex, sha256 }) => {
      const bytes = codec.build(fields);
      expect(toHex(bytes)).toBe(hex);
      expect(`0x${createHash("sha256").update(bytes).digest("hex")}`).toBe(sha256);
    },
  );

  if (codec.rebuild !== undefined) {
    const rebuild = codec.rebuild;
    it.each(valid.map((entry) => [entry.name, entry] as const))(
      "reads %s and writes the same bytes",
      (_name, { hex, fields }) => {
        expect(toHex(rebuild(fromHex(hex), fields))).toBe(hex);
      },
    );
  }

  if (invalid.length > 0) {
    it.each(invalid.map((entry) => [entry.name, entry] as const))("refuses: %s", (_name, { hex, code, cards }) => {
      let found: unknown = null;
      try {
        codec.rebuild?.(fromHex(hex), cards === undefined ? {} : { cards });
      } catch (error) {
        found = error;
      }
      expect(isProtocolError(found) ? found.code : found).toBe(code);
    });
  }
});
