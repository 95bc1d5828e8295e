import { describe, expect, it } from "@jest/globals";
import type * as protocol from "../index.ts";
import * as guarantee from "./index.ts";
import { now } from "../testing/fixture.ts";
import { guaranteedCase } from "../testing/guarantee-fixture.ts";

const { arrival, before, certificate, issuer } = guaranteedCase;
const voucher = {} as protocol.AuthenticVoucher;
const withdrawnAt = (at: number) => ({ certificate: { ...certificate, withdrawnAt: at } });

describe("judgeGuarantee", () => {
  it("guarantees a voucher that stands at every bound", () => {
    expect(guarantee.judgeGuarantee(guaranteedCase)).toEqual({ state: "guaranteed" });
  });

  it.each<[guarantee.NotGuaranteedGround, Partial<guarantee.GuaranteeCase>]>([
    ["NOTHING_BORNE", { issuer: { ...issuer, bears: false } }],
    ["NOT_PROMISED", { verdict: { worth: "nothing", code: "VOUCHER_SIGNATURE_WRONG" } }],
    ["NOT_PROMISED", { verdict: { worth: "authentic", codes: ["OVER_NO_PIN"], voucher } }],
    ["NOT_PROMISED", { verdict: { worth: "authentic", codes: ["OVER_NO_PIN", "LATE"], voucher } }],
    ["REVERSED", { reversed: true }],
    ["COUNTER_TWICE", { rivals: [{ reversed: false, borne: false }] }],
    ["COUNTER_TWICE", { rivals: [{ reversed: true, borne: true }] }],
    ["AFTER_REVOCATION", { revokedAt: (guaranteedCase.revokedAt ?? 0) - 1 }],
    ["LATE", { arrival: { ...arrival, at: arrival.at + 1 } }],
    ["CARD_SUM", { before: { ...before, cardAtTerminal: 21n }, largestMaxSpent: 51n }],
    ["MAX_SPENT_SUM", { before: { ...before, cardAtTerminal: 21n }, certificate: { ...certificate, perCardSum: 51n } }],
    ["SOFTWARE_SUM", { before: { ...before, softwareAtTerminal: 51n } }],
  ])("does not bear one beyond %s", (ground, change) => {
    expect(guarantee.judgeGuarantee({ ...guaranteedCase, ...change })).toMatchObject({
      state: "notGuaranteed",
      ground,
    });
  });

  it.each<[guarantee.WithheldGround, Partial<guarantee.GuaranteeCase>]>([
    ["CERTIFICATE_WITHDRAWN", withdrawnAt(arrival.at - 1)],
    ["PER_CARD", { before: { ...before, card: 71n } }],
    ["PER_PAYEE_PER_DAY", { before: { ...before, payeeToday: 171n } }],
  ])("owes one beyond %s until a person decides", (ground, change) => {
    expect(guarantee.judgeGuarantee({ ...guaranteedCase, ...change })).toEqual({ state: "withheld", ground });
  });

  it("pays what had arrived when the certificate was withdrawn, and counts the software sum for software alone", () => {
    expect(guarantee.judgeGuarantee({ ...guaranteedCase, ...withdrawnAt(arrival.at) }).state).toBe("guaranteed");
    const secure = { ...guaranteedCase, assuranceClass: 0 as const, before: { ...before, softwareAtTerminal: 1_000n } };
    expect(guarantee.judgeGuarantee(secure).state).toBe("guaranteed");
    expect(guarantee.judgeGuarantee({ ...guaranteedCase, revokedAt: null }).state).toBe("guaranteed");
  });

  it("says for which codes it was not promised, and leaves lateness to the earliest proof of arrival", () => {
    const late = { ...guaranteedCase, verdict: { worth: "authentic", codes: ["LATE"], voucher } } as const;
    expect(guarantee.judgeGuarantee(late).state).toBe("guaranteed");
    const over = { ...guaranteedCase, verdict: { worth: "authentic", codes: ["OVER_PER_TAP"], voucher } } as const;
    expect(guarantee.judgeGuarantee(over)).toEqual({
      state: "notGuaranteed",
      ground: "NOT_PROMISED",
      codes: ["OVER_PER_TAP"],
    });
    expect(guarantee.judgeGuarantee({ ...over, issuer: { ...issuer, bears: false } })).toMatchObject({ codes: [] });
  });
});

describe("earliestArrival", () => {
  it.each([
    [{ receivedAt: 5, receipts: [], payloads: [] }, 5],
    [{ receivedAt: 5, receipts: [7, 3], payloads: [4] }, 3],
    [{ receivedAt: 5, receipts: [6], payloads: [9, 2] }, 2],
  ])("takes the earliest of %j", (proofs, expected) => {
    expect(guarantee.earliestArrival(proofs)).toBe(expected);
  });
});

describe("widestLimits", () => {
  const limits = (change: Partial<guarantee.GuaranteedLimits>): guarantee.GuaranteedLimits => ({
    ...{ payee: {} as protocol.Address, category: 1, terminalId: new Uint8Array(8) },
    ...{ notBefore: now, notAfter: now + 10, perTap: 5n, softwareSum: 6n, perCardSum: 7n, ...change },
  });

  it("takes the largest of each limit of those that cover the time, at both ends", () => {
    const others = [
      limits({ notAfter: now, perTap: 50n, softwareSum: 0n }),
      limits({ notBefore: now, softwareSum: 60n, perTap: 1n }),
      limits({ notBefore: now + 1, perCardSum: 70n }),
      limits({ notAfter: now - 1, notBefore: 0, perCardSum: 71n }),
    ];
    expect(guarantee.widestLimits(limits({}), others, now)).toEqual(limits({ perTap: 50n, softwareSum: 60n }));
  });

  it("counts a renewal where the given certificate does not cover the time, and the given one where none does", () => {
    const given = limits({ notBefore: now + 5 });
    const other = limits({ perCardSum: 1n });
    expect(guarantee.widestLimits(given, [other], now)).toEqual(other);
    expect(guarantee.widestLimits(given, [other], now - 1)).toEqual(given);
  });
});
