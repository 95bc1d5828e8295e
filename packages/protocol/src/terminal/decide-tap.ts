import type { Address } from "../parties/address.ts";
import { type AssuranceClass, assuranceClass, categoryAllowed } from "../objects/allowance.ts";
import type { HeldStatusList } from "../status/beacon.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { cardStates } from "../objects/card-state.ts";
import { type Domain, sameDomain } from "../parties/domain.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { type Freshness, listIsFresh } from "./freshness.ts";
import type { IssuerKey } from "../parties/issuer-key.ts";
import { verifyAllowance } from "./verify-allowance.ts";
import { CLOCK_SKEW_SECONDS, MAX_U32, MAX_UNITS } from "../bytes/limits.ts";
import { cardTag } from "../parties/public-key.ts";
import type { ReasonCode } from "./reasons.ts";
import type { SelectAnswer } from "../card/select-answer.ts";
import { cardStatuses, statusAt } from "../status/status-list.ts";
import { protocolEngine, type SignatureEngine } from "./signature-checks.ts";

/**
 * What a terminal may take, from its configuration and its certificate (spec §5.4). All bounds are
 * inclusive.
 */
export interface TapPolicy {
  /** The domains served for this sale's currency. */
  readonly domains: readonly Domain[];
  /** Pinned keys of those domains' issuers. */
  readonly issuerKeys: readonly IssuerKey[];
  readonly freshness: Freshness;
  /** Merchant category, 0–63. */
  readonly category: number;
  /** Validity of the terminal's own certificate, seconds. */
  readonly certificate: { readonly notBefore: number; readonly notAfter: number };
  /** Assurance classes taken; class 2 also needs a softwareSum, class 3 is never taken. */
  readonly assuranceClasses: readonly AssuranceClass[];
  /** Units of open class-2 payments, this one included; 0 takes none. The certificate's. */
  readonly softwareSum: bigint;
  /** Units. */
  readonly perTap: bigint;
  /** Units that may be unsent, this payment included. */
  readonly unsentSum: bigint;
  /** Payments that may be unsent, this one included. */
  readonly unsentCount: number;
  /** Units of one card's open payments, this one included. The certificate's. */
  readonly perCardSum: bigint;
}

/** What the terminal holds in its memory at this tap. */
export interface CachedState {
  /** Whether the clock was confirmed since the start (spec §5.5). */
  readonly clockConfirmed: boolean;
  /** Seconds; the lowest time that can be true. */
  readonly clockFloor: number;
  /**
   * Seconds by which the terminal's clock is ahead of its live answer, negative when it is behind;
   * null without a live answer.
   */
  readonly clockAheadSeconds: number | null;
  /** Verified lists, at most one a domain. */
  readonly statusLists: readonly HeldStatusList[];
  readonly unsent: {
    readonly sum: bigint;
    readonly count: number;
    /** Seconds, time of the oldest unsent voucher; null when there is none. */
    readonly oldestTime: number | null;
  };
  /**
   * What is neither final, nor reported final, nor reversed, nor known not to have run (spec §5.4);
   * an unresolved tap counts.
   */
  readonly open: {
    /** Units of the card at hand. */
    readonly cardSum: bigint;
    /** Units of all class-2 cards, with those that were compensated. */
    readonly softwareSum: bigint;
  };
  /** Whether the terminal knows what convicts the card at hand (spec §5.4). */
  readonly convicted: boolean;
  /**
   * Seconds from which on the issuer has withdrawn the terminal's certificate, as settlement told it
   * (spec §5.17); null where it told nothing.
   */
  readonly withdrawnFrom: number | null;
}

/** What the terminal learns from a card that it may ask to pay. */
export interface TapApproval {
  readonly ok: true;
  readonly domain: Domain;
  /** Derived from the card's key. */
  readonly card: Address;
  readonly assuranceClass: AssuranceClass;
  /**
   * True when the card's total would pass its `softSpent`: the terminal should go online if it can.
   */
  readonly goOnline: boolean;
}

/** The decision before PAY: go on, or the first thing that does not hold. */
export type TapDecision = TapApproval | { readonly ok: false; readonly reason: ReasonCode };

/**
 * Decides from what card and terminal carry whether PAY may be sent (spec §5.4, 1 to 7, in that
 * order). Pure: the clock, the lists and the sums are arguments. The allowance's caps are not
 * judged here: the card refuses by them. The only check of the counter is the end of its range:
 * CARD_COUNTER_CAP, because PAY can hold no higher number. `amount` is units ≥ 1, `time` seconds;
 * other values are a fault of the caller and throw OUT_OF_RANGE.
 */
export function decideTap(
  policy: TapPolicy,
  state: CachedState,
  select: SelectAnswer,
  amount: bigint,
  time: number,
  engine: SignatureEngine = protocolEngine,
): TapDecision {
  checkArguments(amount, time);
  const domain = policy.domains.find((served) => equalBytes(cardTag(served, select.cardKey), select.cardTag));
  const identityFault = cardStateFault(select) ?? (domain === undefined ? "DOMAIN_NOT_SERVED" : null);
  if (identityFault !== null || domain === undefined) return refuse(identityFault ?? "DOMAIN_NOT_SERVED");

  const { cardKey, allowanceBody: body, allowanceSignature: signature } = select;
  const allowance = verifyAllowance({ domain, cardKey, body, signature }, policy.issuerKeys, engine);
  if (!allowance.ok) return refuse(allowance.reason);

  const fault =
    clockFault(policy, state, select, time) ??
    statusFault(policy, state, { domain, index: body.cardIndex, time }) ??
    assuranceFault(policy, state, assuranceClass(body), amount) ??
    (categoryAllowed(body, policy.category) ? null : "CATEGORY_NOT_ALLOWED") ??
    limitFault(policy, state, amount, time) ??
    // A card that shows the last number has none left, and PAY cannot ask for one above it (spec
    // §4.5, 3).
    (select.counter === MAX_U32 ? "CARD_COUNTER_CAP" : null);
  if (fault !== null) return refuse(fault);
  return {
    ok: true,
    domain,
    card: allowance.card,
    assuranceClass: assuranceClass(body),
    goOnline: select.spent + amount > body.softSpent,
  };
}

function refuse(reason: ReasonCode): TapDecision {
  return { ok: false, reason };
}

/** What stands against a card by its state alone (spec §5.4, 1). */
export function cardStateFault(select: SelectAnswer): ReasonCode | null {
  switch (select.state) {
    case cardStates.personalized:
      return null;
    case cardStates.suspended:
      return "CARD_SUSPENDED";
    case cardStates.terminated:
      return "CARD_TERMINATED";
    case cardStates.installed:
      return "CARD_NOT_PERSONALIZED";
  }
}

function clockFault(policy: TapPolicy, state: CachedState, select: SelectAnswer, time: number): ReasonCode | null {
  if (!state.clockConfirmed) return "CLOCK_UNCONFIRMED";
  if (time < state.clockFloor) return "CLOCK_BELOW_FLOOR";
  const ahead = state.clockAheadSeconds ?? 0;
  if (ahead > CLOCK_SKEW_SECONDS) return "CLOCK_AHEAD";
  if (ahead < -CLOCK_SKEW_SECONDS) return "CLOCK_BEHIND";
  if (state.withdrawnFrom !== null && time >= state.withdrawnFrom) return "CERTIFICATE_WITHDRAWN";
  if (time < policy.certificate.notBefore || time > policy.certificate.notAfter) return "CERTIFICATE_NOT_VALID";
  if (time < select.allowanceBody.notBefore) return "ALLOWANCE_NOT_YET_VALID";
  if (time > select.allowanceBody.notAfter) return "ALLOWANCE_EXPIRED";
  return null;
}

/** What stands against a card by its domain's list and by what the terminal knows (spec §5.4, 4). */
export function statusFault(
  policy: Pick<TapPolicy, "freshness">,
  state: Pick<CachedState, "statusLists" | "convicted">,
  card: { readonly domain: Domain; readonly index: number; readonly time: number },
): ReasonCode | null {
  const held = state.statusLists.find((candidate) => sameDomain(candidate.head.domain, card.domain));
  if (held === undefined) return "STATUS_LIST_MISSING";
  if (!listIsFresh({ asOf: held.asOf, time: card.time, freshness: policy.freshness })) return "STATUS_LIST_TOO_OLD";
  if (card.index >= held.head.cards) return "CARD_NOT_IN_LIST";
  switch (statusAt({ list: held.list, cards: held.head.cards, index: card.index })) {
    case cardStatuses.valid:
      return state.convicted ? "STATUS_REVOKED" : null;
    case cardStatuses.suspended:
      return "STATUS_SUSPENDED";
    case cardStatuses.revoked:
      return "STATUS_REVOKED";
    case cardStatuses.lost:
      return "STATUS_LOST";
  }
}

function assuranceFault(
  policy: TapPolicy,
  state: CachedState,
  assurance: AssuranceClass,
  amount: bigint,
): ReasonCode | null {
  if (assurance === 3 || !policy.assuranceClasses.includes(assurance)) return "ASSURANCE_CLASS_REFUSED";
  if (assurance === 2 && state.open.softwareSum + amount > policy.softwareSum) return "SOFTWARE_NOT_GUARANTEED";
  return null;
}

function limitFault(policy: TapPolicy, state: CachedState, amount: bigint, time: number): ReasonCode | null {
  const { unsent } = state;
  const { uploadWindowSeconds, unsentMarginSeconds } = policy.freshness;
  if (amount > policy.perTap) return "TERMINAL_PER_TAP";
  if (unsent.sum + amount > policy.unsentSum) return "TERMINAL_UNSENT_SUM";
  if (unsent.count + 1 > policy.unsentCount) return "TERMINAL_UNSENT_COUNT";
  if (unsent.oldestTime !== null && time - unsent.oldestTime >= uploadWindowSeconds - unsentMarginSeconds)
    return "TERMINAL_UNSENT_AGE";
  if (state.open.cardSum + amount > policy.perCardSum) return "TERMINAL_CARD_SUM";
  return null;
}

function checkArguments(amount: bigint, time: number): void {
  if (typeof amount !== "bigint" || amount < 1n || amount > MAX_UNITS) {
    throw new ProtocolError("OUT_OF_RANGE", {
      object: "decideTap",
      field: "amount",
      expected: `from 1 to ${MAX_UNITS}`,
      actual: String(amount),
    });
  }
  if (!Number.isInteger(time) || time < 0 || time > MAX_U32) {
    throw new ProtocolError("OUT_OF_RANGE", {
      object: "decideTap",
      field: "time",
      expected: `from 0 to ${MAX_U32}`,
      actual: String(time),
    });
  }
}
