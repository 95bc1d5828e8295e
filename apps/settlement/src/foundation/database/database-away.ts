/**
 * Connection faults of pg and PostgreSQL's class 57 (shutting down), 53 (resources) and 08
 * (connection).
 */
const awayCodes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|57P0[123]|53\d{3}|08\w{3})$/;

/** True for an error by which the database does not answer, whatever was asked. */
export function isDatabaseAway(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && awayCodes.test(error.code);
}
