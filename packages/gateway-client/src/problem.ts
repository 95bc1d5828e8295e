/** Why a call brought no answer: the gateway's own code, or one of these two. */
export const NO_ANSWER = "NO_ANSWER";
/** Something answered that is no gateway: a proxy, or a page of somebody else. */
export const NOT_A_GATEWAY = "NOT_A_GATEWAY";

/** What is known of a call that failed. */
interface GatewayErrorParts {
  readonly code: string;
  readonly message: string;
  readonly status: number | null;
  readonly retryAfterSeconds?: number | null;
}

/**
 * A call that was refused or brought no answer. `code` is stable: the gateway's (`application/problem+json`),
 * NO_ANSWER where the line broke or the deadline passed, and it is open what the gateway did, or
 * NOT_A_GATEWAY.
 */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: string;
  /** HTTP status; null where nothing came. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;

  constructor({ code, message, status, retryAfterSeconds = null }: GatewayErrorParts) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether it is open what the gateway did: the call may have been carried out. */
export function isOpenOutcome(error: unknown): boolean {
  return !(error instanceof GatewayError) || error.code === NO_ANSWER || (error.status ?? 0) >= 500;
}
