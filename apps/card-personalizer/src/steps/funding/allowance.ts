import { formatAmount, parseAmount } from "@tallystick/money";
import { decodeAllowanceBody, fromHex, verifyAllowance, type AllowanceBody } from "@tallystick/protocol";
import type { AllowanceRequest, AllowanceResponse } from "@tallystick/protocol/wire";
import type { Visits } from "../../config/config-schema.ts";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import { categoryBits } from "../../config/category-bits.ts";
import { CLOCK_TOLERANCE_SECONDS, SECONDS_A_DAY } from "../../limits.ts";
import { isRefused } from "../../settlement/settlement-client.ts";
import { actionReason } from "../action-reason.ts";
import { untilFinal, type FundingOptions } from "../funding-options.ts";
import type { StepRunner } from "../step-runner.ts";

/** What an allowance is to allow. */
type AskedLimits = Omit<AllowanceRequest, "reason">;

export interface AllowanceOptions extends Pick<
  FundingOptions,
  "settlement" | "config" | "environment" | "awaited" | "reference" | "order"
> {
  readonly visits: Visits;
  /** Another assurance class than the configuration's: 2 of a card in software. */
  readonly assuranceClass?: 0 | 1 | 2;
}

/** Has the issuer sign an allowance by the funding rule (spec §6.3), and checks it before a card sees it. */
export async function fetchAllowance(steps: StepRunner, options: AllowanceOptions): Promise<void> {
  const { settlement, config, environment, visits } = options;
  const { card, cardKey } = steps.dataOf("generate-key");
  await steps.run("allowance", {
    // An allowance that was signed and whose answer was lost has no effect: the next one has a higher number.
    work: async () => {
      const caps = visits === "one" ? capsOfOneVisit(config.caps) : config.caps;
      const { assuranceClass = caps.assuranceClass } = options;
      const limits = allowanceRequest({ ...config, caps }, Math.floor(environment.now() / 1_000), assuranceClass);
      const request = { ...limits, reason: actionReason(options, "its first allowance") };
      const answers: AllowanceResponse[] = [];
      await untilFinal(options, async () => {
        const answer = await settlement.issueAllowance(String(card), request);
        if (isRefused(answer)) {
          await assertCanCome(options, { card: String(card), request });
          return { is: false, waitsFor: answer.detail || null };
        }
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

/**
 * The first deposit is final: what the vault does not hold for the card now, no wait brings. Throws Failure
 * FUNDING_REFUSED.
 */
async function assertCanCome(
  { settlement, config: { asset } }: AllowanceOptions,
  { card, request }: { readonly card: string; readonly request: AskedLimits },
): Promise<void> {
  const { bound } = await settlement.card(card);
  if (bound === undefined) return;
  const wanted = request.maxSpent === undefined ? 1n : parseAmount(request.maxSpent, asset);
  if (parseAmount(bound, asset) >= wanted) return;
  throw new Failure("FUNDING_REFUSED", undefined, {
    message: `The vault holds ${bound} that this card may spend, which is less than it is to be allowed.`,
    next: "Deposit the rest, or see whether its owner withdraws; then run the same command again.",
  });
}

/** The card's limits, and nothing to spend until its real allowance travels to it (spec §4.8). */
function capsOfOneVisit({ softSpent: _soft, ...caps }: Config["caps"]): Config["caps"] {
  return { ...caps, maxSpent: "0" };
}

/**
 * Refuses limits that do not travel: settlement gives a first allowance of 0 all that the card holds
 * (spec §6.10). Throws Failure USAGE.
 */
export function assertTravels({ caps }: Pick<Config, "caps">): void {
  const [named] = travelFaults(caps);
  if (named !== undefined) throw new Failure("USAGE", `${named} takes a second visit: say --visits two.`);
}

/** Names of limits that a card made in one visit cannot have. */
export function travelFaults({ maxSpent, softSpent }: Pick<Config["caps"], "maxSpent" | "softSpent">): string[] {
  return [...(maxSpent === undefined ? [] : ["maxSpent"]), ...(softSpent === undefined ? [] : ["softSpent"])];
}

/** How many visits the allowance that was signed for a card was made for; null before it was. */
export function visitsOfAllowance(steps: StepRunner): Visits | null {
  if (!steps.isDone("allowance")) return null;
  return decodeAllowanceBody(fromHex(String(steps.dataOf("allowance")["body"]))).maxSpent === 0n ? "one" : "two";
}

function allowanceRequest(
  { caps, asset, cardIssuerKey }: Config,
  nowSeconds: number,
  assuranceClass: number = caps.assuranceClass,
): AskedLimits {
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
    issuerKeyId: cardIssuerKey.id,
  };
}

/** The signature by a pinned key for this very card, and every cap as it was asked for. */
function checkAllowance(
  { issuerKeys, domain, asset, cardIssuerKey }: Config,
  { signed, request, cardKey }: { signed: AllowanceResponse; request: AskedLimits; cardKey: Uint8Array },
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
function differenceOf(body: AllowanceBody, request: AskedLimits, asset: Config["asset"]): string | null {
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
 * Limits that are not those of the allowance which was signed for the card: while the card has not
 * seen that, another is asked for; afterwards nothing here would write them. Throws Failure
 * LIMITS_DIFFER.
 */
export function assertLimits(steps: StepRunner, config: Config): void {
  if (!steps.isDone("allowance")) return;
  const body = decodeAllowanceBody(fromHex(String(steps.dataOf("allowance")["body"])));
  const { notBefore, notAfter } = body;
  const { asset } = config;
  const caps =
    body.maxSpent === 0n && travelFaults(config.caps).length === 0 ? capsOfOneVisit(config.caps) : config.caps;
  const differing = differenceOf(body, { ...allowanceRequest({ ...config, caps }, 0), notBefore, notAfter }, asset);
  if (differing === null) return;
  // The card has not seen it: settlement signs the right one, whose number is higher.
  if (!steps.isBegun("write-allowance")) return steps.forget("allowance");
  throw new Failure("LIMITS_DIFFER", `Look at: ${differing}.`);
}
