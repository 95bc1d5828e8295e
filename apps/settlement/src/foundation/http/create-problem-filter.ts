import { KeystoreError } from "@tallystick/keystore";
import { ProblemFilter, problemRule, type ProblemRule } from "@tallystick/program/service";
import { ProtocolError } from "@tallystick/protocol";
import { databaseAwayReason } from "../database/database-away.ts";
import { LIMITS } from "../limits/limits.ts";
import { problems, type ProblemCode } from "./problem.ts";

/** A part that is away by what was seen of it last: what is wrong, what to do, and since when. */
export interface StandingFault {
  readonly message: string;
  readonly next: string;
  /** ISO 8601. */
  readonly since: string;
}

/** What is away just now, the first of the codes that is; null where all were well when looked at last. */
export type StandingFaults = (codes: readonly string[]) => StandingFault | null;

/**
 * How a request is answered whose part is away: since when, and who must do what before it is of
 * use to ask again. A fault that nobody has looked at yet began now.
 */
export function partAwayTexts(
  standing: StandingFault | null,
  otherwise: Omit<StandingFault, "since">,
): { readonly detail: string; readonly next: string } {
  const { message, next } = standing ?? otherwise;
  const since = standing === null ? "just now" : `${standing.since.slice(0, 16).replace("T", " ")} UTC`;
  return {
    detail: `${message} Seen since: ${since}.`,
    next: `Whoever runs this service: ${next.slice(0, 1).toLowerCase()}${next.slice(1)} Then ask again; repeating a request is always safe.`,
  };
}

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

const DATABASE_AWAY = { message: "PostgreSQL does not answer.", next: "Start PostgreSQL, or correct databaseUrl." };

const databaseRule =
  (standing: StandingFaults): ProblemRule<ProblemCode> =>
  (error) => {
    const reason = databaseAwayReason(error);
    if (reason === null) return null;
    const log = { level: "error", message: `The database does not answer: ${reason}` } as const;
    const texts = partAwayTexts(standing(["DATABASE_UNAVAILABLE", "DATABASE_READ_ONLY"]), DATABASE_AWAY);
    return { code: "DATABASE_UNAVAILABLE", ...texts, retryAfterSeconds: LIMITS.databaseRetrySeconds, log };
  };

/** A text with U+0000, plain or within JSON: PostgreSQL takes none, and nothing was written. */
const textRule: ProblemRule<ProblemCode> = (error) => {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  if (code !== "22021" && code !== "22P05") return null;
  return { code: "MALFORMED_BODY" as const, detail: "A text has the character U+0000: write it without." };
};

/** A key in an HSM that is away: what was stored is signed when it is back. */
const keysRule = problemRule(KeystoreError, ({ code, message }) => ({
  code: "KEYS_UNAVAILABLE" as const,
  detail: "A key of this service cannot be used just now.",
  next: `Whoever runs this service: see its log, which names the fault of the key. ${ASK_AGAIN}`,
  retryAfterSeconds: LIMITS.databaseRetrySeconds,
  log: { level: "error" as const, message: `A key cannot be used: ${code}: ${message}` },
}));

/**
 * The filter of the whole API; the application adds how errors of higher storeys are answered, and
 * what is known of parts that are away.
 */
export function createProblemFilter(
  rules: readonly ProblemRule<ProblemCode>[],
  standing: StandingFaults = () => null,
): ProblemFilter<ProblemCode> {
  return new ProblemFilter({
    table: problems,
    malformed: "MALFORMED_BODY",
    byStatus,
    unexpected: { code: "INTERNAL", detail: `${ASK_AGAIN} The log of the service names the fault.` },
    rules: [...rules, protocolRule, databaseRule(standing), textRule, keysRule],
  });
}
