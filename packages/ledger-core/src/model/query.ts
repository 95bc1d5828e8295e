import { LedgerError } from "./errors.ts";
import { MAX_PAGE_ROWS } from "./limits.ts";

/** Refuses a page size that is no whole number from 1 to MAX_PAGE_ROWS: LedgerError BAD_PAGE. */
export function assertPageSize(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
    throw new LedgerError("BAD_PAGE", `Ask for 1 to ${MAX_PAGE_ROWS} rows; it was ${limit}.`);
  }
}

/** Refuses a version that is no whole number from 0 on: LedgerError BAD_PAGE. */
export function assertVersion(version: number): void {
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new LedgerError("BAD_PAGE", `A version is a whole number from 0 on; it was ${version}.`);
  }
}
