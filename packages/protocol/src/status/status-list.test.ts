import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import * as protocol from "../index.ts";
import { domain, heldList, issuerKeys, now, testSigner } from "../testing/fixture.ts";

const statuses = fc.array(fc.constantFrom<protocol.CardStatus>(0, 1, 2, 3), { maxLength: 300 });

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (protocol.isProtocolError(error)) return error.code;
    throw error;
  }
}

async function signed(
  changes: Partial<protocol.StatusListHead> = {},
  list = heldList().list,
  signer = testSigner("issuer"),
) {
  const head = { ...heldList().head, ...changes };
  const signature = await signer.sign(protocol.digestOf(protocol.encodeStatusListHead(head)));
  return { head, list, signature, confirmedTime: null };
}

describe("the list (spec §3.5)", () => {
  it("keeps every status through packing and unpacking", () => {
    fc.assert(
      fc.property(statuses, (given) => {
        const list = protocol.encodeStatusList(given);
        const again = protocol.unpackStatusList(protocol.packStatusList(list), given.length);
        expect(protocol.decodeStatusList(again, given.length)).toEqual(given);
      }),
    );
  });

  it("changes one card and no other", () => {
    fc.assert(
      fc.property(statuses, fc.nat(299), fc.constantFrom<protocol.CardStatus>(0, 1, 2, 3), (given, index, status) => {
        fc.pre(index < given.length);
        const list = protocol.withStatus({
          list: protocol.encodeStatusList(given),
          cards: given.length,
          index,
          status,
        });
        expect(protocol.decodeStatusList(list, given.length)).toEqual(
          given.map((old, at) => (at === index ? status : old)),
        );
      }),
    );
  });

  it("refuses an index at the end and past it", () => {
    const list = protocol.encodeStatusList([0, 1, 2, 3, 1]);
    expect(protocol.statusAt({ list, cards: 5, index: 4 })).toBe(1);
    for (const index of [5, 6, 7, 8, -1, 0.5, 2 ** 32 + 1])
      expect(codeOf(() => protocol.statusAt({ list, cards: 5, index }))).toBe("INDEX_PAST_END");
  });

  it.each([
    ["padding", Uint8Array.of(0, 4), 5, "NONZERO_PADDING"],
    ["one byte short", Uint8Array.of(0), 5, "WRONG_LENGTH"],
    ["one byte more", Uint8Array.of(0, 0, 0), 5, "SURPLUS_BYTES"],
  ])("refuses %s", (_name, list, cards, code) => {
    expect(codeOf(() => protocol.checkStatusList(list, cards))).toBe(code);
    expect(codeOf(() => protocol.unpackStatusList(protocol.packStatusList(list), cards))).toBe(code);
  });

  it("refuses a count that no receiver unpacks, and a status that is none", () => {
    expect(codeOf(() => protocol.statusListLength(protocol.MAX_STATUS_LIST_CARDS + 1))).toBe("LIST_TOO_LARGE");
    expect(protocol.statusListLength(protocol.MAX_STATUS_LIST_CARDS)).toBe(1 << 24);
    expect(codeOf(() => protocol.statusListLength(-1))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => protocol.encodeStatusList([4 as protocol.CardStatus]))).toBe("OUT_OF_RANGE");
  });

  it("stops a bomb at the length that the head gives", () => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(60_000);
    expect(codeOf(() => protocol.unpackStatusList(new Uint8Array(bomb), 9))).toBe("BAD_DEFLATE");
  });

  it("refuses a stream that is cut, garbage or followed by more", () => {
    const packed = protocol.packStatusList(protocol.encodeStatusList(Array.from({ length: 100 }, () => 1 as const)));
    expect(codeOf(() => protocol.unpackStatusList(packed.subarray(0, -1), 100))).toBe("BAD_DEFLATE");
    expect(codeOf(() => protocol.unpackStatusList(protocol.concatBytes(packed, Uint8Array.of(0)), 100))).toBe(
      "BAD_DEFLATE",
    );
    expect(codeOf(() => protocol.unpackStatusList(Uint8Array.of(0xff, 0xff), 100))).toBe("BAD_DEFLATE");
    expect(codeOf(() => protocol.unpackStatusList(new Uint8Array(0), 100))).toBe("BAD_DEFLATE");
  });

  it("stays small for many cards with few blocked", () => {
    const many = Array.from({ length: 100_000 }, (_, index): protocol.CardStatus => (index % 100 === 0 ? 2 : 0));
    expect(protocol.packStatusList(protocol.encodeStatusList(many)).length).toBeLessThan(2_000);
  });
});

describe("a delta between two lists (spec §3.5)", () => {
  const older = { list: protocol.encodeStatusList([0, 1, 2, 3, 1]), cards: 5 };
  const newer = { list: protocol.encodeStatusList([0, 2, 2, 0, 1, 0, 3]), cards: 7 };
  const delta = {
    packed: protocol.packStatusListDelta(older, newer),
    cards: 7,
    listHash: protocol.statusListHash(newer.list),
  };

  it("turns the older list into the newer one, whatever changed", () => {
    expect(protocol.applyStatusListDelta(older, delta)).toEqual(newer.list);
    fc.assert(
      fc.property(statuses, statuses, (left, right) => {
        const [few, many] = left.length <= right.length ? [left, right] : [right, left];
        const from = { list: protocol.encodeStatusList(few), cards: few.length };
        const to = { list: protocol.encodeStatusList(many), cards: many.length };
        const packed = protocol.packStatusListDelta(from, to);
        const listHash = protocol.statusListHash(to.list);
        expect(protocol.applyStatusListDelta(from, { packed, cards: to.cards, listHash })).toEqual(to.list);
      }),
    );
  });

  it("refuses a delta of another list, of a shorter one, and one that is cut or too long", () => {
    const other = { list: protocol.encodeStatusList([1, 1, 2, 3, 1]), cards: 5 };
    expect(codeOf(() => protocol.applyStatusListDelta(other, delta))).toBe("HASH_MISMATCH");
    expect(codeOf(() => protocol.packStatusListDelta(newer, older))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => protocol.applyStatusListDelta(older, { ...delta, packed: delta.packed.subarray(1) }))).toMatch(
      /BAD_DEFLATE|WRONG_LENGTH|HASH_MISMATCH/,
    );
    expect(codeOf(() => protocol.applyStatusListDelta(older, { ...delta, cards: 9 }))).toBe("WRONG_LENGTH");
    expect(codeOf(() => protocol.applyStatusListDelta(older, { ...delta, cards: 4 }))).toMatch(
      /BAD_DEFLATE|SURPLUS_BYTES/,
    );
  });
});

describe("verifying a list and a beacon", () => {
  it("takes what the issuer signed and nothing else", async () => {
    const good = await signed();
    expect(protocol.verifyStatusList(good, issuerKeys)).toEqual({ ok: true, held: heldList() });
    expect(protocol.verifyStatusList({ ...good, head: { ...good.head, seq: 4 } }, issuerKeys)).toMatchObject({
      reason: "STATUS_LIST_SIGNATURE_WRONG",
    });
    expect(protocol.verifyStatusList(await signed({}, heldList().list, testSigner("thief")), issuerKeys)).toMatchObject(
      { reason: "STATUS_LIST_SIGNATURE_WRONG" },
    );
    expect(protocol.verifyStatusList(await signed({ issuerKeyId: 2 }), issuerKeys)).toMatchObject({
      reason: "ISSUER_KEY_UNKNOWN",
    });
    expect(protocol.verifyStatusList(await signed({ domain: { ...domain, chainId: 1n } }), issuerKeys)).toMatchObject({
      reason: "ISSUER_KEY_UNKNOWN",
    });
    expect(protocol.verifyStatusList({ ...good, list: heldList({ 5: 2 }).list }, issuerKeys)).toMatchObject({
      reason: "STATUS_LIST_HASH_WRONG",
    });
    expect(protocol.verifyStatusList(await signed({ cards: 13 }), issuerKeys)).toMatchObject({
      reason: "STATUS_LIST_MALFORMED",
    });
  });

  it("lets a beacon raise asOf only for the very list that is held, and the clock's floor always", async () => {
    const held = heldList();
    const apply = async (changes: Partial<protocol.StatusListHead>, clockFloor = now - 50) =>
      protocol.applyBeacon({ beacon: await signed(changes), held, clockFloor, confirmedTime: null }, issuerKeys);
    expect(await apply({ asOf: now, issuedAt: now + 5, seq: 4 })).toMatchObject({
      ok: true,
      clockFloor: now + 5,
      held: { asOf: now },
    });
    expect(await apply({ asOf: now - 100, issuedAt: now + 5 })).toEqual({ ok: true, clockFloor: now + 5, held });
    expect(await apply({ asOf: now, issuedAt: now + 5, listHash: new Uint8Array(32) })).toEqual({
      ok: true,
      clockFloor: now + 5,
      held,
    });
    expect(await apply({ asOf: now, issuedAt: now, cards: 10 })).toMatchObject({ ok: true, held: { asOf: held.asOf } });
    expect(await apply({ issuedAt: 5, asOf: 5 })).toMatchObject({ clockFloor: now - 50 });
    const forged = await signed({ asOf: now, issuedAt: now }, held.list, testSigner("thief"));
    const judged = { beacon: forged, held, clockFloor: 0, confirmedTime: null };
    expect(protocol.applyBeacon(judged, issuerKeys)).toEqual({ ok: false, reason: "STATUS_LIST_SIGNATURE_WRONG" });
    expect(protocol.applyBeacon({ ...judged, beacon: await signed({}), held: null }, issuerKeys)).toEqual({
      ok: true,
      clockFloor: now - 50,
      held: null,
    });
  });
});

describe("a list from the future", () => {
  it("is refused 301 s ahead of a confirmed clock, and taken at 300 s or without one", async () => {
    const list = { ...(await signed({ issuedAt: now + 300 })), confirmedTime: now };
    expect(protocol.verifyStatusList(list, issuerKeys)).toMatchObject({ ok: true });
    const late = { ...(await signed({ issuedAt: now + 301 })), confirmedTime: now };
    expect(protocol.verifyStatusList(late, issuerKeys)).toEqual({ ok: false, reason: "STATUS_LIST_FROM_FUTURE" });
    expect(protocol.verifyStatusList({ ...late, confirmedTime: null }, issuerKeys)).toMatchObject({ ok: true });
  });

  it("raises no floor as a beacon, and is taken for no list", async () => {
    const held = heldList();
    const beacon = await signed({ asOf: now, issuedAt: now + 301 });
    const judged = { beacon, held, clockFloor: 7, confirmedTime: now };
    expect(protocol.applyBeacon(judged, issuerKeys)).toEqual({ ok: false, reason: "STATUS_LIST_FROM_FUTURE" });
    expect(protocol.applyBeacon({ ...judged, confirmedTime: now + 1 }, issuerKeys)).toMatchObject({ ok: true });
  });

  it("has no encoding where it is of a time after its issue", () => {
    const { head } = heldList();
    expect(protocol.encodeStatusListHead({ ...head, asOf: head.issuedAt })).toHaveLength(81);
    expect(() => protocol.encodeStatusListHead({ ...head, asOf: head.issuedAt + 1 })).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE" }),
    );
  });

  it("is malformed where it is of a time after its issue, whoever signed it", () => {
    const { head, list } = heldList();
    const late = {
      head: { ...head, asOf: head.issuedAt + 1 },
      list,
      signature: new Uint8Array(64),
      confirmedTime: null,
    };
    expect(protocol.verifyStatusList(late, issuerKeys)).toEqual({ ok: false, reason: "STATUS_LIST_MALFORMED" });
  });
});

describe("freshness (spec §5.5)", () => {
  it("refuses a configuration with S + U + C of W or more", () => {
    const day = 86_400;
    expect(protocol.freshnessHolds(protocol.defaultFreshness)).toBe(true);
    expect(protocol.freshnessHolds({ ...protocol.defaultFreshness, listAgeSeconds: 8 * day - 1 })).toBe(true);
    expect(protocol.freshnessHolds({ ...protocol.defaultFreshness, listAgeSeconds: 8 * day })).toBe(false);
    expect(protocol.freshnessHolds({ ...protocol.defaultFreshness, unsentMarginSeconds: 7 * day })).toBe(false);
    expect(protocol.freshnessHolds({ ...protocol.defaultFreshness, chainMarginSeconds: -1 })).toBe(false);
    expect(protocol.freshnessHolds({ ...protocol.defaultFreshness, chainMarginSeconds: 0.5 })).toBe(false);
  });

  it("ends the upload window at U from the request's time, inclusive", () => {
    const { uploadWindowSeconds: window } = protocol.defaultFreshness;
    expect(protocol.withinUploadWindow({ madeAt: now, time: now + window, freshness: protocol.defaultFreshness })).toBe(
      true,
    );
    expect(
      protocol.withinUploadWindow({ madeAt: now, time: now + window + 1, freshness: protocol.defaultFreshness }),
    ).toBe(false);
  });
});
