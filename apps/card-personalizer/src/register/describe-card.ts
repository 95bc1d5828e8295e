import { formatAmount, formatTotal, parseAmount, type Asset } from "@tallystick/money";
import type { AllowanceBody } from "@tallystick/protocol";
import type { CardAnswer } from "../settlement/settlement-client.ts";

/** What is known of a card, for a person: a sentence a line. */
export function describeCard(
  card: CardAnswer,
  {
    allowance,
    asset,
    nowSeconds,
  }: { readonly allowance: AllowanceBody | null; readonly asset: Asset; readonly nowSeconds: number },
): readonly string[] {
  return [
    `${card.reference ?? "A card without a reference"} is card ${card.card}, owned by ${card.owner ?? "nobody known"}.`,
    placeOf(card),
    statusOf(card),
    ...(allowance === null
      ? ["No allowance was signed for it: it can pay nobody."]
      : allowanceOf(card, allowance, { asset, nowSeconds })),
    ...(allowance === null ? [] : shownOf(card, allowance, asset)),
    ...keysOf(card),
    ...onItsWay(card, asset),
    ...placesOf(card),
  ];
}

function placeOf({ state, balanceFinal = "0.00", paidFinal = "0.00" }: CardAnswer): string {
  if (state === "open")
    return `It is open in the vault, which holds ${balanceFinal} for it; ${paidFinal} was paid out of it.`;
  return state === "opening"
    ? "Its opening is on its way to the chain."
    : "It is registered, and its opening was not sent yet.";
}

const grounds: Readonly<Record<string, string>> = {
  ISSUER: "the issuer suspended it",
  FUNDING_RULE: "an allowance of it is above what the vault holds for it",
  PENDING_VOID: "a payment is being voided that nobody has shown",
};

function statusOf({ status, flagged, suspendedFor = [] }: CardAnswer): string {
  if (flagged === true) return "Terminals refuse it for good: it signed two payments of one number.";
  if (status === "valid") return "Terminals take it.";
  if (status !== "suspended") return `Terminals refuse it: it is ${String(status)}.`;
  const why = suspendedFor.map((ground) => grounds[ground] ?? ground).join(", and ");
  return `Terminals refuse it: it is suspended, because ${why === "" ? "the register says so" : why}.`;
}

function allowanceOf(
  { paidFinal = "0.00", bound }: CardAnswer,
  { seq, maxSpent, perTap, pinAbove, notAfter, notBefore }: AllowanceBody,
  { asset, nowSeconds }: { readonly asset: Asset; readonly nowSeconds: number },
): readonly string[] {
  const text = (units: bigint): string => formatTotal(units, asset);
  const left = maxSpent - parseAmount(paidFinal, asset);
  const day = new Date(notAfter * 1_000).toISOString().slice(0, 10);
  const pin = pinAbove < perTap ? `; above ${text(pinAbove)} it asks for the PIN` : "";
  return [
    `With its newest allowance, number ${seq}, it can spend at most ${text(left < 0n ? 0n : left)} more; less what nobody has uploaded yet.`,
    `One payment is at most ${text(perTap)}${pin}.`,
    nowSeconds > notAfter
      ? `The allowance ended on ${day}: terminals refuse it.`
      : nowSeconds < notBefore
        ? "The allowance is not valid yet."
        : `The allowance is valid until ${day}.`,
    ...(bound !== undefined && parseAmount(bound, asset) > maxSpent
      ? [`A newer allowance could let it spend ${text(parseAmount(bound, asset) - maxSpent)} more.`]
      : []),
  ];
}

/** What the card has of its newest allowance, and what it can spend until it gets that. */
function shownOf(
  { allowanceShown, status, paidFinal = "0.00" }: CardAnswer,
  { seq }: AllowanceBody,
  asset: Asset,
): readonly string[] {
  if (allowanceShown === undefined) return [];
  if (allowanceShown === null) return ["It has shown no allowance to anybody yet."];
  const shown = allowanceShown.seq;
  if (shown >= seq) return [`It has shown that it holds number ${shown}.`];
  const waits = ["lost", "revoked"].includes(String(status))
    ? []
    : [`Number ${seq} waits for it at terminals that were online since: the next tap there writes it to the card.`];
  const most = allowanceShown.maxSpent;
  if (most === null) return [`The newest that it has shown is number ${shown}.`, ...waits];
  const left = parseAmount(most, asset) - parseAmount(paidFinal, asset);
  const text = formatTotal(left < 0n ? 0n : left, asset);
  return [`The newest that it has shown is number ${shown}: with that it can spend at most ${text} more.`, ...waits];
}

function keysOf({ masterKey, issuerKeyId }: CardAnswer): readonly string[] {
  return [
    ...(masterKey == null ? [] : [`Its keys are of master key ${masterKey}.`]),
    ...(issuerKeyId == null ? [] : [`Its newest allowance is by issuer key ${issuerKeyId}.`]),
  ];
}

function onItsWay({ pendingWithdrawal, missing, depositsWaiting }: CardAnswer, asset: Asset): readonly string[] {
  const none = formatAmount(0n, asset);
  return [
    ...(depositsWaiting === undefined || depositsWaiting.count === 0
      ? []
      : [`Deposits on their way to it: ${depositsWaiting.count}, ${depositsWaiting.amount} in all.`]),
    ...(pendingWithdrawal === undefined || pendingWithdrawal === none
      ? []
      : [`Its owner withdraws ${pendingWithdrawal}.`]),
    ...(missing === undefined || missing.count === 0
      ? []
      : [`${missing.count} payments of it were not uploaded yet; ${missing.worth} of that is proved.`]),
  ];
}

function placesOf({ replacedBy, replaces }: CardAnswer): readonly string[] {
  return [
    ...(typeof replacedBy === "string" ? [`Card ${replacedBy} has taken its place.`] : []),
    ...(typeof replaces === "string" ? [`It has taken the place of card ${replaces}.`] : []),
  ];
}
