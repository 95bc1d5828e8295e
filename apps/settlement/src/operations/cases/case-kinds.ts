/**
 * Why a person has to look into something (spec §6.16).
 *
 * - `FORK`: a card signed two messages with one counter.
 * - `EXCESS`: a card signed more than its issuer ever allowed it.
 * - `CONTRADICTION`: a card's messages contradict each other.
 * - `WITHHELD`: the issuer owes a voucher, and a person decides when it is paid.
 * - `RECONCILIATION`: chain and books differ, the vault is insolvent, something was paid twice, or
 *   the chain changed what was final.
 * - `UPLOAD_GAP`: a terminal's chain of uploads is broken.
 * - `POISONED_UPLOAD`: a terminal set an upload aside that could not be delivered.
 * - `REST_HELD`: the rest of a replaced card was refused, or its card cannot get it.
 */
export const CASE_KINDS = [
  "FORK",
  "EXCESS",
  "CONTRADICTION",
  "WITHHELD",
  "RECONCILIATION",
  "UPLOAD_GAP",
  "POISONED_UPLOAD",
  "REST_HELD",
] as const;

export type CaseKind = (typeof CASE_KINDS)[number];

/** Kinds that readiness tells of by `CASES_OPEN`; of the others it has reasons and warnings of their own. */
export const ALARMED_CASE_KINDS = [
  "FORK",
  "EXCESS",
  "CONTRADICTION",
  "UPLOAD_GAP",
  "POISONED_UPLOAD",
  "REST_HELD",
] as const satisfies readonly CaseKind[];

/** What each kind is called where people read it, and what they can do about it. */
export const caseTexts: Readonly<Record<CaseKind, { readonly title: string; readonly next: string }>> = {
  FORK: {
    title: "A card signed two messages with one counter",
    next: "The card is revoked. See who has it, and whether the issuer's payment to the second payee is done.",
  },
  EXCESS: {
    title: "A card signed more than it was allowed",
    next: "The card is revoked. Find out how it was opened, and what its other vouchers are worth.",
  },
  CONTRADICTION: {
    title: "A card's messages contradict each other",
    next: "The card is revoked. Compare the messages, and ask its cardholder for it.",
  },
  WITHHELD: {
    title: "A payment is withheld",
    next: "Pay it, or refuse it with a second person.",
  },
  RECONCILIATION: {
    title: "Chain and books do not agree",
    next: "Compare the two columns of the books, and find the movement that one of them lacks.",
  },
  UPLOAD_GAP: {
    title: "A terminal's chain of uploads is broken",
    next: "Ask the merchant for the terminal's journal: it may have been restored from an old copy, or an upload is missing.",
  },
  POISONED_UPLOAD: {
    title: "A terminal set an upload aside",
    next: "Ask the merchant for the upload's file, which the terminal keeps, and bring it by hand.",
  },
  REST_HELD: {
    title: "The rest of a replaced card is held",
    next: "Ask for it again on the card's page (POST /v1/cards/:card/replacement/rest): another person approves it. One whose card is revoked needs a card in that one's place first. Or resolve the case, and say why it is not given.",
  },
};
