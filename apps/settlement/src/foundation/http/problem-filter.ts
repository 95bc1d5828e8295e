import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from "@nestjs/common";
import { ProtocolError } from "@tallystick/protocol";
import { Problem, problemBody, type ProblemBody, type ProblemCode } from "./problem.ts";

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** The framework's own refusals, by status. */
const frameworkCodes: Readonly<Record<number, ProblemCode>> = {
  400: "MALFORMED_BODY",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  413: "BODY_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA",
  429: "LIMIT_REACHED",
};

/** Connection faults of pg and PostgreSQL's class 57 (shutting down), 53 (resources) and 08 (connection). */
const databaseDown = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|57P0[123]|53\d{3}|08\w{3})$/;

/** What an error of a higher storey means to a caller, and what the log says of it; null where it is another one's. */
export type ProblemMapping = (
  error: unknown,
) => { readonly code: ProblemCode; readonly detail: string; readonly log: string } | null;

/** Turns whatever was thrown into application/problem+json. Unknown faults are logged whole and answered without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);
  private readonly mappings: readonly ProblemMapping[];

  /** The application registers what errors of higher storeys mean. */
  constructor(mappings: readonly ProblemMapping[]) {
    this.mappings = mappings;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const body = this.describe(error);
    const reply = host.switchToHttp().getResponse<Reply>();
    reply
      .status(body.status)
      .header("content-type", "application/problem+json; charset=utf-8")
      .send(JSON.stringify(body));
  }

  describe(error: unknown): ProblemBody {
    if (error instanceof Problem) return problemBody(error.code, error.message);
    if (error instanceof ProtocolError) return problemBody("MALFORMED_BODY", `${error.code}: ${error.message}`);
    for (const mapping of this.mappings) {
      const known = mapping(error);
      if (known === null) continue;
      this.log.warn(known.log);
      return problemBody(known.code, known.detail);
    }
    if (error instanceof HttpException) return this.describeStatus(error.getStatus(), error.message);
    const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
    if (typeof statusCode === "number" && statusCode < 500) {
      return this.describeStatus(statusCode, error instanceof Error ? error.message : "The request was refused.");
    }
    if (typeof code === "string" && databaseDown.test(code)) {
      this.log.error(`The database does not answer: ${code}`);
      return problemBody("DATABASE_UNAVAILABLE", "Ask again; repeating a request is always safe.");
    }
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return problemBody(
      "INTERNAL",
      "Ask again; repeating a request is always safe. The log of the service names the fault.",
    );
  }

  private describeStatus(status: number, detail: string): ProblemBody {
    const code = frameworkCodes[status] ?? (status < 500 ? "MALFORMED_BODY" : "INTERNAL");
    return problemBody(code, detail);
  }
}
