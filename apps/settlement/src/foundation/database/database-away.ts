/** The database does not answer, or answers as one that cannot be written to. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";
  readonly code = "DATABASE_AWAY";
}

/**
 * Faults of connections, as Node names them; PostgreSQL's classes 08 (connection), 53 (resources)
 * and 57 (shutting down, cancelled by a time limit), sessions ended by their time limits (25P03,
 * 25P04), and 25006: a former primary that only reads.
 */
const awayCodes =
  /^(DATABASE_AWAY|ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOST(UNREACH|DOWN)|ENET(UNREACH|DOWN)|57P0[12345]|57014|25P0[34]|25006|53\d{3}|08\w{3})$/;

/** What node-postgres and its pool say of a connection without giving it a code. */
const awayTexts: ReadonlySet<string> = new Set([
  "Connection terminated",
  "Connection terminated unexpectedly",
  "Connection terminated due to connection timeout",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "timeout expired",
  "timeout exceeded when trying to connect",
  "Query read timeout",
]);

/**
 * How a database does not answer, whatever was asked: a code or a sentence for a log. Null for every
 * other error.
 */
export function databaseAwayReason(error: unknown): string | null {
  // By its form, not its class: errors of the network come from another realm where tests run.
  if (typeof error !== "object" || error === null || !("message" in error)) return null;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") return awayCodes.test(code) ? code : null;
  return typeof error.message === "string" && awayTexts.has(error.message) ? error.message : null;
}
