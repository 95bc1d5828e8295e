import { MAX_U32, NEW_NO_PIN_SUMS, type AllowanceBody } from "@tallystick/protocol";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { mayReset, type ResetView } from "../allowances/no-pin-resets.ts";

/** Why settlement issues an allowance by itself (spec §6.10). */
export const POLICY_GROUNDS = ["no-pin", "bound", "validity", "counter"] as const;

export type PolicyGround = (typeof POLICY_GROUNDS)[number];

/** What a programme says about allowances by policy. */
export interface PolicySettings {
  /** Units by which the bound must have risen; 1 is any rise. A card with nothing to spend gets any. */
  readonly step: bigint;
  /** Seconds between two allowances by policy of one card. */
  readonly everySeconds: number;
  /** Days between two starts of the no-PIN sums; null: never. */
  readonly noPinResetDays: number | null;
}

/** What is known of a card that holds an allowance; times in seconds. */
export interface PolicyView extends ResetView {
  readonly newest: AllowanceBody;
  /** The bound when the newest one was stored, units; null where nobody wrote it down. */
  readonly boundAtIssue: bigint | null;
  /** The bound of the funding rule now, units. */
  readonly bound: bigint;
  readonly ruleSuspended: boolean;
  readonly highestCounter: bigint;
  /** The highest maxCounter that may be signed now. */
  readonly counterBound: bigint;
  readonly firstStoredAt: number;
  /** When the last one by policy was stored. */
  readonly lastByPolicyAt: number | null;
  readonly lastReset: { readonly seq: bigint; readonly storedAt: number } | null;
  readonly now: number;
}

/** An allowance to issue; units. */
export interface PolicyTerms extends Omit<AllowanceBody, "issuerKeyId" | "seq" | "maxCounter" | "cardIndex"> {}

export type PolicyDecision =
  | { readonly kind: "none" }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "issue"; readonly ground: PolicyGround; readonly terms: PolicyTerms };

/**
 * Whether settlement issues the next allowance of a card now, and what it says (spec §6.10). The
 * caller has seen that the card may get one. Pure.
 */
export function decidePolicy(view: PolicyView, settings: PolicySettings): PolicyDecision {
  const ground = groundOf(view, settings);
  if (ground === null) return { kind: "none" };
  const until = view.lastByPolicyAt === null ? 0 : view.lastByPolicyAt + settings.everySeconds;
  return view.now < until ? { kind: "wait", until } : { kind: "issue", ground, terms: termsFor(view, ground) };
}

function groundOf(view: PolicyView, settings: PolicySettings): PolicyGround | null {
  const { newest } = view;
  if (newest.perTap === 0n) return null;
  const holds: Readonly<Record<PolicyGround, boolean>> = {
    "no-pin": resetIsDue(view, settings),
    bound: boundMoved(view, settings),
    validity: validityIsDue(view),
    counter: counterIsDue(view),
  };
  return POLICY_GROUNDS.find((ground) => holds[ground]) ?? null;
}

/** By time alone: nothing that anybody does to the card's money brings it nearer. */
function resetIsDue(view: PolicyView, { noPinResetDays }: PolicySettings): boolean {
  if (noPinResetDays === null || !mayReset(view)) return false;
  const since = view.lastReset?.storedAt ?? view.firstStoredAt;
  return view.now - since >= noPinResetDays * LIMITS.daySeconds;
}

function boundMoved(view: PolicyView, { step }: PolicySettings): boolean {
  const { maxSpent } = view.newest;
  if (view.ruleSuspended && view.bound < maxSpent) return true;
  const rise = maxSpentOf(view) - maxSpent;
  // The real allowance of a card that has nothing to spend yet waits for no step.
  return rise > 0n && (maxSpent === 0n || rise >= step);
}

function validityIsDue({ newest, now }: PolicyView): boolean {
  const { notBefore, notAfter } = newest;
  return notAfter - notBefore > LIMITS.renewalLeadSeconds && notAfter - now <= LIMITS.renewalLeadSeconds;
}

function counterIsDue({ newest, highestCounter, counterBound }: PolicyView): boolean {
  const left = BigInt(newest.maxCounter) - highestCounter;
  return left <= BigInt(LIMITS.renewalCounters) && counterBound > BigInt(newest.maxCounter);
}

function termsFor(view: PolicyView, ground: PolicyGround): PolicyTerms {
  const { newest, now } = view;
  const { issuerKeyId: _key, seq: _seq, maxCounter: _counter, cardIndex: _index, ...rest } = newest;
  const maxSpent = maxSpentOf(view);
  const soft = newest.softSpent + maxSpent - newest.maxSpent;
  const validity = validityIsDue(view) ? renewedValidity(newest, now) : {};
  const flags = (newest.flags & ~NEW_NO_PIN_SUMS) | (ground === "no-pin" ? NEW_NO_PIN_SUMS : 0);
  return { ...rest, ...validity, maxSpent, softSpent: soft < 0n ? 0n : soft, flags };
}

/** As long as it was; a day back, so that a terminal's clock that is behind takes it at once. */
function renewedValidity({ notBefore, notAfter }: AllowanceBody, now: number) {
  const from = Math.max(0, now - LIMITS.daySeconds);
  return { notBefore: from, notAfter: Math.min(MAX_U32, from + notAfter - notBefore) };
}

/**
 * What the next allowance lets a card spend, units: a person's distance to the bound is kept, and a
 * first allowance of 0 gets all of it. Never above the bound (spec §6.10).
 */
export function maxSpentOf({
  newest,
  bound,
  boundAtIssue,
}: Pick<PolicyView, "newest" | "bound" | "boundAtIssue">): bigint {
  const { maxSpent } = newest;
  if (maxSpent === 0n) return bound;
  const before = boundAtIssue ?? maxSpent;
  const wanted = bound > before ? maxSpent + bound - before : maxSpent;
  return wanted < bound ? wanted : bound;
}
