import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  type AllowanceBody,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  parseAddress,
  type Signer,
  toHex,
} from "@tallystick/protocol";
import type { AllowanceRequest } from "@tallystick/protocol/wire";
import {
  card,
  configOf,
  domain,
  issuer,
  cardSigner,
  settlementOf,
  START_MS,
  StepsHarness,
} from "../../../test/harness/steps-harness.ts";
import { Failure } from "../../failures.ts";
import { assertLimits, assertTravels, fetchAllowance, visitsOfAllowance } from "./allowance.ts";

const START = Math.floor(START_MS / 1_000);

/** What settlement signs for the usual request. */
const usual: AllowanceBody = {
  ...{ issuerKeyId: 1, seq: 1, maxSpent: 20_000_000n, softSpent: 20_000_000n, maxCounter: 1_024 },
  ...{ perTap: 50_000_000n, pinAbove: 50_000_000n, noPinSum: 100_000_000n, noPinCount: 100 },
  ...{ notBefore: START - 86_400, notAfter: START + 365 * 86_400, cardIndex: 0 },
  ...{ categories: (1n << 64n) - 1n, flags: 3 },
};

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

async function signed(change: Partial<AllowanceBody> = {}, signer: Signer = issuer, own = card) {
  const body = { ...usual, ...change };
  const signature = await signer.sign(digestOf(encodeAllowance({ domain, card: parseAddress(own), body })));
  return { body: toHex(encodeAllowanceBody(body)), signature: toHex(signature) };
}

type Answer = Awaited<ReturnType<typeof signed>> | { readonly refused: string; readonly detail: string };

/** Runs the step with these answers; gives what was asked. */
async function fetch(
  answers: readonly Answer[],
  config = configOf(),
  { visits = "two", bound }: { visits?: "one" | "two"; bound?: string } = {},
): Promise<AllowanceRequest[]> {
  const asked: AllowanceRequest[] = [];
  const left = [...answers];
  const settlement = settlementOf({
    card: () => Promise.resolve({ bound } as never),
    issueAllowance: (of, request) => {
      expect(of).toBe(card);
      asked.push(request);
      const answer = left.shift();
      return answer === undefined ? Promise.reject(new Error("asked too often")) : Promise.resolve(answer as never);
    },
  });
  await fetchAllowance(harness.runner(), {
    ...{ settlement, config, environment: harness.environment, visits, reference: "C-1" },
  });
  return asked;
}

describe("the allowance of a new card", () => {
  it("is asked for with every cap of the configuration, and kept as it was signed", async () => {
    const answer = await signed();
    const [request] = await fetch([answer]);
    expect(request).toEqual({
      ...{ perTap: "50.00", pinAbove: "50.00", noPinSum: "100.00", noPinCount: 100 },
      ...{ notBefore: usual.notBefore, notAfter: usual.notAfter },
      ...{ categories: "18446744073709551615", flags: 3, issuerKeyId: 1 },
      reason: "card C-1: its first allowance",
    });
    expect(harness.step("allowance")).toEqual({ state: "done", data: answer });
  });

  it("names sums, a PIN bound, categories and flags where the configuration does", async () => {
    const caps = {
      maxSpent: "10.00",
      softSpent: "5.00",
      pinAbove: "7.00",
      categories: [0, 3],
      assuranceClass: 0,
    } as const;
    const config = configOf({ caps: { ...caps, categories: [0, 3], requireCertificate: false, validDays: 2 } });
    const change = {
      ...{ maxSpent: 10_000_000n, softSpent: 5_000_000n, pinAbove: 7_000_000n, categories: 9n, flags: 0 },
      notAfter: START + 2 * 86_400,
    };
    const [request] = await fetch([await signed(change)], config);
    expect(request).toMatchObject({
      maxSpent: "10.00",
      softSpent: "5.00",
      pinAbove: "7.00",
      categories: "9",
      flags: 0,
    });
    expect(harness.step("allowance")?.state).toBe("done");
  });

  it.each<[string, Partial<AllowanceBody>]>([
    ["perTap", { perTap: 50_000_001n }],
    ["pinAbove", { pinAbove: 49_999_999n }],
    ["noPinSum", { noPinSum: 100_000_001n }],
    ["noPinCount", { noPinCount: 101 }],
    ["notBefore", { notBefore: usual.notBefore + 1 }],
    ["notAfter", { notAfter: usual.notAfter + 1 }],
    ["categories", { categories: 1n }],
    ["flags", { flags: 1 }],
  ])("is refused, and no card sees it, with another %s than was asked for", async (_name, change) => {
    await expect(fetch([await signed(change)])).rejects.toMatchObject({ code: "SETTLEMENT_ANSWER" });
    expect(harness.step("allowance")?.state).toBe("begun");
  });

  it.each<[string, Partial<AllowanceBody>]>([
    ["maxSpent", { maxSpent: 10_000_001n, softSpent: 5_000_000n }],
    ["softSpent", { maxSpent: 10_000_000n, softSpent: 4_999_999n }],
  ])("is refused with another %s than was asked for", async (_name, change) => {
    const config = configOf({ caps: { maxSpent: "10.00", softSpent: "5.00" } });
    await expect(fetch([await signed(change)], config)).rejects.toMatchObject({ code: "SETTLEMENT_ANSWER" });
  });

  it.each<[string, Partial<AllowanceBody>]>([
    ["no unit", { maxSpent: 0n, softSpent: 0n }],
    ["no payment", { maxCounter: 0 }],
  ])("is refused where it allows %s", async (_what, change) => {
    await expect(fetch([await signed(change)])).rejects.toMatchObject({ code: "SETTLEMENT_ANSWER" });
  });

  it("may allow the one unit that finishes a card, and no more", async () => {
    await fetch([await signed({ maxSpent: 1n, softSpent: 1n, maxCounter: 1 })]);
    expect(harness.step("allowance")?.state).toBe("done");
  });

  it("is refused from another key, for another card, and with the number of a key that the card does not hold", async () => {
    const other = `0x${"11".repeat(20)}`;
    const both = configOf({
      issuerKeys: [
        { domain, id: 1, publicKey: issuer.publicKey },
        { domain, id: 2, publicKey: issuer.publicKey },
      ],
    });
    const mismatch = { code: "ISSUER_KEY_MISMATCH" };
    await expect(fetch([await signed({}, cardSigner)])).rejects.toMatchObject(mismatch);
    await expect(fetch([await signed({}, issuer, other)])).rejects.toMatchObject(mismatch);
    await expect(fetch([await signed({ issuerKeyId: 2 })])).rejects.toMatchObject(mismatch);
    await expect(fetch([await signed({ issuerKeyId: 2 })], both)).rejects.toMatchObject(mismatch);
  });

  it("is asked for again while the chain is not final, and no longer than is configured", async () => {
    const later = { refused: "FUNDING_RULE", detail: "" };
    expect(await fetch([later, later, await signed()])).toHaveLength(3);
    expect(harness.pauses).toHaveLength(2);
    const slow = new StepsHarness();
    const settlement = settlementOf({
      issueAllowance: () => Promise.resolve(later as never),
      card: () => Promise.resolve({} as never),
      money: () => Promise.resolve({ chain: { wallets: "0" }, block: "12", finalizedBlock: "9" } as never),
    });
    const heard: unknown[] = [];
    const awaited = (wait: object) => void heard.push({ ...wait, atMs: slow.nowMs });
    const common = { settlement, config: configOf(), environment: slow.environment, awaited };
    const options = { ...common, visits: "two" as const, reference: "C-1" };
    await expect(fetchAllowance(slow.runner(), options)).rejects.toMatchObject({ code: "NOT_FINAL" });
    expect(slow.nowMs - START_MS).toBe(10_000);
    // At once, and not with every look.
    const wait = { what: "the deposit to become final", block: "12", finalBlock: "9", sinceMs: START_MS };
    expect(heard).toEqual([{ ...wait, atMs: START_MS }]);
    slow.remove();
  });

  it("is not waited for where nothing can bring it", async () => {
    const never = { refused: "FUNDING_RULE", detail: "" };
    const config = configOf({ caps: { maxSpent: "10.00" } });
    await expect(fetch([never], config, { bound: "9.99" })).rejects.toMatchObject({ code: "FUNDING_REFUSED" });
    await expect(fetch([never], configOf(), { bound: "0.00" })).rejects.toMatchObject({ code: "FUNDING_REFUSED" });
    expect(harness.pauses).toEqual([]);
  });

  it("of one visit is nothing to spend, and keeps every other cap", async () => {
    const nothing = { maxSpent: 0n, softSpent: 0n };
    const [request] = await fetch([await signed(nothing)], configOf(), { visits: "one" });
    expect([request?.maxSpent, request?.softSpent, request?.perTap]).toEqual(["0.00", undefined, "50.00"]);
    expect(visitsOfAllowance(harness.runner())).toBe("one");
    harness.finish("write-allowance", {});
    assertLimits(harness.runner(), configOf());
    for (const caps of [{ perTap: "49.99" }, { maxSpent: "1.00" }])
      expect(() => assertLimits(harness.runner(), configOf({ caps }))).toThrow(Failure);
  });

  it("is asked for anew with other limits, as long as no card has seen it", async () => {
    await fetch([await signed()]);
    assertLimits(harness.runner(), configOf({ caps: { perTap: "40.00" } }));
    const other = { perTap: 40_000_000n, pinAbove: 40_000_000n, seq: 2 };
    const [request] = await fetch([await signed(other)], configOf({ caps: { perTap: "40.00" } }));
    expect([request?.perTap, harness.runner().isDone("allowance")]).toEqual(["40.00", true]);
  });

  it("of one visit cannot be told to keep something back", () => {
    assertTravels(configOf());
    for (const caps of [{ maxSpent: "1.00" }, { softSpent: "1.00" }])
      expect(() => assertTravels(configOf({ caps }))).toThrow(Failure);
  });

  it("is not asked for again once it is kept", async () => {
    await fetch([await signed()]);
    expect(await fetch([])).toEqual([]);
  });
});
