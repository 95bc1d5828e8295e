import { KeystoreError } from "@tallystick/keystore";
import { ProblemFilter, problemRule, type ProblemRule } from "@tallystick/program/service";
import { ProtocolError } from "@tallystick/protocol";
import { databaseAwayReason } from "../database/database-away.ts";
import { LIMITS } from "../limits/limits.ts";
import { problems, type ProblemCode } from "./problem.ts";

/** The framework's own refusals, by status. */
const byStatus: Readonly<Record<number, ProblemCode>> = {
  400: "MALFORMED_BODY",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA",
  429: "LIMIT_REACHED",
};

const ASK_AGAIN = "Ask again; repeating a request is always safe.";

const protocolRule = problemRule(ProtocolError, ({ code, message }) => ({
  code: "MALFORMED_BODY" as const,
  detail: `${code}: ${message}`,
}));

const databaseRule: ProblemRule<ProblemCode> = (error) => {
  const reason = databaseAwayReason(error);
  if (reason === null) return null;
  const log = { level: "error", message: `The database does not answer: ${reason}` } as const;
  return { code: "DATABASE_UNAVAILABLE", detail: ASK_AGAIN, retryAfterSeconds: LIMITS.databaseRetrySeconds, log };
};

/** A key in an HSM that is away: what was stored is signed when it is back. */
const keysRule = problemRule(KeystoreError, ({ code, message }) => ({
  code: "KEYS_UNAVAILABLE" as const,
  detail: ASK_AGAIN,
  retryAfterSeconds: LIMITS.databaseRetrySeconds,
  log: { level: "error" as const, message: `A key cannot be used: ${code}: ${message}` },
}));

/** The filter of the whole API; the application adds how errors of higher storeys are answered. */
export function createProblemFilter(rules: readonly ProblemRule<ProblemCode>[]): ProblemFilter<ProblemCode> {
  return new ProblemFilter({
    table: problems,
    malformed: "MALFORMED_BODY",
    byStatus,
    unexpected: { code: "INTERNAL", detail: `${ASK_AGAIN} The log of the service names the fault.` },
    rules: [...rules, protocolRule, databaseRule, keysRule],
  });
}
