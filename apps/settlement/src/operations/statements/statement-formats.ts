import { Problem } from "../../foundation/http/problem.ts";

/** The forms of a statement's file, with their media types. */
export const STATEMENT_FORMATS = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  pdf: "application/pdf",
} as const;

export type StatementFormat = keyof typeof STATEMENT_FORMATS;

/** The form that a query names. Throws Problem MALFORMED_BODY. */
export function statementFormat(text: unknown): StatementFormat {
  if (typeof text === "string" && Object.hasOwn(STATEMENT_FORMATS, text)) return text as StatementFormat;
  throw new Problem("MALFORMED_BODY", `format: one of ${Object.keys(STATEMENT_FORMATS).join(", ")}.`);
}
