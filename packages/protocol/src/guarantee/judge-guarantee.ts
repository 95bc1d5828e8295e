import { CLOCK_SKEW_SECONDS } from "../bytes/limits.ts";
import type { ExcessCode } from "../terminal/voucher-verdict.ts";
import type { GuaranteeCase } from "./guarantee-case.ts";

/** Why the issuer does not bear a voucher that the vault cannot pay. */
export type NotGuaranteedGround =
  | "NOTHING_BORNE"
  | "NOT_PROMISED"
  | "REVERSED"
  | "COUNTER_TWICE"
  | "AFTER_REVOCATION"
  | "LATE"
  | "CARD_SUM"
  | "MAX_SPENT_SUM"
  | "SOFTWARE_SUM";

/** Why a person decides when the issuer pays what it owes. */
export type WithheldGround = "CERTIFICATE_WITHDRAWN" | "PER_CARD" | "PER_PAYEE_PER_DAY";

/** One condition of the guarantee: what stands against a voucher where it does not hold. */
export interface GuaranteeRule<Ground extends string> {
  readonly ground: Ground;
  readonly standsAgainst: (voucher: GuaranteeCase) => boolean;
}

/** The conditions of the guarantee in the order in which they are asked (spec §6.12). */
export interface GuaranteeRules {
  readonly notGuaranteed: readonly GuaranteeRule<NotGuaranteedGround>[];
  readonly withheld: readonly GuaranteeRule<WithheldGround>[];
}

/** What the issuer does about a voucher that the vault can never pay. */
export type GuaranteeVerdict =
  | { readonly state: "guaranteed" }
  | { readonly state: "withheld"; readonly ground: WithheldGround }
  | {
      readonly state: "notGuaranteed";
      readonly ground: NotGuaranteedGround;
      /** The judge's codes where the ground is NOT_PROMISED. */
      readonly codes: readonly ExcessCode[];
    };

/** The rules of spec §6.12. Bounds are inclusive. */
export const guaranteeRules: GuaranteeRules = Object.freeze({
  notGuaranteed: Object.freeze<GuaranteeRule<NotGuaranteedGround>[]>([
    { ground: "NOTHING_BORNE", standsAgainst: ({ issuer }) => !issuer.bears },
    { ground: "NOT_PROMISED", standsAgainst: (voucher) => !isPromisedButForArrival(voucher) },
    { ground: "REVERSED", standsAgainst: ({ reversed }) => reversed },
    {
      ground: "COUNTER_TWICE",
      standsAgainst: ({ rivals }) => rivals.some(({ reversed, borne }) => borne || !reversed),
    },
    {
      ground: "AFTER_REVOCATION",
      standsAgainst: ({ time, revokedAt, listAgeSeconds }) =>
        revokedAt !== null && time > revokedAt + listAgeSeconds + CLOCK_SKEW_SECONDS,
    },
    {
      ground: "LATE",
      standsAgainst: ({ time, arrival }) => arrival.at > time + arrival.uploadWindowSeconds + CLOCK_SKEW_SECONDS,
    },
    {
      ground: "CARD_SUM",
      standsAgainst: ({ amount, before, certificate }) => before.cardAtTerminal + amount > certificate.perCardSum,
    },
    {
      ground: "MAX_SPENT_SUM",
      standsAgainst: ({ amount, before, largestMaxSpent }) => before.cardAtTerminal + amount > largestMaxSpent,
    },
    {
      ground: "SOFTWARE_SUM",
      standsAgainst: ({ amount, assuranceClass, before, certificate }) =>
        assuranceClass === 2 && before.softwareAtTerminal + amount > certificate.softwareSum,
    },
  ]),
  withheld: Object.freeze<GuaranteeRule<WithheldGround>[]>([
    {
      // A later time than the withdrawal is the judge's: CERTIFICATE_WITHDRAWN.
      ground: "CERTIFICATE_WITHDRAWN",
      standsAgainst: ({ arrival, certificate: { withdrawnAt } }) => withdrawnAt !== null && arrival.at > withdrawnAt,
    },
    { ground: "PER_CARD", standsAgainst: ({ amount, before, issuer }) => before.card + amount > issuer.perCard },
    {
      ground: "PER_PAYEE_PER_DAY",
      standsAgainst: ({ amount, before, issuer }) => before.payeeToday + amount > issuer.perPayeePerDay,
    },
  ]),
});

/**
 * Decides about a voucher that the vault can never pay (spec §6.1, see neverPaid): the issuer pays
 * it, owes it until a person decides, or does not bear it. It is asked when the voucher is to be
 * paid, not when it comes. Pure.
 */
export function judgeGuarantee(voucher: GuaranteeCase, rules: GuaranteeRules = guaranteeRules): GuaranteeVerdict {
  const against = rules.notGuaranteed.find(({ standsAgainst }) => standsAgainst(voucher));
  if (against !== undefined) {
    const codes = voucher.verdict.worth === "authentic" ? voucher.verdict.codes : [];
    return { state: "notGuaranteed", ground: against.ground, codes: against.ground === "NOT_PROMISED" ? codes : [] };
  }
  const held = rules.withheld.find(({ standsAgainst }) => standsAgainst(voucher));
  return held === undefined ? { state: "guaranteed" } : { state: "withheld", ground: held.ground };
}

/** LATE has a rule of its own, by the earliest proof of arrival. */
function isPromisedButForArrival({ verdict }: GuaranteeCase): boolean {
  if (verdict.worth === "nothing") return false;
  return verdict.worth === "promised" || verdict.codes.every((code) => code === "LATE");
}
