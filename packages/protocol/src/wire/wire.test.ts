import { describe, expect, it } from "@jest/globals";
import type { z } from "zod";
import * as protocol from "../index.ts";
import * as wire from "./index.ts";

const hex = (length: number) => `0x${"ab".repeat(length)}`;

const upload = {
  upload: hex(128),
  signature: hex(64),
  certificate: hex(163),
  certificateSignature: hex(64),
  body: "0x01",
};
const results = { results: [{ voucherId: hex(32), status: "new", code: null }] };
const statusList = { head: hex(81), signature: hex(64), list: "Y2Bg" };
const card = { cardKey: hex(33), owner: hex(20), openingSignature: hex(64), reference: "C-0001" };
const registered = { card: hex(20), cardIndex: 5, state: "open" };
const allowance = {
  ...{ perTap: "20.00", pinAbove: "20.00", noPinSum: "50", noPinCount: 50, notBefore: 0, notAfter: 4294967295 },
  ...{ categories: "18446744073709551615", flags: 15 },
  reason: "order 7, card C-1",
};
const merchant = {
  ...{ payee: hex(20), category: 63, terminalId: hex(8), terminalKey: hex(65), notBefore: 0, notAfter: 1 },
  ...{ perTap: "20.00", unsentSum: "500.00", unsentCount: 1000, perCardSum: "50.00", softwareSum: "0" },
  reason: "a new merchant at the harbour",
};

const schemas: readonly (readonly [string, z.ZodType, Record<string, unknown>, Record<string, unknown>])[] = [
  [
    "upload",
    wire.uploadRequestSchema,
    upload,
    { upload: hex(127), signature: "00", body: "0x1", certificate: 7, certificateSignature: `0x${"AB".repeat(64)}` },
  ],
  [
    "upload results",
    wire.uploadResponseSchema,
    results,
    { results: [{ voucherId: hex(32), status: "paid", code: null }] },
  ],
  [
    "status list",
    wire.statusListResponseSchema,
    statusList,
    { head: hex(82), signature: hex(63), list: "not base64!" },
  ],
  [
    "card registration",
    wire.cardRegistrationSchema,
    card,
    { cardKey: hex(65), owner: "0x", openingSignature: null, reference: "" },
  ],
  ["registered card", wire.cardRegistrationResponseSchema, registered, { card: 1, cardIndex: -1, state: "closed" }],
  [
    "allowance request",
    wire.allowanceRequestSchema,
    allowance,
    { perTap: 20, noPinCount: 256, notAfter: 4294967296, flags: 16, categories: "-1", pinAbove: "1e3", reason: " " },
  ],
  [
    "allowance",
    wire.allowanceResponseSchema,
    { body: hex(62), signature: hex(64) },
    { body: hex(61), signature: hex(65) },
  ],
  [
    "merchant",
    wire.merchantRequestSchema,
    merchant,
    { payee: "", category: 64, terminalId: hex(9), unsentCount: 1.5, unsentSum: ".5", reason: "two\nlines" },
  ],
  [
    "certificate",
    wire.certificateResponseSchema,
    { certificate: hex(163), signature: hex(64) },
    { certificate: hex(118), signature: "" },
  ],
];

describe.each(schemas)("%s", (_name, schema, good, wrong) => {
  it("takes a good one", () => {
    expect(schema.parse(good)).toEqual(good);
  });

  it("refuses an unknown field, and each field when it is missing", () => {
    expect(schema.safeParse({ ...good, surplus: 1 }).success).toBe(false);
    for (const field of Object.keys(good)) {
      const rest = Object.fromEntries(Object.entries(good).filter(([name]) => name !== field));
      expect(schema.safeParse(rest).success).toBe(false);
    }
  });

  it.each(Object.entries(wrong))("refuses a wrong %s and names it", (field, value) => {
    const parsed = schema.safeParse({ ...good, [field]: value });
    expect(parsed.error?.issues.map((issue) => issue.path[0])).toContain(field);
  });
});

describe("the longest upload", () => {
  it("fits, and one byte more does not", () => {
    const longest = hex(protocol.MAX_UPLOAD_BODY_LENGTH);
    expect(wire.uploadRequestSchema.safeParse({ ...upload, body: longest }).success).toBe(true);
    expect(wire.uploadRequestSchema.safeParse({ ...upload, body: `${longest}00` }).success).toBe(false);
    expect(protocol.fromHex(longest)).toHaveLength(protocol.MAX_UPLOAD_BODY_LENGTH);
  });
});
