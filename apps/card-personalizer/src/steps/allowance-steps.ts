import { updateAllowance } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { formatAmount, parseAmount } from "@tallystick/money";
import { decodeAllowanceBody, fromHex, verifyAllowance, type AllowanceBody } from "@tallystick/protocol";
import type { AllowanceRequest, AllowanceResponse } from "@tallystick/protocol/wire";
import { expectOk } from "../card/expect.ts";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import { isRefused, type SettlementClient } from "../settlement/settlement-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { untilFinal } from "./funding-steps.ts";
import { textOf, type StepRunner } from "./step-runner.ts";

/** The card holds this allowance or a newer one (spec §4.6). */
const NOT_NEWER = 0x9e0a;
const DAY_SECONDS = 86_400;
const ALL_CATEGORIES = (1n << 64n) - 1n;

export interface AllowanceOptions {
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly surroundings: Surroundings;
}

/** Has the issuer sign an allowance by the funding rule, and checks it before a card sees it. */
export async function fetchAllowance(steps: StepRunner, options: AllowanceOptions): Promise<void> {
  const { settlement, config, surroundings } = options;
  const { card, cardKey } = steps.dataOf("generate-key");
  await steps.run("allowance", {
    // An allowance that was signed and never heard of stays without effect: the next one has a higher number.
    work: async () => {
      const request = allowanceRequest(config, Math.floor(surroundings.now() / 1_000));
      const answers: AllowanceResponse[] = [];
      await untilFinal(options, async () => {
        const answer = await settlement.issueAllowance(String(card), request);
        if (isRefused(answer)) return false;
        answers.push(answer);
        return true;
      });
      const [signed] = answers;
      if (signed === undefined) throw new Failure("NOT_FINAL");
      checkAllowance(config, { signed, request, cardKey: fromHex(String(cardKey)) });
      return { body: signed.body, signature: signed.signature };
    },
  });
}

/** Gives the card its first allowance inside its secure channel; by it the card becomes PERSONALIZED. */
export async function writeAllowance(channel: CardChannel, steps: StepRunner): Promise<void> {
  const data = steps.dataOf("allowance");
  const allowance = { body: fromHex(textOf(data, "body")), signature: fromHex(textOf(data, "signature")) };
  await steps.run("write-allowance", {
    work: async () => {
      const answer = await updateAllowance(channel, allowance);
      // A torn command took effect: read-back compares the very bytes.
      if (!answer.ok && answer.sw === NOT_NEWER) return {};
      expectOk("UPDATE ALLOWANCE", answer);
      return {};
    },
  });
}

function allowanceRequest({ caps, asset }: Config, nowSeconds: number): AllowanceRequest {
  const text = (amount: string): string => formatAmount(parseAmount(amount, asset), asset);
  return {
    ...(caps.maxSpent === undefined ? {} : { maxSpent: text(caps.maxSpent) }),
    ...(caps.softSpent === undefined ? {} : { softSpent: text(caps.softSpent) }),
    perTap: text(caps.perTap),
    pinAbove: text(caps.pinAbove ?? caps.perTap),
    noPinSum: text(caps.noPinSum),
    noPinCount: caps.noPinCount,
    // A till's clock may be behind ours by a day; time in a card is a courtesy (spec §4.5).
    notBefore: nowSeconds - DAY_SECONDS,
    notAfter: nowSeconds + caps.validDays * DAY_SECONDS,
    categories: categoryBits(caps.categories).toString(),
    flags: (caps.requireCertificate ? 1 : 0) | (caps.assuranceClass << 1),
  };
}

function categoryBits(categories: Config["caps"]["categories"]): bigint {
  if (categories === "all") return ALL_CATEGORIES;
  return categories.reduce((bits, category) => bits | (1n << BigInt(category)), 0n);
}

/** The signature by a pinned key for this very card, and every cap as it was asked for. */
function checkAllowance(
  { issuerKeys, domain, asset, cardIssuerKey }: Config,
  { signed, request, cardKey }: { signed: AllowanceResponse; request: AllowanceRequest; cardKey: Uint8Array },
): void {
  const body = decodeAllowanceBody(fromHex(signed.body));
  const verdict = verifyAllowance({ domain, cardKey, body, signature: fromHex(signed.signature) }, issuerKeys);
  if (!verdict.ok) throw new Failure("ISSUER_KEY_MISMATCH", `The allowance: ${verdict.reason}.`);
  if (body.issuerKeyId !== cardIssuerKey.id) {
    throw new Failure(
      "ISSUER_KEY_MISMATCH",
      `The allowance names key ${body.issuerKeyId}, the card holds ${cardIssuerKey.id}.`,
    );
  }
  const units = (text: string): bigint => parseAmount(text, asset);
  const expected: Partial<AllowanceBody> = {
    perTap: units(request.perTap),
    pinAbove: units(request.pinAbove),
    noPinSum: units(request.noPinSum),
    noPinCount: request.noPinCount,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    categories: BigInt(request.categories),
    flags: request.flags,
    ...(request.maxSpent === undefined ? {} : { maxSpent: units(request.maxSpent) }),
    ...(request.softSpent === undefined ? {} : { softSpent: units(request.softSpent) }),
  };
  const differing = Object.entries(expected).find(([name, value]) => body[name as keyof AllowanceBody] !== value);
  if (differing !== undefined)
    throw new Failure("SETTLEMENT_ANSWER", `The allowance has another ${differing[0]} than was asked for.`);
  if (body.maxSpent < 1n || body.maxCounter < 1) {
    throw new Failure("SETTLEMENT_ANSWER", "The allowance does not even allow the one unit that finishes a card.");
  }
}
