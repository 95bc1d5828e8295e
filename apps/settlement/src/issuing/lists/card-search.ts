import { cardStatuses } from "@tallystick/protocol";
import { sql } from "kysely";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CARD_STATUS_NAMES } from "../allowances/card-answers.ts";

/** Which cards are looked for; null where it does not matter. */
export interface CardSearch {
  readonly reference: string | null;
  /** As the status list has it. */
  readonly status: number | null;
  /** In lower case; somewhere in the reference or in the address. */
  readonly part: string | null;
  /** Check value of the master key that the cards' keys are of. */
  readonly masterKey: string | null;
}

/** What a query looks for. Throws Problem MALFORMED_BODY for what it cannot mean. */
export function cardSearch(query: Readonly<Record<string, unknown>>): CardSearch {
  const state = textOf("state", query["state"]);
  const status = state === null ? null : CARD_STATUS_NAMES.findIndex((name) => name === state);
  if (status === -1) throw new Problem("MALFORMED_BODY", `state: one of ${CARD_STATUS_NAMES.join(", ")}.`);
  const part = textOf("q", query["q"]);
  const masterKey = textOf("masterKey", query["masterKey"]);
  return { reference: textOf("reference", query["reference"]), status, part: part?.toLowerCase() ?? null, masterKey };
}

/** `effectiveStatus` in the database: the strictest of what holds (spec §3.5). */
export const statusInList = sql<number>`case
  when status = ${cardStatuses.revoked} or flagged then ${sql.lit(cardStatuses.revoked)}
  when status = ${cardStatuses.lost} then ${sql.lit(cardStatuses.lost)}
  when status = ${cardStatuses.suspended} or rule_suspended or void_suspended then ${sql.lit(cardStatuses.suspended)}
  else ${sql.lit(cardStatuses.valid)} end`;

/** Whether a reference or an address has this in it, in any case of letters. */
export function hasPart(part: string) {
  return sql<boolean>`(strpos(lower(reference), ${part}) > 0 or strpos('0x' || encode(card, 'hex'), ${part}) > 0)`;
}

function textOf(name: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === "string" && value !== "" && value.length <= LIMITS.searchCharacters && !value.includes("\0"))
    return value;
  throw new Problem("MALFORMED_BODY", `${name}: write it once, with 1 to ${LIMITS.searchCharacters} characters.`);
}
