import {
  decodeAllowanceBody,
  fromHex,
  pairFault,
  selfFault,
  type Address,
  type CardObservation,
  type Domain,
  type SignatureChecks,
  type VoucherMessage,
} from "@tallystick/protocol";
import type { Evidence } from "../../operations/cases/evidence-file.ts";
import { amountTexts } from "../amount-texts.ts";
import type { Finding } from "./finding.ts";

/** What an evidence file holds of a card, as far as the signatures are right. */
export interface SignedByCard {
  readonly card: Address;
  readonly cardKey: Uint8Array;
  readonly domain: Domain;
  /** By the issuer's keys that count. */
  readonly checks: SignatureChecks;
  readonly messages: readonly { readonly bytes: string; readonly message: VoucherMessage }[];
  /** Of the messages whose whole entry is there. */
  readonly observations: readonly CardObservation[];
  /** maxSpent of each entry's allowance; units. */
  readonly allowed: readonly bigint[];
}

/** The kinds that claim something of a card. */
const CARD_CLAIMS: ReadonlySet<string> = new Set(["FORK", "CONTRADICTION", "EXCESS"]);

/** What the kind of a case says beyond single signatures: a claim that the file does not prove does not hold. */
export function claimFindings(evidence: Evidence, signed: SignedByCard | null): readonly Finding[] {
  if (signed === null)
    return CARD_CLAIMS.has(evidence.case.kind) ? [{ holds: false, text: "The file names the card's key." }] : [];
  switch (evidence.case.kind) {
    case "FORK":
      return [forkFinding(signed)];
    case "CONTRADICTION":
      return [contradictionFinding(signed)];
    case "EXCESS":
      return [excessFinding(evidence, signed)];
    default:
      return [];
  }
}

function forkFinding({ messages }: SignedByCard): Finding {
  const counters = new Set(messages.map(({ message }) => message.counter));
  const different = new Set(messages.map(({ bytes }) => bytes));
  const [counter] = counters;
  return {
    holds: counters.size === 1 && different.size > 1,
    text: `The card signed ${different.size} different messages with counter ${counter ?? "?"}: a fork.`,
  };
}

/** A payment that contradicts itself, or two that contradict each other (spec §5.4). */
function contradictionFinding({ observations }: SignedByCard): Finding {
  const alone = observations.find((one) => selfFault(one) !== null);
  if (alone !== undefined)
    return {
      holds: true,
      text: `The card's message of counter ${alone.counter} contradicts itself: ${selfFault(alone)}.`,
    };
  for (const [index, one] of observations.entries()) {
    const other = observations.slice(index + 1).find((each) => pairFault(one, each) !== null);
    if (other === undefined) continue;
    const text = `The card's messages of counters ${one.counter} and ${other.counter} contradict each other: ${pairFault(one, other)}.`;
    return { holds: true, text };
  }
  const text = `A contradiction: none of the ${observations.length} whole entries contradicts itself or another one.`;
  return { holds: false, text };
}

/** One message a counter, its largest, together above the largest maxSpent (spec §6.1). */
function excessFinding({ allowance, asset }: Evidence, signed: SignedByCard): Finding {
  const largest = new Map<number, bigint>();
  for (const { message } of signed.messages) {
    const known = largest.get(message.counter) ?? 0n;
    if (message.amount > known) largest.set(message.counter, message.amount);
  }
  const sum = [...largest.values()].reduce((total, amount) => total + amount, 0n);
  const allowed = [...signed.allowed];
  if (allowance !== null) {
    const maxSpent = maxSpentOf(allowance, signed);
    if (maxSpent === null)
      return { holds: false, text: "The allowance with the largest maxSpent is signed by the issuer for this card." };
    allowed.push(maxSpent);
  }
  if (allowed.length === 0) return { holds: false, text: "An allowance of the issuer says what the card may spend." };
  const most = allowed.reduce((left, right) => (left > right ? left : right));
  const amount = amountTexts(asset);
  const text = `The card signed ${amount(sum)} by ${largest.size} counters, and was allowed ${amount(most)}: an excess.`;
  return { holds: sum > most, text };
}

function maxSpentOf(
  { body, signature }: NonNullable<Evidence["allowance"]>,
  { card, cardKey, domain, checks }: SignedByCard,
): bigint | null {
  const allowance = { domain, cardKey, body: decodeAllowanceBody(fromHex(body)), signature: fromHex(signature) };
  return checks.allowanceFault(card, allowance) === null ? allowance.body.maxSpent : null;
}
