import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import * as protocol from "./index.ts";
import {
  body,
  cached,
  counting,
  domain,
  heldList,
  issuerKeys,
  makeCard,
  now,
  policy,
  testSigner,
} from "./testing/fixture.ts";

/**
 * The code and the context of what is thrown: both are part of the interface, the message is not.
 */
function faultOf(action: () => unknown): { readonly code: string; readonly context: object } | null {
  try {
    action();
    return null;
  } catch (error) {
    if (protocol.isProtocolError(error)) return { code: error.code, context: error.context };
    throw error;
  }
}

const codeOf = (action: () => unknown): string | null => faultOf(action)?.code ?? null;

describe("an address (spec §2.4)", () => {
  it.each([
    ["twenty bytes", counting(1, 20), true],
    ["nineteen", counting(1, 19), false],
    ["twenty-one", counting(1, 21), false],
    ["twenty zeros", new Uint8Array(20), false],
    ["twenty bytes of another realm", runInNewContext("new Uint8Array(20).fill(1)"), true],
    ["twenty numbers of two bytes", new Uint16Array(20).fill(1), false],
    ["what calls itself bytes", { length: 20, [Symbol.toStringTag]: "Uint8Array" }, false],
    ["what inherits from bytes", Object.create(Uint8Array.prototype, { length: { value: 20 } }), false],
    ["a text", "0x00", false],
    ["nothing", undefined, false],
  ])("is distinguished from %s", (_name, value, good) => {
    expect(protocol.isAddress(value)).toBe(good);
  });

  it("is read in upper case throughout, and in mixed case only with its checksum", () => {
    const checksummed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"; // EIP-55's first example.
    const digits = checksummed.slice(2);
    const bytes = protocol.fromHex(checksummed);
    expect(protocol.parseAddress(`0x${digits.toUpperCase()}`)).toEqual(bytes);
    expect(protocol.parseAddress(`0x${digits.toLowerCase()}`)).toEqual(bytes);
    const wrong = `0x${digits.toUpperCase().replace("A", "a")}`;
    expect(faultOf(() => protocol.parseAddress(wrong))).toEqual({ code: "BAD_CHECKSUM", context: { actual: wrong } });
  });

  it("is named in what is thrown", () => {
    expect(faultOf(() => protocol.toAddress(new Uint8Array(20)))).toEqual({
      code: "ZERO_ADDRESS",
      context: { object: "address", field: "address" },
    });
  });
});

describe("the allowance's flags and categories (spec §3.3)", () => {
  it.each([
    [0, 0, false],
    [1, 0, true],
    [2, 1, false],
    [3, 1, true],
    [4, 2, false],
    [5, 2, true],
    [6, 3, false],
    [7, 3, true],
    [8, 0, false],
    [15, 3, true],
  ])("reads the flags %i", (flags, assurance, certificate) => {
    expect(protocol.assuranceClass({ ...body, flags })).toBe(assurance);
    expect(protocol.certificateRequired({ ...body, flags })).toBe(certificate);
  });

  it.each([
    [0, true],
    [63, true],
    [-1, false],
    [64, false],
  ])("of all categories, %i is allowed: %s", (category, allowed) => {
    expect(protocol.categoryAllowed({ ...body, categories: protocol.MAX_U64 }, category)).toBe(allowed);
    // The bits of a number beyond 64 must not come into it either.
    expect(protocol.categoryAllowed({ ...body, categories: (1n << 65n) - 1n }, category)).toBe(allowed);
  });

  it("allows no category but the one whose bit is set", () => {
    const first = { ...body, categories: 1n };
    expect([0, 1, 63].map((category) => protocol.categoryAllowed(first, category))).toEqual([true, false, false]);
  });
});

describe("the states of a card (spec §4.1)", () => {
  it.each([
    [0x01, "installed"],
    [0x07, "personalized"],
    [0x0b, "suspended"],
    [0x7f, "terminated"],
  ] as const)("%i is %s", (state, name) => {
    expect(protocol.cardStateName(state)).toBe(name);
  });

  it("refuses a card before its first allowance, should one show a whole answer", async () => {
    const { select } = await makeCard({ select: { state: protocol.cardStates.installed } });
    expect(protocol.decideTap(policy, cached, select, 1n, now)).toEqual({ ok: false, reason: "CARD_NOT_PERSONALIZED" });
  });
});

describe("a tag for a card in its domain (spec §2.5)", () => {
  const key = testSigner("card").publicKey;

  it.each([
    ["the long form of a key", protocol.uncompressKey(key), 65],
    ["a key that is one byte short", key.subarray(1), 32],
    ["no bytes at all", "0x02" as unknown as Uint8Array, 0],
  ])("refuses %s and says what came", (_name, cardKey, actual) => {
    expect(faultOf(() => protocol.cardTag(domain, cardKey))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "cardTag", field: "cardKey", expected: "33", actual },
    });
  });

  it.each([0, 1, 4, 255])("refuses the head %i", (head) => {
    const cardKey = Uint8Array.of(head, ...key.subarray(1));
    expect(faultOf(() => protocol.cardTag(domain, cardKey))).toEqual({
      code: "BAD_PUBLIC_KEY",
      context: { object: "cardTag", field: "cardKey" },
    });
  });

  it.each([2, 3])("takes the head %i", (head) => {
    expect(protocol.cardTag(domain, Uint8Array.of(head, ...key.subarray(1)))).toHaveLength(8);
  });
});

describe("a public key", () => {
  const key = testSigner("card").publicKey;
  const long = protocol.uncompressKey(key);

  it.each([
    ["nothing", undefined],
    ["a list of numbers", [...key]],
    ["the long form under a short head", Uint8Array.of(2, ...long.subarray(1))],
    ["the short form under the long head", Uint8Array.of(4, ...key.subarray(1))],
    ["33 bytes under the head 5", Uint8Array.of(5, ...key.subarray(1))],
    ["65 bytes under the head 0", Uint8Array.of(0, ...long.subarray(1))],
    ["34 bytes", Uint8Array.of(...key, 0)],
    ["64 bytes", long.subarray(0, 64)],
  ])("is not %s", (_name, wrong) => {
    expect(faultOf(() => protocol.parsePublicKey(wrong as Uint8Array))).toEqual({
      code: "BAD_PUBLIC_KEY",
      context: { object: "PublicKey", field: "bytes" },
    });
  });
});

describe("what decideTap takes from its caller (spec §5.4)", () => {
  const decide = async (amount: unknown, time: number) => {
    const { select } = await makeCard();
    return () => protocol.decideTap(policy, cached, select, amount as bigint, time);
  };

  it("is an amount up to the largest and a time from 0 to the last second of 32 bits", async () => {
    expect((await decide(protocol.MAX_UNITS, now))()).toEqual({ ok: false, reason: "TERMINAL_PER_TAP" });
    expect((await decide(1n, 0))()).toEqual({ ok: false, reason: "CLOCK_BELOW_FLOOR" });
    expect((await decide(1n, protocol.MAX_U32))()).toEqual({ ok: false, reason: "CERTIFICATE_NOT_VALID" });
  });

  it("is named where it is out of range, with what came", async () => {
    const largest = protocol.MAX_UNITS;
    expect(faultOf(await decide(largest + 1n, now))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "decideTap", field: "amount", expected: `from 1 to ${largest}`, actual: `${largest + 1n}` },
    });
    expect(codeOf(await decide(5, now))).toBe("OUT_OF_RANGE");
    expect(faultOf(await decide(1n, -1))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "decideTap", field: "time", expected: `from 0 to ${protocol.MAX_U32}`, actual: "-1" },
    });
  });
});

describe("the length of an object", () => {
  const refused = (bytes: unknown) => faultOf(() => protocol.decodeDomain(bytes as Uint8Array));

  it("is named where it is wrong, with what came and what was expected", () => {
    const object = "Domain";
    expect(refused(new Uint8Array(27))).toEqual({
      code: "WRONG_LENGTH",
      context: { object, expected: "28", actual: 27 },
    });
    expect(refused(new Uint8Array(29))).toEqual({
      code: "SURPLUS_BYTES",
      context: { object, expected: 28, actual: 29 },
    });
    expect(refused("0x00")).toEqual({
      code: "WRONG_TYPE",
      context: { object, field: "bytes", expected: "a Uint8Array", actual: "string" },
    });
  });

  it("is compared as well: bytes that go on are not equal to their beginning", () => {
    expect(protocol.equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
    expect(protocol.equalBytes(Uint8Array.of(1, 0), Uint8Array.of(1))).toBe(false);
    expect(protocol.equalBytes(Uint8Array.of(), Uint8Array.of())).toBe(true);
  });
});

describe("a field's own error", () => {
  it("names the field, what it may be and what came", () => {
    const at = { object: "Domain", field: "chainId" };
    const vault = domain.vault;
    expect(faultOf(() => protocol.encodeDomain({ chainId: 0n, vault }))).toEqual({
      code: "OUT_OF_RANGE",
      context: { ...at, expected: `from 1 to ${protocol.MAX_U64}`, actual: "0" },
    });
    expect(faultOf(() => protocol.encodeDomain({ chainId: null as unknown as bigint, vault }))).toEqual({
      code: "WRONG_TYPE",
      context: { ...at, expected: "a bigint", actual: "null" },
    });
    expect(faultOf(() => protocol.encodeAllowanceBody({ ...body, flags: 16 }))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "AllowanceBody", field: "flags", expected: "a whole number from 0 to 15", actual: "16" },
    });
    expect(faultOf(() => protocol.encodeAllowanceBody({ ...body, seq: "1" as unknown as number }))).toEqual({
      code: "WRONG_TYPE",
      context: { object: "AllowanceBody", field: "seq", expected: "a number", actual: "string" },
    });
  });

  it("names a key of another form, and an address of zeros", () => {
    const terminalKey = Uint8Array.of(2, ...counting(1, 64));
    const certificate: protocol.MerchantCertificate = {
      ...{ domain, issuerKeyId: 1, payee: protocol.toAddress(counting(0x91, 20)), category: 12 },
      ...{ terminalId: counting(0xa1, 8), terminalKey, notBefore: 0, notAfter: 1 },
      ...{ perTap: 1n, unsentSum: 1n, unsentCount: 1, perCardSum: 1n, softwareSum: 0n },
    };
    expect(faultOf(() => protocol.encodeMerchantCertificate(certificate))).toEqual({
      code: "BAD_PUBLIC_KEY",
      context: { object: "MerchantCertificate", field: "terminalKey" },
    });
    const zeros = new Uint8Array(20) as protocol.Address;
    expect(faultOf(() => protocol.encodeMerchantCertificate({ ...certificate, payee: zeros }))).toEqual({
      code: "ZERO_PAYEE",
      context: { object: "MerchantCertificate" },
    });
    expect(faultOf(() => protocol.encodeDomain({ ...domain, vault: zeros }))).toEqual({
      code: "ZERO_ADDRESS",
      context: { object: "Domain", field: "vault" },
    });
    expect(faultOf(() => protocol.encodeDomain({ ...domain, vault: "0x" as unknown as protocol.Address }))).toEqual({
      code: "WRONG_TYPE",
      context: { object: "Domain", field: "vault", expected: "20 bytes", actual: "string" },
    });
    const head = { ...heldList().head, listHash: new Uint8Array(31) };
    expect(codeOf(() => protocol.encodeStatusListHead(head))).toBe("WRONG_LENGTH");
  });

  it("names the values that a byte may have", () => {
    const context: protocol.VoucherContext = {
      ...{ challenge: counting(1, 16), terminalId: counting(1, 8), time: 1, spent: 1n, allowanceSeq: 1, category: 1 },
      ...{ cvm: 2 as protocol.Cvm, flags: 0, link: new Uint8Array(32) },
    };
    expect(faultOf(() => protocol.encodeVoucherContext(context))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "VoucherContext", field: "cvm", expected: "one of 0, 1", actual: "2" },
    });
  });

  it("does not take a short or long run of bytes, and says how many came", () => {
    const short = { ...domain, vault: counting(1, 19) as protocol.Address };
    expect(faultOf(() => protocol.encodeDomain(short))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "Domain", field: "vault", expected: "20", actual: 19 },
    });
  });
});

describe("an upload (spec §3.7, §3.8)", () => {
  const upload: protocol.Upload = {
    domain,
    payee: protocol.toAddress(counting(0x91, 20)),
    terminalId: counting(0xa1, 8),
    uploadSeq: 1,
    previousJournalHead: new Uint8Array(32),
    bodyHash: counting(1, 32),
  };

  it("names the one before it by the hash of its bytes", () => {
    expect(protocol.journalHead(upload)).toEqual(protocol.digestOf(protocol.encodeUpload(upload)));
  });

  it("refuses another version, and an entry of an unknown kind, with what came", () => {
    const version = 2 as unknown as 1;
    expect(faultOf(() => protocol.encodeUploadBody({ version, entries: [] }))).toEqual({
      code: "UNKNOWN_VERSION",
      context: { object: "UploadBody", expected: 1, actual: 2 },
    });
    const entry = { kind: 6 as protocol.UploadEntryKind, data: new Uint8Array(0) };
    expect(faultOf(() => protocol.decodeUploadEntry(entry))).toEqual({
      code: "UNKNOWN_KIND",
      context: { object: "UploadBody", actual: 6 },
    });
  });

  it.each([
    [Uint8Array.of(1, 1), 1],
    [Uint8Array.of(1, 1, 1), 2],
  ])("says that an entry's head is cut off", (bytes, actual) => {
    expect(faultOf(() => protocol.decodeUploadBody(bytes))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "UploadBody", field: "entry head", expected: "3", actual },
    });
  });

  it("says that an entry is cut off behind its head", () => {
    expect(faultOf(() => protocol.decodeUploadBody(Uint8Array.of(1, 1, 382 >> 8, 382 & 0xff)))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "UploadBody", field: "entry", expected: "382", actual: 0 },
    });
  });
});

describe("a beacon and its list (spec §3.5)", () => {
  const head = heldList().head;
  const list = heldList().list;
  const sign = async (changed: protocol.StatusListHead) => ({
    head: changed,
    signature: await testSigner("issuer").sign(protocol.digestOf(protocol.encodeStatusListHead(changed))),
  });

  it("is written and read only with a signature that can be one", async () => {
    const beacon = await sign(head);
    const zeros = new Uint8Array(64);
    expect(codeOf(() => protocol.encodeBeacon({ head, signature: zeros }))).toBe("SIGNATURE_OUT_OF_RANGE");
    const bytes = protocol.encodeBeacon(beacon);
    bytes.set(zeros, 81);
    expect(codeOf(() => protocol.decodeBeacon(bytes))).toBe("SIGNATURE_OUT_OF_RANGE");
  });

  it("says no where it gives a reason", async () => {
    const beacon = await sign(head);
    expect(protocol.verifyStatusList({ ...beacon, list, confirmedTime: null }, [])).toEqual({
      ok: false,
      reason: "ISSUER_KEY_UNKNOWN",
    });
    expect(protocol.verifyStatusList({ ...beacon, list: counting(0, 3), confirmedTime: null }, issuerKeys)).toEqual({
      ok: false,
      reason: "STATUS_LIST_HASH_WRONG",
    });
    const longer = { ...(await sign({ ...head, cards: 13 })), list, confirmedTime: null };
    expect(protocol.verifyStatusList(longer, issuerKeys)).toEqual({ ok: false, reason: "STATUS_LIST_MALFORMED" });
  });

  it("is of the list held only where chain and vault are the same as well", async () => {
    const beacon = await sign({ ...head, asOf: now, issuedAt: now });
    const others = [
      { ...domain, chainId: 1n },
      { ...domain, vault: protocol.toAddress(counting(7, 20)) },
    ];
    for (const other of others) {
      const held = { ...heldList(), head: { ...head, domain: other } };
      expect(protocol.applyBeacon({ beacon, held, clockFloor: 0, confirmedTime: null }, issuerKeys)).toMatchObject({
        ok: true,
        held,
      });
    }
  });

  it("refuses a status below the first and one that is no whole number", () => {
    for (const status of [-1, 0.5, 4, "1"])
      expect(codeOf(() => protocol.encodeStatusList([status as protocol.CardStatus]))).toBe("OUT_OF_RANGE");
  });

  it("makes no delta from a list that is not of its cards", () => {
    const older = { list: Uint8Array.of(0, 4), cards: 5 };
    const newer = { list: Uint8Array.of(0, 0), cards: 6 };
    expect(codeOf(() => protocol.packStatusListDelta(older, newer))).toBe("NONZERO_PADDING");
  });
});

describe("the first and the last instance (spec §2.3)", () => {
  it.each([
    [1, null],
    [255, null],
    [0, "OUT_OF_RANGE"],
    [256, "OUT_OF_RANGE"],
    [1.5, "OUT_OF_RANGE"],
  ])("%i: %s", (instance, code) => {
    expect(codeOf(() => protocol.instanceAid(instance))).toBe(code);
  });
});
