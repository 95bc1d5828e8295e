import {
  assuranceClass,
  type CachedState,
  decideTap,
  encodePayRequest,
  equalBytes,
  type SelectAnswer,
  type TapDecision,
  toAddress,
} from "@tallystick/protocol";
import type { DomainPolicy } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { Sale, TapEngineParts } from "./sale.ts";
import type { RequirementInput } from "./card-requirements.ts";
import { isIntended, shownBefore } from "./tap-journal.ts";

/** What is asked of a card. */
interface Wish {
  readonly amount: bigint;
  readonly now: number;
  /** The open tap that is asked for again; null for a new one. */
  readonly again: string | null;
}

/**
 * Why no card is asked for a new payment: in no domain of it the terminal has a certificate, or one
 * that is not withdrawn (spec §5.17). Null where it has one.
 */
export function certificateFault(
  { journal, clock }: Pick<TapEngineParts, "journal" | "clock">,
  domains: readonly DomainPolicy[],
): "CERTIFICATE_MISSING" | "CERTIFICATE_WITHDRAWN" | null {
  const faults = domains.map(({ policy, served: { domainBytes } }) => {
    if (policy === null) return "CERTIFICATE_MISSING";
    const from = journal.certificates.withdrawnFrom(domainBytes);
    return from !== null && clock.now() >= from ? "CERTIFICATE_WITHDRAWN" : null;
  });
  if (faults.includes(null)) return null;
  return faults.includes("CERTIFICATE_WITHDRAWN") ? "CERTIFICATE_WITHDRAWN" : "CERTIFICATE_MISSING";
}

/** The decision of spec §5.4 with what this terminal knows now. */
export function decide(
  parts: Pick<TapEngineParts, "clock" | "lists" | "chainWatch" | "journal" | "signatures" | "work">,
  policy: DomainPolicy,
  select: SelectAnswer,
  wish: Wish,
): TapDecision | { readonly ok: false; readonly reason: "CERTIFICATE_MISSING" } {
  const { clock, journal, signatures } = parts;
  if (policy.policy === null) return { ok: false, reason: "CERTIFICATE_MISSING" };
  const { domainBytes } = policy.served;
  const judged = clock.of(domainBytes);
  const state: CachedState = {
    clockConfirmed: judged.confirmation() !== null,
    clockFloor: judged.floor(),
    clockAheadSeconds: judged.aheadSeconds(),
    unsent: unsentWithLanes(parts, domainBytes, wish.again),
    open: openSums(journal, domainBytes, select, wish.again),
    withdrawnFrom: journal.certificates.withdrawnFrom(domainBytes),
    ...knowledgeOf(parts, domainBytes, select),
  };
  return decideTap(policy.policy, state, select, wish.amount, wish.now, signatures);
}

/** What this terminal knows of a card besides what it shows (spec §5.4, 4). */
export function knowledgeOf(
  { lists, chainWatch, journal }: Pick<TapEngineParts, "lists" | "chainWatch" | "journal">,
  domainBytes: Uint8Array,
  select: SelectAnswer,
): Pick<CachedState, "statusLists" | "convicted"> {
  const held = lists.trusted(domainBytes);
  const list = held === null ? null : chainWatch.judge(domainBytes, select, held);
  const { cardKey } = select;
  return {
    statusLists: list === null ? [] : [list],
    convicted: journal.vouchers.convicts(domainBytes, cardKey) || journal.taps.convicts(domainBytes, cardKey),
  };
}

/** What is unsent, and what other lanes' cards may be signing now (spec §5.13). */
function unsentWithLanes(
  { journal, work }: Pick<TapEngineParts, "journal" | "work">,
  domainBytes: Uint8Array,
  again: string | null,
): CachedState["unsent"] {
  const { sum, count, oldestTime } = journal.vouchers.unsent(domainBytes);
  const asked = [...work.taps]
    .filter((id) => id !== again)
    .map((id) => journal.taps.byId(id))
    .filter((tap) => tap !== null && isAsked(tap) && equalBytes(tap.domainBytes, domainBytes));
  const askedSum = asked.reduce((total, tap) => total + (tap?.amount ?? 0n), 0n);
  return { sum: sum + askedSum, count: count + asked.length, oldestTime };
}

/** What came of any other tap is with the vouchers already. */
function isAsked({ state }: TapRecord): boolean {
  return state === "intent" || state === "unresolved";
}

/**
 * Vouchers and unresolved taps that count, the tap that is asked for again left out (spec §5.4, 5
 * and 7).
 */
function openSums(
  { taps, vouchers }: Pick<Journal, "taps" | "vouchers">,
  domainBytes: Uint8Array,
  select: SelectAnswer,
  again: string | null,
): CachedState["open"] {
  const sumOf = (open: readonly TapRecord[]) =>
    open.reduce((sum, { id, amount }) => (id === again ? sum : sum + amount), 0n);
  const { cardKey } = select;
  const cardSum = vouchers.openSum(domainBytes, cardKey) + sumOf(taps.unresolvedOf(domainBytes, cardKey));
  if (assuranceClass(select.allowanceBody) !== 2) return { cardSum, softwareSum: 0n };
  const unresolved = taps.unresolved().filter((tap) => equalBytes(tap.domainBytes, domainBytes) && isOfSoftware(tap));
  return { cardSum, softwareSum: vouchers.openSoftwareSum(domainBytes) + sumOf(unresolved) };
}

function isOfSoftware(tap: TapRecord): boolean {
  return isIntended(tap) && assuranceClass(shownBefore(tap.intent).allowanceBody) === 2;
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
