import {
  type AllowanceBody,
  NO_COUNT_LIMIT,
  type ReasonCode,
  type SelectAnswer,
  verifyAllowance,
} from "@tallystick/protocol";
import type { DomainPolicy } from "../../config/policies.ts";
import { decide } from "../decision.ts";
import type { TapEngineParts } from "../sale.ts";
import type { TapCode } from "../tap-result.ts";

/** What SELECT says of one currency on a card; amounts in units. */
export interface CardBalance {
  readonly policy: DomainPolicy;
  readonly instance: number;
  readonly select: SelectAnswer;
  /** What can still be spent; the sums of a card whose allowance no known issuer signed are nobody's word. */
  readonly left: bigint | null;
  /** The most that it can pay here at once. */
  readonly payable: bigint | null;
  /** What it pays without a PIN until one is asked for: units, and payments; null where no count limits them. */
  readonly withoutPin: { readonly units: bigint; readonly payments: number | null } | null;
  /** Payments until its counter is at the allowance's end. */
  readonly paymentsLeft: number | null;
  /** Why it would not pay here now; null where nothing is known against it. */
  readonly code: TapCode | null;
}

type BalanceParts = Pick<
  TapEngineParts,
  "clock" | "lists" | "chainWatch" | "journal" | "policies" | "signatures" | "work"
>;

/** Reads what SELECT showed, with what this terminal knows of the card (spec §5.15). Nothing is asked of anybody. */
export function balanceOf(
  parts: BalanceParts,
  shown: { readonly policy: DomainPolicy; readonly instance: number; readonly select: SelectAnswer },
): CardBalance {
  const { policy, select } = shown;
  const { allowanceBody: body, spent, counter } = select;
  const fault = signatureFault(parts, policy, select);
  const unsigned = { left: null, payable: null, withoutPin: null, paymentsLeft: null };
  if (fault !== null) return { ...shown, ...unsigned, code: fault };
  const left = atLeastNothing(body.maxSpent - spent);
  const most = policy.policy === null ? body.perTap : lower(body.perTap, policy.policy.perTap);
  return {
    ...shown,
    left,
    payable: lower(left, most),
    withoutPin: withoutPin(body, select),
    paymentsLeft: Math.max(0, body.maxCounter - counter),
    code: against(parts, policy, select) ?? ownCap(select, left),
  };
}

/** What stands against the card before its caps: as for a payment of one unit (spec §5.4, 1 to 7). */
function against(parts: BalanceParts, policy: DomainPolicy, select: SelectAnswer): TapCode | null {
  const decision = decide(parts, policy, select, { amount: 1n, now: parts.clock.now(), again: null });
  return decision.ok ? null : decision.reason;
}

/** What the card itself would refuse with, whatever the amount. */
function ownCap({ allowanceBody, counter }: SelectAnswer, left: bigint): ReasonCode | null {
  if (left === 0n) return "CARD_SPENDING_CAP";
  return counter >= allowanceBody.maxCounter ? "CARD_COUNTER_CAP" : null;
}

function signatureFault(
  { policies, signatures }: BalanceParts,
  { served: { domain } }: DomainPolicy,
  { cardKey, allowanceBody: body, allowanceSignature: signature }: SelectAnswer,
): ReasonCode | null {
  const allowance = verifyAllowance({ domain, cardKey, body, signature }, policies.issuerKeys, signatures);
  return allowance.ok ? null : allowance.reason;
}

/** Null where a PIN is asked for at each payment. */
function withoutPin(body: AllowanceBody, { noPinUsed, noPinTaps }: SelectAnswer): CardBalance["withoutPin"] {
  const units = lower(body.pinAbove, atLeastNothing(body.noPinSum - noPinUsed));
  const payments = body.noPinCount === NO_COUNT_LIMIT ? null : Math.max(0, body.noPinCount - noPinTaps);
  return units === 0n || payments === 0 ? null : { units, payments };
}

function atLeastNothing(units: bigint): bigint {
  return units > 0n ? units : 0n;
}

function lower(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
