import {
  type CachedState,
  decideTap,
  encodePayRequest,
  type SelectAnswer,
  type TapDecision,
  toAddress,
} from "@tallystick/protocol";
import type { DomainPolicy } from "../config/policies.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import type { RequirementInput } from "./card-requirements.ts";

/** The decision of spec §5.4 with what this terminal knows now. */
export function decide(
  parts: Pick<TapEngineParts, "clock" | "lists" | "chainWatch" | "journal" | "verify">,
  policy: DomainPolicy,
  select: SelectAnswer,
  amount: bigint,
  now: number,
): TapDecision | { readonly ok: false; readonly reason: "CERTIFICATE_MISSING" } {
  const { clock, lists, chainWatch, journal, verify } = parts;
  if (policy.policy === null) return { ok: false, reason: "CERTIFICATE_MISSING" };
  const { domainBytes } = policy.served;
  const held = lists.trusted(domainBytes);
  const list = held === null ? null : chainWatch.judge(domainBytes, select, held);
  const state: CachedState = {
    clockConfirmed: clock.confirmation() !== null,
    clockFloor: clock.floor(),
    statusLists: list === null ? [] : [list],
    unsent: journal.vouchers.unsent(domainBytes),
  };
  return decideTap(policy.policy, state, select, amount, now, verify);
}

/** The 67 bytes of PAY for a sale and the card that showed this SELECT answer (spec §4.5). */
export function payRequestFor(
  { config, randomBytes }: Pick<TapEngineParts, "config" | "randomBytes">,
  sale: Sale,
  select: SelectAnswer,
  now: number,
): Uint8Array {
  return encodePayRequest({
    cardTag: select.cardTag,
    counter: select.counter + 1,
    payee: toAddress(config.payee),
    amount: sale.request.amount,
    time: now,
    challenge: randomBytes(16),
    terminalId: config.terminalId,
    category: config.category,
  });
}

/** What the card's requirements are met with before a PAY of this sale. */
export function requirementInput(
  { randomBytes }: Pick<TapEngineParts, "randomBytes">,
  sale: Sale,
  request: Uint8Array,
): RequirementInput {
  return { request, pin: sale.request.pin ?? null, randomBytes };
}
