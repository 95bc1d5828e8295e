import { formatAmount, parseAmount } from "@tallystick/money";
import { decodeAllowanceBody, fromHex, verifyAllowance, type AllowanceBody } from "@tallystick/protocol";
import type { AllowanceRequest, AllowanceResponse } from "@tallystick/protocol/wire";
import type { Config } from "../../config/load-config.ts";
import type { Environment } from "../../environment.ts";
import { Failure } from "../../failures.ts";
import { categoryBits } from "../../config/category-bits.ts";
import { CLOCK_TOLERANCE_SECONDS, SECONDS_A_DAY } from "../../limits.ts";
import { isRefused, type SettlementClient } from "../../settlement/settlement-client.ts";
import { untilFinal } from "../funding-options.ts";
import type { StepRunner } from "../step-runner.ts";

/** Every one of the 64 bits of an allowance's categories (spec §3.3). */
export interface AllowanceOptions {
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly environment: Environment;
  /** Another assurance class than the configuration's: 2 of a card in software. */
  readonly assuranceClass?: 0 | 1 | 2;
}

/** Has the issuer sign an allowance by the funding rule (spec §6.3), and checks it before a card sees it. */
export async function fetchAllowance(steps: StepRunner, options: AllowanceOptions): Promise<void> {
  const { settlement, config, environment } = options;
  const { card, cardKey } = steps.dataOf("generate-key");
  await steps.run("allowance", {
    // An allowance that was signed and whose answer was lost has no effect: the next one has a higher number.
    work: async () => {
      const { assuranceClass = config.caps.assuranceClass } = options;
      const request = allowanceRequest(config, Math.floor(environment.now() / 1_000), assuranceClass);
      const answers: AllowanceResponse[] = [];
      await untilFinal(options, async () => {
        const answer = await settlement.issueAllowance(String(card), request);
        if (isRefused(answer)) return { is: false, waitsFor: answer.detail || null };
        answers.push(answer);
        return { is: true };
      });
      const [signed] = answers;
      if (signed === undefined) throw new Failure("NOT_FINAL");
      checkAllowance(config, { signed, request, cardKey: fromHex(String(cardKey)) });
      return { body: signed.body, signature: signed.signature };
    },
  });
}

function allowanceRequest(
  { caps, asset }: Config,
  nowSeconds: number,
  assuranceClass: number = caps.assuranceClass,
): AllowanceRequest {
  const text = (amount: string): string => formatAmount(parseAmount(amount, asset), asset);
  return {
    ...(caps.maxSpent === undefined ? {} : { maxSpent: text(caps.maxSpent) }),
    ...(caps.softSpent === undefined ? {} : { softSpent: text(caps.softSpent) }),
    perTap: text(caps.perTap),
    pinAbove: text(caps.pinAbove ?? caps.perTap),
    noPinSum: text(caps.noPinSum),
    noPinCount: caps.noPinCount,
    notBefore: nowSeconds - CLOCK_TOLERANCE_SECONDS,
    notAfter: nowSeconds + caps.validDays * SECONDS_A_DAY,
    categories: categoryBits(caps.categories).toString(),
    flags: (caps.requireCertificate ? 1 : 0) | (assuranceClass << 1),
  };
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
  const differing = differenceOf(body, request, asset);
  if (differing !== null)
    throw new Failure("SETTLEMENT_ANSWER", `The allowance has another ${differing} than was asked for.`);
  // A first allowance of 0 that was asked for is finished without a payment (spec §4.8).
  const isFirst = request.maxSpent !== undefined && parseAmount(request.maxSpent, asset) === 0n;
  if ((body.maxSpent < 1n && !isFirst) || body.maxCounter < 1) {
    throw new Failure("SETTLEMENT_ANSWER", "The allowance does not even allow the one unit that finishes a card.");
  }
}

/** The first limit of an allowance that is not what was asked for; null where all are. */
function differenceOf(body: AllowanceBody, request: AllowanceRequest, asset: Config["asset"]): string | null {
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
  const found = Object.entries(expected).find(([name, value]) => body[name as keyof AllowanceBody] !== value);
  return found?.[0] ?? null;
}

/**
 * Refuses limits that are not those of the allowance which was signed for the card: nothing here
 * would write them. Throws Failure LIMITS_DIFFER.
 */
export function assertLimits(steps: StepRunner, config: Config): void {
  if (!steps.isDone("allowance")) return;
  const body = decodeAllowanceBody(fromHex(String(steps.dataOf("allowance")["body"])));
  const { notBefore, notAfter } = body;
  const differing = differenceOf(body, { ...allowanceRequest(config, 0), notBefore, notAfter }, config.asset);
  if (differing !== null) throw new Failure("LIMITS_DIFFER", `Look at: ${differing}.`);
}
