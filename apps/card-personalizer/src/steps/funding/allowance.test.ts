import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  createSigner,
  decodeAllowanceBody,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  fromHex,
  MAX_U64,
  toAddress,
  toHex,
  type AllowanceBody,
} from "@tallystick/protocol";
import type { AllowanceRequest, AllowanceResponse } from "@tallystick/protocol/wire";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import type { SettlementClient } from "../../settlement/settlement-client.ts";
import type { StepData } from "../../journal/journal.ts";
import type { StepRunner, StepWork } from "../step-runner.ts";
import { fetchAllowance } from "./allowance.ts";

const domain = { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(1)) };
const issuer = createSigner(new Uint8Array(32).fill(2));
const cardKey = createSigner(new Uint8Array(32).fill(3)).publicKey;
const card = addressOfKey(cardKey);
const issuerKey = { domain, id: 4, publicKey: issuer.publicKey };

const config = {
  ...{ domain, asset: { code: "USD", decimals: 2, scale: 1n }, issuerKeys: [issuerKey], cardIssuerKey: issuerKey },
  finalityTimeoutSeconds: 1,
  caps: {
    ...{ maxSpent: "20.00", softSpent: "15.00", perTap: "5.00", pinAbove: "4.00", noPinSum: "12.00", noPinCount: 3 },
    ...{ validDays: 30, categories: [1, 2], requireCertificate: true, assuranceClass: 1 },
  },
} as unknown as Config;

/** Signs what settlement would, with one field as the test wants it. */
async function signed(request: AllowanceRequest, change: Partial<AllowanceBody>): Promise<AllowanceResponse> {
  const units = (text: string) => BigInt(text.replace(".", ""));
  const body: AllowanceBody = {
    ...{ issuerKeyId: 4, seq: 1, maxCounter: 1_024, cardIndex: 0 },
    ...{ maxSpent: units(request.maxSpent ?? ""), softSpent: units(request.softSpent ?? "") },
    ...{ perTap: units(request.perTap), pinAbove: units(request.pinAbove), noPinSum: units(request.noPinSum) },
    ...{ noPinCount: request.noPinCount, notBefore: request.notBefore, notAfter: request.notAfter },
    ...{ categories: BigInt(request.categories), flags: request.flags, ...change },
  };
  const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card, body })));
  return { body: toHex(encodeAllowanceBody(body)), signature: toHex(signature) };
}

async function fetched(change: Partial<AllowanceBody>): Promise<AllowanceBody> {
  const left: StepData[] = [];
  const steps = {
    dataOf: () => ({ card: toHex(card), cardKey: toHex(cardKey) }),
    run: async (_: string, { work }: StepWork) => left.push(await work({})),
  } as unknown as StepRunner;
  const settlement = {
    issueAllowance: (_: string, request: AllowanceRequest) => signed(request, change),
  } as unknown as SettlementClient;
  const environment = {
    now: () => 1_795_000_000_000,
    randomBytes: () => new Uint8Array(0),
    pause: async () => undefined,
  };
  await fetchAllowance(steps, { settlement, config, environment });
  return decodeAllowanceBody(fromHex(String(left[0]?.["body"])));
}

const codeOf = (change: Partial<AllowanceBody>): Promise<string> =>
  fetched(change).then(
    () => "taken",
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );

describe("a signed allowance that comes back", () => {
  it("is taken where every cap is the one that was asked for", async () => {
    expect(await fetched({ seq: 9, cardIndex: 7, maxCounter: 1 })).toMatchObject({
      ...{ maxSpent: 2_000n, softSpent: 1_500n, perTap: 500n, pinAbove: 400n, noPinSum: 1_200n, noPinCount: 3 },
      ...{ categories: 6n, flags: 3, notAfter: 1_795_000_000 + 30 * 86_400 },
    });
  });

  it.each<[keyof AllowanceBody, Partial<AllowanceBody>]>([
    ["maxSpent", { maxSpent: 2_001n }],
    ["softSpent", { softSpent: 1_499n }],
    ["perTap", { perTap: 501n }],
    ["pinAbove", { pinAbove: 401n }],
    ["noPinSum", { noPinSum: 1_201n }],
    ["noPinCount", { noPinCount: 4 }],
    ["notBefore", { notBefore: 0 }],
    ["notAfter", { notAfter: 0xffff_ffff }],
    ["categories", { categories: MAX_U64 }],
    ["flags", { flags: 2 }],
  ])("is refused where its %s is another than was asked for, although the issuer signed it", async (_, change) => {
    expect(await codeOf(change)).toBe("SETTLEMENT_ANSWER");
  });

  it("is refused where the card could not pay the unit that finishes it, or where it names another key", async () => {
    expect(await codeOf({ maxCounter: 0 })).not.toBe("taken");
    expect(await codeOf({ issuerKeyId: 5 })).toBe("ISSUER_KEY_MISMATCH");
  });
});
